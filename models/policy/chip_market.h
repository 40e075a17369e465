#pragma once
// Who may buy what, when, how many and at which price. Legal status is not access: what a region
// can use comes through channels, each with a supply a year, a delay, a premium on the price and,
// where it applies, a chance of being found out.
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/economics/spread.h"
#include "models/hardware/chip.h"
#include "models/policy/rulebook.h"

namespace jevons {

enum class SupplyChannel { legal, domestic, smuggled, offshore };
inline constexpr std::size_t channel_count = 4;
template <>
inline constexpr std::array enum_names<SupplyChannel>{
    EnumName{SupplyChannel::legal, "legal"},        // exports that the rules let through
    EnumName{SupplyChannel::domestic, "domestic"},  // made in the region
    EnumName{SupplyChannel::smuggled, "smuggled"},  // against the rules
    EnumName{SupplyChannel::offshore, "offshore"},  // used in third countries and by cloud
};

// Added in a year.
struct ChannelSupply {
  int year = 2025;
  Spread million_h100e;
  std::string source;  // id of a source of the region

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("year"), year, Range{2000, 2100}, "in which it is added");
    field(required("million_h100e"), million_h100e, "supply, in millions of H100-equivalents");
    field(required("source"), source, "id of a source of this region");
  }
};

struct AccessChannel {
  SupplyChannel channel = SupplyChannel::legal;
  std::vector<ChannelSupply> supply;  // by year
  Spread delay_months;                // from a sale elsewhere to use here
  Spread premium;                     // on the price, as a share of it
  std::optional<Spread> detection;    // share of shipments found, a year
  std::string source;                 // of delay, premium and detection
  std::string note;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("channel"), channel, "how chips come");
    field(required("supply"), supply, "by year");
    field(required("delay_months"), delay_months, "months from a sale elsewhere to use here");
    field(required("premium"), premium, "on the price, as a share of it");
    field("detection", detection, "share of shipments found in a year");
    field(required("source"), source, "id of the source of delay, premium and detection");
    field("note", note, "what is odd about it");
  }
};

struct RegionAccess {
  static constexpr std::string_view catalogue = "access";
  std::string id, name;
  std::string basis;  // what an H100-equivalent counts here
  std::vector<AccessChannel> channels;
  std::vector<RuleSource> sources;
  std::string note;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("name"), name, "of the region");
    field(required("basis"), basis, "what an H100-equivalent counts");
    field(required("channels"), channels, "how chips come");
    field(required("sources"), sources, "where numbers were read");
    field("note", note, "doubts");
  }
};

const AccessChannel* find(const RegionAccess& region, SupplyChannel channel);
// Of a channel in a year; between years that are given a straight line of the logarithms, outside
// of them nothing.
std::optional<Spread> supply(const AccessChannel& channel, double year);
// Over all channels; ranges as if all were low, or high, together.
std::optional<Spread> supply(const RegionAccess& region, double year);

// What a chip costs a buyer, against its price elsewhere, and how it may come. Nothing: it does
// not.
struct Offer {
  SupplyChannel channel = SupplyChannel::legal;
  PolicyStatus status = PolicyStatus::not_controlled;
  Spread price_factor;  // with fee, tariff and premium
  Spread delay_months;
};
// The best way for a region to get this chip on a day, legal ways first. `most`: the strictest
// status at which a seller still delivers. Smuggled goods only where `smuggles`.
std::optional<Offer> offer(const Rulebook& book, const RegionAccess& region, const ChipSpec& chip,
                           const Deal& deal, PolicyStatus most, bool smuggles);

}  // namespace jevons
