#include "calibration/kernels/split_plan.h"

#include <doctest/doctest.h>

using namespace jevons::calibration;

TEST_CASE("pieces cover the cache and none is empty") {
  for (const std::int64_t groups : {1, 4, 100, 132, 1000})
    for (const std::int64_t keys : {1, 63, 64, 65, 1000, 4097, 131'072}) {
      const SplitPlan plan = plan_splits(groups, keys, 132, 64, 256);
      CHECK(plan.length % 64 == 0);
      CHECK(plan.length * plan.splits >= keys);
      CHECK(plan.length * (plan.splits - 1) < keys);
    }
}

TEST_CASE("one long sequence is cut so that every multiprocessor has work") {
  const SplitPlan plan = plan_splits(1, 131'072, 132, 64, 256);
  CHECK(plan.splits > 100);
  CHECK(plan.splits <= 132);
}

TEST_CASE("a batch that fills the GPU and a short cache stay whole") {
  CHECK(plan_splits(132, 131'072, 132, 64, 256).splits == 1);
  CHECK(plan_splits(1, 300, 132, 64, 256).splits == 1);
}
