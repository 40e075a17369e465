#pragma once
// A type that has a field of every sort a scenario can have; the reader is tested on it.
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "scenarios/extends.h"
#include "scenarios/file_path.h"
#include "sim/fields.h"
#include "sim/quantity.h"
#include "sim/time.h"

namespace jevons {

enum class Stepping { macro, iteration };
template <>
inline constexpr std::array enum_names<Stepping>{EnumName{Stepping::macro, "macro"},
                                                 EnumName{Stepping::iteration, "iteration"}};

struct Fcfs {
  static constexpr std::string_view name = "fcfs";
};

struct Backfill {
  static constexpr std::string_view name = "backfill";
  int depth = 100;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("depth", depth, Range{1, 10'000}, "how many queued jobs are considered");
  }
};

using SmallPolicy = std::variant<Fcfs, Backfill>;

struct SmallChip {
  static constexpr std::string_view catalogue = "chips";
  std::string id;
  Power tdp = 700 * unit::W;
  std::optional<Bandwidth> memory_bandwidth;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("tdp", tdp, Range{1 * unit::W, 10 * unit::kW}, "thermal design power");
    field("memory_bandwidth", memory_bandwidth, "peak rate of device memory");
  }
};

struct SmallPool {
  std::string role;
  int gpus = 8;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("role"), role, "what the pool serves");
    field("gpus", gpus, Range{1, 1024}, "GPUs in the pool");
  }
};

struct SmallPlant {
  static constexpr std::string_view name = "plant";
  static constexpr std::string_view help = "a plant for tests";
  std::uint64_t seed = 1;
  bool is_open = true;
  double pue = 1.2;
  SmallChip chip{};
  SmallPolicy policy = Backfill{.depth = 7};
  Stepping stepping = Stepping::macro;
  Span warmup = std::chrono::seconds{5};
  std::vector<SmallPool> pools{};
  std::map<std::string, double> shares{};
  std::vector<Power> caps{};
  std::optional<std::int64_t> limit{};
  std::optional<FilePath> trace{};
  std::string note{};

  template <class Visitor>
  void fields(Visitor&& field) {
    field("seed", seed, "seed of every random stream");
    field("is_open", is_open, "whether it takes jobs");
    field("pue", pue, Range{1.0, 3.0}, "facility energy over IT energy");
    field(required("chip"), chip, "accelerator");
    field("policy", policy, "who is served next");
    field("stepping", stepping, "macro: closed form between changes; iteration: reference");
    field("warmup", warmup, Range{0 * unit::s, 1 * unit::h}, "time before measuring starts");
    field("pools", pools, "groups of GPUs");
    field("shares", shares, Range{0, 1}, "part of the load per tenant");
    field("caps", caps, Range{0 * unit::W, 1 * unit::MW}, "power limits");
    field("limit", limit, Range{1, 1'000'000}, "most requests; absent: no limit");
    field("trace", trace, "requests to replay");
    field("note", note, "remark for readers");
  }
};

// Files that exist only here, by path.
inline TextFiles in_memory(const std::map<std::string, std::string>& texts) {
  const auto read = [texts](const std::string& path) -> std::optional<std::string> {
    const auto found = texts.find(path);
    return found == texts.end() ? std::nullopt : std::optional{found->second};
  };
  const auto beside = [texts](const std::string& path) {
    const std::string directory = path.substr(0, path.rfind('/') + 1);
    std::vector<std::string> names;
    for (const auto& [name, text] : texts)
      if (name.starts_with(directory)) names.push_back(name.substr(directory.size()));
    return names;
  };
  return {read, beside};
}

// What a call complains about, as the user would see it; empty when it does not.
inline std::string complaint(const std::function<void()>& call) {
  try {
    call();
  } catch (const ScenarioError& error) {
    return error.what();
  }
  return "";
}

}  // namespace jevons
