#include "models/llm/expert_load.h"

#include <doctest/doctest.h>

#include "models/llm/kernel_shape.h"

namespace jevons {

namespace {

ExpertLayout power_law(int ep, int redundant = 0) {
  return {.experts = 256, .top_k = 8, .ep = ep, .skew = 1.2, .redundant = redundant};
}

double hottest(const ExpertLayout& layout, double tokens) {
  return ExpertLoadTable{layout}.hottest_over_mean(tokens);
}

}  // namespace

TEST_CASE("one rank carries all pairs and several ranks at least their mean") {
  CHECK(ExpertLoadTable{power_law(1)}.at(1024).pairs == doctest::Approx(8192));
  CHECK(ExpertLoadTable{power_law(16)}.at(1024).pairs > 512);
}

TEST_CASE("the hottest rank is hotter the fewer experts a rank holds") {
  const double ep8 = hottest(power_law(8), 4096), ep32 = hottest(power_law(32), 4096);
  CHECK(ep8 > 1.5);
  CHECK(ep8 < 3);
  CHECK(ep32 > 1.3 * ep8);
}

TEST_CASE("redundant slots and placement by load take the edge off the hottest rank") {
  CHECK(hottest(power_law(32, 32), 4096) < 0.6 * hottest(power_law(32), 4096));
}

TEST_CASE("a rank has no more active experts than it holds and no fewer than one") {
  const ExpertLoadTable table{power_law(64)};
  for (const double tokens : {1.0, 7.0, 300.0, 60'000.0}) {
    CHECK(table.at(tokens).active >= 1);
    CHECK(table.at(tokens).active <= 4);
  }
}

TEST_CASE("the same layout has the same loads every time") {
  const ExpertLoad a = ExpertLoadTable{power_law(8)}.at(100),
                   b = ExpertLoadTable{power_law(8)}.at(100);
  CHECK(a.pairs == b.pairs);
  CHECK(a.active == b.active);
}

TEST_CASE("independent choices load the fullest of many ranks beyond the mean") {
  const MoeLayer layer{
      .tokens = 128, .hidden = 7168, .inner = 2048, .top_k = 8, .experts = 256, .ep = 32};
  const double mean = 128.0 * 8 / 32;
  CHECK(load_of(layer).pairs > 1.2 * mean);
  CHECK(load_of(layer).pairs < 2 * mean);
  CHECK(load_of(layer).active < 8);
}

}  // namespace jevons
