// The program. Everything it does can be called without it; see commands.h.
#include <chrono>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include <unistd.h>

#include "apps/build_info.h"
#include "apps/interrupt.h"
#include "apps/program.h"

namespace {

// A line on the terminal that is rewritten a few times a second and wiped at the end.
class ProgressLine {
 public:
  ProgressLine() = default;
  ~ProgressLine() {
    if (is_shown_) std::fputs("\r\033[K", stderr);
  }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ProgressLine(ProgressLine&&) = delete;
  ProgressLine& operator=(ProgressLine&&) = delete;

  void show(double share) {
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < std::chrono::milliseconds{200}) return;
    last_ = now;
    is_shown_ = true;
    std::fprintf(stderr, "\r%3.0f %%", 100 * share);
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
  bool is_shown_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  jevons::watch_for_interrupt();
  ProgressLine line;
  const bool is_terminal = isatty(STDERR_FILENO) != 0;
  const jevons::Workbench bench{jevons::kinds(), jevons::project_parts(), jevons::build_info(),
                                [&line, is_terminal](double share) {
                                  jevons::stop_if_interrupted();
                                  if (is_terminal) line.show(share);
                                }};
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  return jevons::run_program(arguments, bench, std::cout, std::cerr);
}
