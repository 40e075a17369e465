#include "sim/radix_wheel.h"

#include <doctest/doctest.h>

namespace jevons {

TEST_CASE("an event in the far future does not make the wheel keep what has passed") {
  RadixWheel wheel;
  std::uint64_t order = 0;
  wheel.push({std::uint64_t{1} << 61, order++, 0});  // 73 years
  for (std::uint64_t now = 1; now < 300'000; ++now) {
    wheel.push({(std::uint64_t{1} << 48) + now * 1000, order++, 1});
    REQUIRE(wheel.settle([](std::uint32_t) {}));
    REQUIRE(wheel.front().slot == 1);
    wheel.pop_front();
  }
  CHECK(wheel.room() < 1000);
  REQUIRE(wheel.settle([](std::uint32_t) {}));
  CHECK(wheel.front().slot == 0);
}

}  // namespace jevons
