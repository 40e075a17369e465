#pragma once
// What somebody could do about it: a change of a world from a date on, and of how chips are run.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/demand/world.h"

namespace jevons {

// Of paths: a factor, or a value instead of what they say, from the date of the lever on.
struct LeverChange {
  std::vector<std::string> at;
  std::optional<double> factor, value;
  double before = 0;  // what an absent path is until then

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("at"), at, "paths over years such as \"/regions/*/carbon_usd_per_t\"");
    field("factor", factor, Range{0.0, 1e6}, "on the path");
    field("value", value, Range{0.0, 1e12}, "instead of it");
    field("before", before, Range{0.0, 1e12}, "what an absent path is until then");
  }
};

// Another way to run the same chips, as the serving model sees it.
struct DeploymentChange {
  double objectives = 1;       // factor on TTFT and TPOT that users put up with: larger batches
  double power_cap = 1;        // of the board's limit
  bool disaggregated = false;  // prompts and answers on GPUs of their own
  double active_experts = 1;   // of those that a token visits, at equal quality

  template <class Visitor>
  void fields(Visitor&& field) {
    field("objectives", objectives, Range{0.1, 100.0},
          "factor on the times that users put up with: batches grow with it");
    field("power_cap", power_cap, Range{0.3, 1.0}, "cap of board power, share of its limit");
    field("disaggregated", disaggregated, "prompts and answers on GPUs of their own");
    field("active_experts", active_experts, Range{0.05, 1.0},
          "experts that a token visits, share of today's; equal quality is assumed");
  }
};

// What everybody's technique gains from the date on.
struct Improvement {
  Channel channel = Channel::chip_joules;
  double inference = 1, training = 1;

  template <class Visitor>
  void fields(Visitor&& field) {
    const Range factor{1.0, 1000.0};
    field("channel", channel, "algorithmic, chip_joules or chip_dollars");
    field(required("inference"), inference, factor, "how many times better serving gets");
    field("training", training, factor, "the same of training; algorithmic only");
  }
};

struct Lever {
  std::string note;
  double from = 2026;
  double phase_years = 1;  // until a change is there in full
  std::vector<LeverChange> changes;
  std::optional<Improvement> improvement;
  std::optional<DeploymentChange> deployment;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("note", note, "what it is, and where its numbers come from");
    field("from", from, Range{2000.0, 2100.0}, "year with fraction");
    field("phase_years", phase_years, Range{0.0, 50.0}, "until changes are there in full");
    field("changes", changes, "of paths");
    field("improvement", improvement, "of everybody's technique");
    field("deployment", deployment, "of how chips are run; simulated on the serving model");
  }
};

using Levers = std::map<std::string, Lever>;

// The world with the lever pulled; how chips are run is not its business.
World pulled(World world, const Lever& lever);

}  // namespace jevons
