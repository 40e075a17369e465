#include "sim/ensure.h"

#include <string>

#include <doctest/doctest.h>

namespace jevons {

TEST_CASE("a law that holds is silent and a broken one names itself and its place") {
  CHECK_NOTHROW(ensure(true, "one is one"));
  try {
    ensure(false, "a duration is not negative");
    FAIL("a broken law must throw");
  } catch (const BrokenInvariant& e) {
    const std::string text = e.what();
    CHECK(text.find("ensure_test.cpp:") != std::string::npos);
    CHECK(text.find("a duration is not negative") != std::string::npos);
  }
}

}  // namespace jevons
