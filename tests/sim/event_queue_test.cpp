#include "sim/event_queue.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include <doctest/doctest.h>

#include "sim/rng.h"

namespace jevons {
namespace {

using Queue = EventQueue<int>;

Instant at_ns(std::int64_t ns) {
  return Instant{Span{ns}};
}

// Delays of one kind each; `draw` of them all begins with the same stream.
enum class Delays { exponential, bimodal, tied, gaps, increasing, outliers };
constexpr std::array all_delays{Delays::exponential, Delays::bimodal,    Delays::tied,
                                Delays::gaps,        Delays::increasing, Delays::outliers};

std::int64_t draw(Delays kind, Rng& rng, std::int64_t step) {
  switch (kind) {
    case Delays::exponential:
      return static_cast<std::int64_t>(1000 * -std::log(rng.uniform_open()));
    case Delays::bimodal:
      return rng.below(2) == 0 ? static_cast<std::int64_t>(rng.below(10))
                               : 1'000'000 + static_cast<std::int64_t>(rng.below(1000));
    case Delays::tied:
      return rng.below(50) == 0 ? 1 : 0;
    case Delays::gaps:
      return std::int64_t{1} << rng.below(50);
    case Delays::increasing:
      return step;
    case Delays::outliers:
      return rng.below(100) == 0 ? std::int64_t{1} << 60 : static_cast<std::int64_t>(rng.below(64));
  }
  return 0;
}

// A queue beside what it promises, in the plainest way: a map in the order (when, phase, sequence).
// Every operation is done to both, and every answer must agree.
class Twin {
 public:
  Twin(Delays delays, std::uint64_t seed) : delays_{delays}, rng_{seed, "operations"} {}

  void step(int id, std::size_t crowd) {
    const std::uint64_t dice = rng_.below(10), schedules = reference_.size() < crowd ? 6 : 4;
    if (reference_.empty() || dice < schedules)
      schedule(id);
    else if (dice < 8)
      pop();
    else if (dice == 8)
      cancel();
    else
      reschedule(id);
    REQUIRE(queue_.size() == reference_.size());
  }
  void pop() {
    const auto [key, expected] = *reference_.begin();
    REQUIRE(queue_.next_time() == std::get<Instant>(key));
    const auto [when, handle, id] = queue_.pop();
    const bool agrees = id == expected.id && handle == expected.handle &&
                        when == std::get<Instant>(key) && queue_.now() == when;
    REQUIRE(agrees);
    reference_.erase(reference_.begin());
  }
  void rebuild() { queue_ = Queue{queue_.snapshot()}; }
  void finish() {
    while (!reference_.empty()) pop();
    CHECK(queue_.empty());
    CHECK_FALSE(queue_.next_time());
  }

 private:
  struct Event {
    int id;
    EventHandle handle;
  };
  using Reference = std::map<std::tuple<Instant, int, std::uint64_t>, Event>;

  Instant later(int id) { return queue_.now() + Span{draw(delays_, rng_, id)}; }
  // One of the next forty: cancelling near the front is what goes wrong first.
  Reference::iterator some() {
    const auto nearest = std::min<std::size_t>(reference_.size(), 40);
    return std::next(reference_.begin(), static_cast<std::ptrdiff_t>(rng_.below(nearest)));
  }
  void add(Instant when, int phase, Event event) {
    reference_.insert({{when, phase, sequence_++}, event});
  }

  void schedule(int id) {
    const Instant when = later(id);
    const int phase = static_cast<int>(rng_.below(3)) * 127;
    add(when, phase, {id, queue_.at(when, phase, id)});
  }
  void cancel() {
    const auto victim = some();
    REQUIRE(queue_.cancel(victim->second.handle));
    REQUIRE_FALSE(queue_.cancel(victim->second.handle));
    reference_.erase(victim);
  }
  void reschedule(int id) {
    const auto moved = some();
    const Instant when = later(id);
    const auto handle = queue_.reschedule(moved->second.handle, when, 1);
    REQUIRE(handle);
    add(when, 1, {moved->second.id, handle.value_or(EventHandle{})});
    reference_.erase(moved);
  }

  Delays delays_;
  Rng rng_;
  Queue queue_;
  Reference reference_;
  std::uint64_t sequence_ = 0;
};

void agree(Delays delays, std::uint64_t seed, std::size_t crowd) {
  CAPTURE(delays);
  CAPTURE(seed);
  CAPTURE(crowd);
  Twin twin{delays, seed};
  for (int id = 0; id < 8000; ++id) {
    twin.step(id, crowd);
    if (id % 1999 == 0) twin.rebuild();
  }
  twin.finish();
}

std::vector<int> drain(Queue queue) {
  std::vector<int> ids;
  while (!queue.empty()) ids.push_back(queue.pop().event);
  return ids;
}

TEST_CASE("events leave by time then phase then order of scheduling") {
  Queue queue;
  queue.at(at_ns(20), 0, 5);
  queue.at(at_ns(10), 2, 3);
  queue.at(at_ns(10), 1, 1);
  queue.at(at_ns(10), 2, 4);
  queue.at(at_ns(10), 1, 2);
  CHECK(drain(queue) == std::vector{1, 2, 3, 4, 5});
}

TEST_CASE("an event of a low phase scheduled in a high one still comes next") {
  Queue queue;
  queue.at(at_ns(10), 200, 1);
  queue.at(at_ns(10), 200, 3);
  CHECK(queue.pop().event == 1);
  queue.at(at_ns(10), 0, 2);
  CHECK(drain(queue) == std::vector{2, 3});
}

TEST_CASE("a cancelled event never comes and its handle never names another") {
  Queue queue;
  const auto gone = queue.at(at_ns(10), 0, 1);
  CHECK(queue.is_pending(gone));
  CHECK(queue.cancel(gone));
  const auto next = queue.at(at_ns(10), 0, 2);  // takes the same place in memory
  CHECK(next.slot == gone.slot);
  CHECK_FALSE(queue.is_pending(gone));
  CHECK_FALSE(queue.cancel(gone));
  CHECK_FALSE(queue.reschedule(gone, at_ns(50), 0));
  CHECK_FALSE(queue.cancel(Queue::Handle{}));
  CHECK(drain(queue) == std::vector{2});
}

TEST_CASE("the queue agrees with a sorted map under random operations") {
  for (const Delays delays : all_delays)
    for (const std::size_t crowd : {5U, 100U, 2000U})
      for (const std::uint64_t seed : {1U, 2U}) agree(delays, seed, crowd);
}

TEST_CASE("a copy of a queue and a queue rebuilt from its snapshot go on alike") {
  Rng rng{3, "copies"};
  Queue queue;
  std::vector<Queue::Handle> handles;
  handles.reserve(1000);
  for (int id = 0; id < 1000; ++id)
    handles.push_back(queue.at(at_ns(static_cast<std::int64_t>(rng.below(500))), 0, id));
  for (int i = 0; i < 300; ++i) queue.pop();
  Queue copy = queue;
  Queue rebuilt{queue.snapshot()};
  for (Queue* q : {&queue, &copy, &rebuilt}) {
    for (std::size_t i = 0; i < handles.size(); i += 7) q->cancel(handles[i]);
    q->at(at_ns(499), 0, 1000);
  }
  CHECK(rebuilt.now() == queue.now());
  const std::vector<int> ids = drain(queue);
  CHECK(drain(copy) == ids);
  CHECK(drain(rebuilt) == ids);
}

TEST_CASE("a crowd at one instant costs its logarithm and not its length") {
  // Each of 200000 events schedules another into the middle of the crowd. Were each to cost the
  // crowd's length, this would take minutes.
  constexpr int crowd = 200'000;
  Queue queue;
  for (int i = 0; i < crowd; ++i) {
    queue.at(at_ns(7), 1, 1);
    queue.at(at_ns(7), 3, 3);
  }
  std::vector<int> popped(4);
  int last = 0;
  while (!queue.empty()) {
    const int phase = queue.pop().event;
    REQUIRE(phase >= last);
    last = phase;
    ++popped[static_cast<std::size_t>(phase)];
    if (phase == 1) queue.at(at_ns(7), 2, 2);
  }
  CHECK(popped == std::vector{0, crowd, crowd, crowd});
}

TEST_CASE("looking ahead does not forbid what comes before") {
  const std::int64_t far = std::int64_t{1} << 30;  // the first instant of its bucket
  Queue queue;
  queue.at(at_ns(far), 0, 0);
  CHECK(queue.next_time() == at_ns(far));
  std::vector<int> expected;
  expected.reserve(1001);
  for (int i = 1; i <= 500; ++i) {
    queue.at(at_ns(far - i), 0, i);
    queue.at(at_ns(far + i), 0, -i);
  }
  for (int i = 500; i >= -500; --i) expected.push_back(i);
  CHECK(drain(queue) == expected);
}

TEST_CASE("timeouts that are always cancelled do not pile up") {
  Queue queue;
  queue.at(at_ns(std::int64_t{1} << 40), 0, 0);
  for (int i = 0; i < 100'000; ++i) queue.cancel(queue.at(at_ns(1'000'000 + i), 0, i));
  CHECK(queue.snapshot().pending.size() == 1);
  CHECK(queue.waiting_keys() < 200);
  CHECK(queue.pop().event == 0);
}

TEST_CASE("the last instant of all is an instant like any other") {
  Queue queue;
  queue.at(Instant::max(), 255, 2);
  queue.at(Instant::max(), 0, 1);
  CHECK(queue.next_time() == Instant::max());
  CHECK(drain(queue) == std::vector{1, 2});
}

TEST_CASE("the clock goes forward only and never past a pending event") {
  Queue queue;
  queue.at(at_ns(10), 0, 1);
  queue.advance(at_ns(9));
  CHECK(queue.now() == at_ns(9));
  CHECK_THROWS_AS(queue.at(at_ns(8), 0, 2), BrokenInvariant);
  CHECK_THROWS_AS(queue.at(at_ns(10), 256, 2), BrokenInvariant);
  CHECK_THROWS_AS(queue.advance(at_ns(8)), BrokenInvariant);
  CHECK_THROWS_AS(queue.advance(at_ns(11)), BrokenInvariant);
  queue.pop();
  CHECK_THROWS_AS(queue.pop(), BrokenInvariant);
}

TEST_CASE("an event may own memory and gives it back when cancelled") {
  EventQueue<std::vector<int>> queue;
  const auto gone = queue.at(at_ns(1), 0, std::vector<int>(1000, 1));
  queue.at(at_ns(2), 0, {1, 2, 3});
  queue.cancel(gone);
  CHECK(queue.pop().event == std::vector{1, 2, 3});
}

}  // namespace
}  // namespace jevons
