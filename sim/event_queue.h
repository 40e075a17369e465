#pragma once
// Pending events in the order (when, phase, order of scheduling), and the clock they drive.
//
// A queue is a plain value: copy it and both copies go on alike. Scheduling, popping and
// cancelling cost O(1) amortised for all practical purposes (see radix_wheel.h); events lie still
// in a slab and only 24-byte keys move.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "sim/ensure.h"
#include "sim/radix_wheel.h"
#include "sim/time.h"

namespace jevons {

// Names one scheduled event for ever: places are used again, orders never are.
struct EventHandle {
  std::uint32_t slot = 0;
  std::uint64_t order = ~std::uint64_t{0};  // phase in the top 8 bits, sequence below

  bool operator==(const EventHandle&) const = default;
  [[nodiscard]] constexpr int phase() const { return static_cast<int>(order >> 56); }
};

template <class Event>
struct Scheduled {
  Instant when;
  EventHandle handle;
  Event event;
};

template <class Event>
class EventQueue {
 public:
  using Handle = EventHandle;

  // All that a queue is, for a checkpoint: pending events in order, with their handles kept.
  struct Snapshot {
    Instant now{};
    std::uint64_t next_sequence = 0;
    std::vector<Scheduled<Event>> pending;
  };

  EventQueue() = default;
  explicit EventQueue(const Snapshot& from);
  [[nodiscard]] Snapshot snapshot() const;

  [[nodiscard]] Instant now() const { return now_; }
  [[nodiscard]] std::size_t size() const { return live_; }
  [[nodiscard]] bool empty() const { return live_ == 0; }
  // Events and the remains of cancelled ones: at most 2 size() + 64.
  [[nodiscard]] std::size_t waiting_keys() const { return live_ + dead_; }

  // `when` is not in the past; `phase` 0..255 orders events of one instant, low first.
  Handle at(Instant when, int phase, Event event);
  // False if the event was popped or cancelled before.
  bool cancel(Handle handle);
  // The same event at another time, as if cancelled and scheduled anew; nothing if it is gone.
  std::optional<Handle> reschedule(Handle handle, Instant when, int phase);
  [[nodiscard]] bool is_pending(Handle handle) const {
    return handle.slot < slots_.size() && slots_[handle.slot].order == handle.order &&
           handle.order != free_mark;
  }

  // Time of the next event. Not const, because what lies near is sorted only when asked for.
  std::optional<Instant> next_time();
  // The next event; the clock moves to it. The queue must not be empty.
  Scheduled<Event> pop();
  // Moves the clock without an event, at most to the next one.
  void advance(Instant to);

 private:
  static constexpr std::uint64_t free_mark = ~std::uint64_t{0};
  static constexpr std::uint64_t sequence_limit = std::uint64_t{1} << 56;

  struct Slot {
    std::uint64_t order = free_mark;
    Event event{};
  };

  static std::uint64_t ticks(Instant t) {
    return static_cast<std::uint64_t>(t.time_since_epoch().count());
  }
  bool settle();
  void release(std::uint32_t slot);
  void drop_dead();

  Instant now_{};
  std::uint64_t next_sequence_ = 0;
  std::size_t live_ = 0;
  std::size_t dead_ = 0;  // keys of cancelled events, still in the wheel
  RadixWheel wheel_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
};

template <class Event>
EventHandle EventQueue<Event>::at(Instant when, int phase, Event event) {
  ensure(when >= now_, "an event is not scheduled in the past");
  ensure(phase >= 0 && phase <= 255, "a phase lies in 0..255");
  std::uint32_t slot = 0;
  if (free_.empty()) {
    slot = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  const std::uint64_t order = static_cast<std::uint64_t>(phase) << 56 | next_sequence_++;
  slots_[slot].order = order;
  slots_[slot].event = std::move(event);
  wheel_.push({ticks(when), order, slot});
  ++live_;
  return {slot, order};
}

template <class Event>
bool EventQueue<Event>::cancel(Handle handle) {
  if (!is_pending(handle)) return false;
  release(handle.slot);
  // Its key stays behind and is recognised by an order that no longer matches. Clearing up once
  // the dead outnumber the living keeps memory in bounds at constant cost per cancellation.
  if (++dead_ > live_ + 64) drop_dead();
  return true;
}

template <class Event>
std::optional<EventHandle> EventQueue<Event>::reschedule(Handle handle, Instant when, int phase) {
  if (!is_pending(handle)) return {};
  Event event = std::move(slots_[handle.slot].event);
  cancel(handle);
  return at(when, phase, std::move(event));
}

template <class Event>
std::optional<Instant> EventQueue<Event>::next_time() {
  if (!settle()) return {};
  return Instant{Span{static_cast<std::int64_t>(wheel_.front().when)}};
}

template <class Event>
Scheduled<Event> EventQueue<Event>::pop() {
  ensure(settle(), "an empty queue has no next event");
  const Pending key = wheel_.front();
  wheel_.pop_front();
  now_ = Instant{Span{static_cast<std::int64_t>(key.when)}};
  Scheduled<Event> next{now_, {key.slot, key.order}, std::move(slots_[key.slot].event)};
  release(key.slot);
  return next;
}

template <class Event>
void EventQueue<Event>::advance(Instant to) {
  ensure(to >= now_, "time does not go backwards");
  ensure(!settle() || to <= *next_time(), "the clock does not pass a pending event");
  now_ = to;
}

// Brings the next living event to the front of the wheel; false if there is none.
template <class Event>
bool EventQueue<Event>::settle() {
  while (wheel_.settle([this](std::uint32_t slot) { __builtin_prefetch(&slots_[slot]); })) {
    const Pending& key = wheel_.front();
    if (slots_[key.slot].order == key.order) [[likely]]
      return true;
    wheel_.pop_front();
    --dead_;
  }
  return false;
}

template <class Event>
void EventQueue<Event>::release(std::uint32_t slot) {
  slots_[slot].order = free_mark;
  if constexpr (!std::is_trivially_destructible_v<Event>) slots_[slot].event = Event{};
  free_.push_back(slot);
  --live_;
}

template <class Event>
void EventQueue<Event>::drop_dead() {
  std::vector<Pending> keys = wheel_.entries();
  std::erase_if(keys, [this](const Pending& k) { return slots_[k.slot].order != k.order; });
  wheel_.assign(keys);
  dead_ = 0;
}

template <class Event>
typename EventQueue<Event>::Snapshot EventQueue<Event>::snapshot() const {
  std::vector<Pending> keys = wheel_.entries();
  std::erase_if(keys, [this](const Pending& k) { return slots_[k.slot].order != k.order; });
  std::sort(keys.begin(), keys.end());
  Snapshot all{now_, next_sequence_, {}};
  all.pending.reserve(keys.size());
  for (const Pending& k : keys)
    all.pending.push_back({Instant{Span{static_cast<std::int64_t>(k.when)}},
                           {k.slot, k.order},
                           slots_[k.slot].event});
  return all;
}

template <class Event>
EventQueue<Event>::EventQueue(const Snapshot& from)
    : now_{from.now}, next_sequence_{from.next_sequence}, live_{from.pending.size()} {
  for (const auto& [when, handle, event] : from.pending) {
    ensure(when >= now_, "a pending event does not lie in the past");
    if (handle.slot >= slots_.size()) slots_.resize(handle.slot + std::size_t{1});
    ensure(slots_[handle.slot].order == free_mark, "two pending events do not share a place");
    slots_[handle.slot] = {handle.order, event};
    wheel_.push({ticks(when), handle.order, handle.slot});
  }
  for (std::uint32_t slot = 0; slot < slots_.size(); ++slot)
    if (slots_[slot].order == free_mark) free_.push_back(slot);
}

}  // namespace jevons
