#pragma once
// The loop: pops events in order and hands each to a handler, which may schedule more.
//
//   Stop why = run(queue, end, {.seed = 7}, [&](Instant now, Event& event) { ... });
#include <cstdint>
#include <string_view>
#include <variant>

#include "sim/ensure.h"
#include "sim/event_queue.h"
#include "sim/time.h"

namespace jevons {

enum class Stop {
  end,    // the next event is at or after `end`; the clock stands at `end`
  quiet,  // nothing is pending; the clock stands at the last event
};

struct RunLimits {
  std::uint64_t seed = 0;  // only told in errors
  // Events at one instant before the run counts as stalled.
  std::uint64_t events_per_instant = 10'000'000;
};

inline constexpr Instant forever = Instant::max();

// What an event is called: its own name(), or the static `name` of the alternative it holds.
template <class Event>
std::string_view event_name(const Event& event) {
  if constexpr (requires { std::string_view{event.name()}; })
    return event.name();
  else if constexpr (requires { std::string_view{Event::name}; })
    return Event::name;
  else if constexpr (requires { std::variant_size<Event>::value; })
    return std::visit([](const auto& e) { return event_name(e); }, event);
  else
    return {};
}

// A broken law with where it broke: "...: law (at 12.345000000 s, seed 7, event arrival)".
[[noreturn]] void rethrow_with_place(const BrokenInvariant& error, Instant now, std::uint64_t seed,
                                     std::string_view event);
// Throws that so many events happened at one instant.
[[noreturn]] void stalled(std::uint64_t events);

// Handles every event before `end`, so that windows [a, b) and [b, c) share none.
template <class Event, class Handler>
Stop run(EventQueue<Event>& queue, Instant end, const RunLimits& limits, Handler&& handler) {
  Instant instant = queue.now();
  std::uint64_t events_now = 0;
  while (const auto next = queue.next_time()) {
    if (*next >= end) {
      queue.advance(end);
      return Stop::end;
    }
    auto scheduled = queue.pop();
    if (scheduled.when != instant) events_now = 0;
    instant = scheduled.when;
    try {
      if (++events_now > limits.events_per_instant) stalled(events_now);
      handler(scheduled.when, scheduled.event);
    } catch (const BrokenInvariant& error) {
      rethrow_with_place(error, instant, limits.seed, event_name(scheduled.event));
    }
  }
  return Stop::quiet;
}

}  // namespace jevons
