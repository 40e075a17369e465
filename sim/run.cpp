#include "sim/run.h"

#include <string>

namespace jevons {
namespace {

// Exact, unlike a double: "12.345678901 s".
std::string text_of(Instant t) {
  const std::int64_t ns = t.time_since_epoch().count();
  std::string fraction = std::to_string(ns % 1'000'000'000);
  fraction.insert(0, 9 - fraction.size(), '0');
  return std::to_string(ns / 1'000'000'000) + "." + fraction + " s";
}

}  // namespace

void rethrow_with_place(const BrokenInvariant& error, Instant now, std::uint64_t seed,
                        std::string_view event) {
  std::string text = error.what();
  text += " (at " + text_of(now) + ", seed " + std::to_string(seed);
  if (!event.empty()) text += ", event " + std::string(event);
  throw BrokenInvariant(text + ")");
}

void stalled(std::uint64_t events) {
  throw BrokenInvariant("the run stalls: " + std::to_string(events) +
                        " events at one instant and time does not advance");
}

}  // namespace jevons
