#include "models/demand/uncertain.h"

#include <algorithm>

#include "models/demand/number_places.h"
#include "sim/ensure.h"

namespace jevons {

void put_input(World& world, const Uncertain& input, double level) {
  for (const std::string& pointer : input.at)
    for (const NumberPlace& place : number_places(world, pointer)) {
      if (input.factor)
        scale(place, level);
      else if (input.growth)
        bend(place, level);
      else if (place.number != nullptr)
        *place.number = std::clamp(level, place.least, place.most);
    }
}

World drawn(World world, const UncertainInputs& inputs, std::span<const double> u) {
  ensure(u.size() == inputs.size(), "every uncertain input is drawn");
  std::size_t i = 0;
  for (const auto& [name, input] : inputs) put_input(world, input, input.range().at(u[i++]));
  return world;
}

World at_medians(World world, const UncertainInputs& inputs) {
  for (const auto& [name, input] : inputs) put_input(world, input, input.range().p50);
  return world;
}

}  // namespace jevons
