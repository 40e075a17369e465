// Hold model: pop the next event, schedule one a random time later, at a constant number pending.
// EventQueue beside std::priority_queue, both with 32 bytes of payload and the order (when, phase,
// sequence). One event in eight shares the instant of the event that scheduled it. "cancel": with
// each hold, with probability 10 %, one random pending event is cancelled and replaced.
#include <array>
#include <cmath>
#include <cstdint>
#include <queue>
#include <random>
#include <vector>

#include <benchmark/benchmark.h>

#include "sim/event_queue.h"

namespace {

using jevons::EventQueue;
using jevons::Instant;
using jevons::Span;

struct Payload {
  std::uint32_t id;
  std::array<std::uint32_t, 7> rest;
};

// Random choices drawn beforehand, so that only the queue is measured.
struct Choices {
  struct Choice {
    Span delay;
    int phase;
    bool cancels;
    std::uint32_t victim;
  };
  static constexpr std::size_t count = 1 << 16;
  std::vector<Choice> list;
  std::size_t at = 0;

  explicit Choices(std::size_t pending) : list(count) {
    std::mt19937_64 bits{7};
    for (Choice& c : list) {
      const double u = static_cast<double>(bits() >> 11) * 0x1p-53;
      const double delay_ns = -1000.0 * static_cast<double>(pending) * std::log1p(-u);
      c.delay = Span{bits() % 8 == 0 ? 0 : static_cast<std::int64_t>(delay_ns)};
      c.phase = static_cast<int>(bits() % 4);
      c.cancels = bits() % 10 == 0;
      c.victim = static_cast<std::uint32_t>(bits() % pending);
    }
  }
  const Choice& next() { return list[at++ % count]; }
};

// The standard's queue with the least that cancellation needs: an event is alive if its order is
// the newest of its id.
template <bool Cancels>
class Standard {
 public:
  explicit Standard(std::size_t ids) : newest_(ids) {}
  [[nodiscard]] Instant now() const { return now_; }

  void at(Instant when, int phase, const Payload& event) {
    const std::uint64_t order = static_cast<std::uint64_t>(phase) << 56 | sequence_++;
    heap_.push({when, order, event});
    if constexpr (Cancels) newest_[event.id] = order;
  }
  Payload pop() {
    if constexpr (Cancels)
      while (newest_[heap_.top().event.id] != heap_.top().order) heap_.pop();
    const Item top = heap_.top();
    heap_.pop();
    now_ = top.when;
    return top.event;
  }

 private:
  struct Item {
    Instant when;
    std::uint64_t order;
    Payload event;
    bool operator<(const Item& o) const {
      return when > o.when || (when == o.when && order > o.order);
    }
  };

  Instant now_{};
  std::priority_queue<Item> heap_;
  std::uint64_t sequence_ = 0;
  std::vector<std::uint64_t> newest_;
};

template <bool Cancels>
void event_queue(benchmark::State& state) {
  const auto pending = static_cast<std::uint32_t>(state.range(0));
  Choices choices{pending};
  EventQueue<Payload> queue;
  std::vector<EventQueue<Payload>::Handle> handles(pending);
  for (std::uint32_t id = 0; id < pending; ++id) {
    const auto& c = choices.next();
    handles[id] = queue.at(Instant{c.delay}, c.phase, {id, {}});
  }
  const auto hold = [&] {
    const auto& c = choices.next();
    const auto [when, handle, event] = queue.pop();
    const auto next = queue.at(when + c.delay, c.phase, event);
    if constexpr (Cancels) {
      handles[event.id] = next;
      if (c.cancels) {
        queue.cancel(handles[c.victim]);
        handles[c.victim] = queue.at(when + c.delay, c.phase, {c.victim, {}});
      }
    }
  };
  for (std::uint32_t i = 0; i < 3 * pending; ++i) hold();
  for (auto _ : state) hold();
  state.SetItemsProcessed(state.iterations());
}

template <bool Cancels>
void priority_queue(benchmark::State& state) {
  const auto pending = static_cast<std::uint32_t>(state.range(0));
  Choices choices{pending};
  Standard<Cancels> queue{pending};
  for (std::uint32_t id = 0; id < pending; ++id) {
    const auto& c = choices.next();
    queue.at(Instant{c.delay}, c.phase, {id, {}});
  }
  const auto hold = [&] {
    const auto& c = choices.next();
    const Payload event = queue.pop();
    queue.at(queue.now() + c.delay, c.phase, event);
    if constexpr (Cancels)
      if (c.cancels) queue.at(queue.now() + c.delay, c.phase, {c.victim, {}});
  };
  for (std::uint32_t i = 0; i < 3 * pending; ++i) hold();
  for (auto _ : state) hold();
  state.SetItemsProcessed(state.iterations());
}

constexpr bool plain = false, cancel = true;
BENCHMARK(event_queue<plain>)->Arg(100)->Arg(10'000)->Arg(1'000'000);
BENCHMARK(priority_queue<plain>)->Arg(100)->Arg(10'000)->Arg(1'000'000);
BENCHMARK(event_queue<cancel>)->Arg(100)->Arg(10'000)->Arg(1'000'000);
BENCHMARK(priority_queue<cancel>)->Arg(100)->Arg(10'000)->Arg(1'000'000);

}  // namespace
