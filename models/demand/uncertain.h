#pragma once
// Inputs of a world that are known as ranges, and worlds drawn from them.
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/demand/world.h"
#include "models/economics/spread.h"

namespace jevons {

// One input: the same factor on all numbers at these places, one value for them, or the same power
// of the growth of paths: 1.1 makes of a growth by 10 one by 12.6.
struct Uncertain {
  std::vector<std::string> at;
  std::optional<Spread> factor, value, growth;
  std::string source;

  const Spread& range() const { return factor ? *factor : value ? *value : *growth; }
  // What a level of it is.
  const char* unit() const { return factor ? "factor" : value ? "value" : "power of growth"; }

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("at"), at, "places such as \"/segments/*/price_elasticity\"");
    field("factor", factor, "on what this file says there");
    field("value", value, "instead of what this file says there; of numbers, not of paths");
    field("growth", growth, "power of the growth since the first year of a path");
    field("source", source, "of the range; absent: assumed");
  }
};

using UncertainInputs = std::map<std::string, Uncertain>;

// Puts an input at the given factor or value, kept within what a scenario may say.
void put_input(World& world, const Uncertain& input, double level);

// Each input at the quantile that `u` names, [input in the order of names], 0 < u < 1.
World drawn(World world, const UncertainInputs& inputs, std::span<const double> u);
// All inputs at their medians.
World at_medians(World world, const UncertainInputs& inputs);

}  // namespace jevons
