// Whole samples in micro-batches: how many, and how full.
#include "models/jobs/rl/packing.h"

#include <doctest/doctest.h>

namespace jevons {

TEST_CASE("samples fill micro-batches whole and best fit finds the places they leave") {
  CHECK(bins_for({60, 40, 50, 50}, 100) == 2);
  CHECK(bins_for({51, 51, 51}, 100) == 3);
  CHECK(bins_for({70, 50, 30, 25, 25}, 100) == 2);
  CHECK(bins_for({}, 100) == 0);
  CHECK(bins_for({250, 100}, 100) == 2);
}

TEST_CASE("samples longer than half a micro-batch leave it half empty") {
  const std::vector<std::int32_t> lengths(64, 51);
  const MicroBatches m = micro_batches_for(lengths, 2, 8, 100);
  CHECK(m.count == 4);
  CHECK(m.fill == doctest::Approx(0.51));
}

TEST_CASE("the rank that was dealt most decides") {
  const std::vector<std::int32_t> lengths{100, 10, 100, 10, 100, 10};
  CHECK(micro_batches_for(lengths, 1, 2, 100).count == 3);
  CHECK(micro_batches_for(lengths, 1, 1, 100).count == 4);
  CHECK(micro_batches_for(lengths, 3, 1, 100).count == 2);
}

}  // namespace jevons
