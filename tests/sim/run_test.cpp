#include "sim/run.h"

#include <string>
#include <variant>
#include <vector>

#include <doctest/doctest.h>

namespace jevons {
namespace {

using namespace std::chrono_literals;

struct Arrival {
  static constexpr std::string_view name = "arrival";
  int id = 0;
};
struct Failure {
  static constexpr std::string_view name = "failure";
};
using Event = std::variant<Arrival, Failure>;

Instant at(Span since_start) {
  return Instant{since_start};
}

// What a broken law says once it has left the loop.
template <class Handler>
std::string message(EventQueue<Event> queue, const RunLimits& limits, Handler handler) {
  try {
    run(queue, forever, limits, handler);
  } catch (const BrokenInvariant& error) {
    return error.what();
  }
  return "no error";
}

TEST_CASE("a run handles every event before its end and leaves the rest") {
  EventQueue<Event> queue;
  for (int id = 1; id <= 5; ++id) queue.at(at(id * 10ns), 0, Arrival{id});
  std::vector<int> seen;
  const auto handler = [&](Instant now, const Event& event) {
    CHECK(now == queue.now());
    seen.push_back(std::get<Arrival>(event).id);
  };
  CHECK(run(queue, at(30ns), {}, handler) == Stop::end);
  CHECK(seen == std::vector{1, 2});
  CHECK(queue.now() == at(30ns));
  CHECK(run(queue, forever, {}, handler) == Stop::quiet);
  CHECK(seen == std::vector{1, 2, 3, 4, 5});
  CHECK(queue.now() == at(50ns));
}

TEST_CASE("a handler may schedule what comes next") {
  EventQueue<Event> queue;
  queue.at(at(0ns), 0, Arrival{3});
  int handled = 0;
  run(queue, forever, {}, [&](Instant now, const Event& event) {
    ++handled;
    if (const int left = std::get<Arrival>(event).id; left > 0)
      queue.at(now + 1s, 0, Arrival{left - 1});
  });
  CHECK(handled == 4);
  CHECK(queue.now() == at(3s));
}

TEST_CASE("a broken law tells simulated time and seed and event") {
  EventQueue<Event> queue;
  queue.at(at(1500ms), 0, Failure{});
  const std::string text =
      message(queue, {.seed = 7}, [](Instant, const Event&) { ensure(false, "a gang is whole"); });
  CHECK(text.find("a gang is whole (at 1.500000000 s, seed 7, event failure)") !=
        std::string::npos);
}

TEST_CASE("an event without a name is not named") {
  EventQueue<int> queue;
  queue.at(at(2ns), 0, 1);
  try {
    run(queue, forever, {.seed = 1}, [](Instant, int) { ensure(false, "law"); });
    FAIL("a broken law must leave the loop");
  } catch (const BrokenInvariant& error) {
    CHECK(std::string(error.what()).ends_with("law (at 0.000000002 s, seed 1)"));
  }
}

TEST_CASE("a run whose time stands still is stopped") {
  EventQueue<Event> queue;
  queue.at(at(1ns), 0, Arrival{});
  const auto again = [](EventQueue<Event>& q) {
    return [&q](Instant now, const Event& event) { q.at(now, 0, event); };
  };
  std::string text;
  try {
    run(queue, forever, {.seed = 2, .events_per_instant = 100}, again(queue));
  } catch (const BrokenInvariant& error) {
    text = error.what();
  }
  CHECK(text ==
        "the run stalls: 101 events at one instant and time does not advance "
        "(at 0.000000001 s, seed 2, event arrival)");
}

TEST_CASE("many events at one instant are no stall while time advances between") {
  EventQueue<Event> queue;
  for (int i = 0; i < 1000; ++i) queue.at(at(Span{i / 100}), 0, Arrival{});
  CHECK_NOTHROW(run(queue, forever, {.events_per_instant = 100}, [](Instant, const Event&) {}));
}

}  // namespace
}  // namespace jevons
