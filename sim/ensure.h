#pragma once
// Laws of our own code, alive in every build. A broken one is our mistake, never the user's: the
// run loop adds simulated time, event and seed, and the run stops.
#include <stdexcept>
#include <string>
#include <string_view>

namespace jevons {

class BrokenInvariant : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

// Throws BrokenInvariant("file:line: law"). Out of line, so that a check costs one branch.
[[noreturn]] void broken(std::string_view law, const char* file, int line);

constexpr void ensure(bool holds, std::string_view law, const char* file = __builtin_FILE(),
                      int line = __builtin_LINE()) {
  if (!holds) [[unlikely]]
    broken(law, file, line);
}

}  // namespace jevons
