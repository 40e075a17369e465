#pragma once
// Numbers of a world by where they stand in a scenario, so that an input can be varied by name:
// "/conduct/markup", "/chips/b200/price_usd", "/segments/*/price_elasticity" (of every segment).
#include <string_view>
#include <vector>

#include "models/demand/world.h"

namespace jevons {

// One of the two is set.
struct NumberPlace {
  double* number = nullptr;
  YearPath* path = nullptr;
  double least = 0, most = 0;  // what a scenario may say there
};

// Empty where no number stands there. Elements of lists go by their place or, chips, by their id.
std::vector<NumberPlace> number_places(World& world, std::string_view pointer);

// Times `factor`, kept within what may be said.
void scale(const NumberPlace& place, double factor);
// A path's growth since its first year to this power; the first year stays. Numbers stay.
void bend(const NumberPlace& place, double power);

}  // namespace jevons
