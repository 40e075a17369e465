#include "models/demand/lever.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "models/demand/number_places.h"

namespace jevons {
namespace {

std::string key_of(double year) {
  std::string text(32, '\0');
  text.resize(static_cast<std::size_t>(std::snprintf(text.data(), text.size(), "%.6f", year)));
  return text;
}

// As it was until `from`, as `change` makes it after `from` + `phase`.
YearPath changed(const YearPath& path, const LeverChange& change, double from, double phase) {
  const PathCurve curve{path, change.before};
  const double full = from + std::max(phase, 1e-3);
  const auto after = [&](double year) {
    return change.value ? *change.value : curve(year) * change.factor.value_or(1);
  };
  YearPath result;
  for (const auto& [year, value] : path) {
    const double y = std::strtod(year.c_str(), nullptr);
    if (y < from) result[year] = value;
    if (y > full) result[year] = after(y);
  }
  result[key_of(from)] = curve(from);
  result[key_of(full)] = after(full);
  return result;
}

}  // namespace

World pulled(World world, const Lever& lever) {
  for (const LeverChange& change : lever.changes)
    for (const std::string& pointer : change.at)
      for (const NumberPlace& place : number_places(world, pointer)) {
        if (place.path == nullptr) continue;
        YearPath path = changed(*place.path, change, lever.from, lever.phase_years);
        for (auto& [year, value] : path) value = std::clamp(value, place.least, place.most);
        *place.path = std::move(path);
      }
  if (lever.improvement)
    world.innovations.push_back({.date = lever.from,
                                 .lab = {},
                                 .channel = lever.improvement->channel,
                                 .inference = lever.improvement->inference,
                                 .training = lever.improvement->training});
  return world;
}

}  // namespace jevons
