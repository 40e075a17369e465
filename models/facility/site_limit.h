#pragma once
// The most power that a site may take from the grid, and how it keeps to that.
#include <array>
#include <optional>
#include <vector>

#include "sim/fields.h"
#include "sim/time.h"

namespace jevons {

// Hours in which the grid asks for less.
struct DemandResponse {
  Span begin{}, lasts = std::chrono::hours{1};
  Power limit;
  std::optional<Span> every{};  // repeated with this period

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("begin"), begin, "from the start of the run");
    field("lasts", lasts, "for how long");
    field(required("limit"), limit, Range{0 * unit::W, 9 * unit::GW}, "power from the grid then");
    field("every", every, "repeated with this period, such as 1 day");
  }
};

enum class CapMode { clock, queue };
template <>
inline constexpr std::array enum_names<CapMode>{
    EnumName{CapMode::clock, "clock"},  // all GPUs get one power limit, and run slower
    EnumName{CapMode::queue, "queue"},  // jobs wait until there is power; clocks as a last resort
};

struct SiteLimit {
  std::optional<Power> cap{};
  CapMode mode = CapMode::clock;
  std::vector<DemandResponse> demand_response{};

  // The least of all that hold at this instant; nothing: no limit.
  std::optional<Power> at(Instant now) const;
  // When that may change next; `forever` if never.
  Instant next_change(Instant now) const;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("cap", cap, Range{1 * unit::kW, 9 * unit::GW}, "most power from the grid");
    field("mode", mode, "clock: GPUs slow down; queue: jobs wait for power");
    field("demand_response", demand_response, "hours in which the grid asks for less");
  }
};

}  // namespace jevons
