#include "apps/interrupt.h"

#include <csignal>

namespace jevons {
namespace {

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): all a handler may touch
volatile std::sig_atomic_t interrupted = 0;

extern "C" void remember(int signal) {
  interrupted = 1;
  std::signal(signal, SIG_DFL);
}

}  // namespace

void watch_for_interrupt() {
  std::signal(SIGINT, remember);
  std::signal(SIGTERM, remember);
}

bool is_interrupted() {
  return interrupted != 0;
}

void stop_if_interrupted() {
  if (interrupted == 0) return;
  interrupted = 0;
  throw Interrupted{};
}

}  // namespace jevons
