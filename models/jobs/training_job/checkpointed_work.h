#pragma once
// Progress of a job between failures, in closed form: training for `interval`, then a stall in
// which the checkpoint is taken, and so on to a last checkpoint at the end. Any span of time costs
// a few operations, however many checkpoints lie in it. Work is time of training at full pace.
#include <cstdint>

#include "sim/time.h"

namespace jevons {

struct WorkPlan {
  Span total;     // of work
  Span interval;  // of work between checkpoints
  Span stall;     // training stops
  Span write;     // after the stall, until the checkpoint survives a failure; <= interval
};

class CheckpointedWork {
 public:
  explicit CheckpointedWork(const WorkPlan& plan);

  void advance(Span wall);
  Span time_to_finish() const;
  bool is_finished() const { return saved_ == plan_.total; }

  // Work takes 1 + parts / 10^6 times as long from now on.
  void set_slowdown(std::int64_t parts_per_million) { slowdown_ = parts_per_million; }
  // Back to the last checkpoint that is complete; returns the work that is lost.
  Span roll_back();
  // Back to an earlier saved().
  Span roll_back_to(Span saved);
  // A checkpoint of all work up to here, complete at once.
  void keep();

  Span saved() const { return saved_; }
  // Saved work that a failure now would leave.
  Span durable() const;
  Span done() const { return saved_ + unsaved_; }
  Span trained() const { return trained_; }  // wall-clock, lost work included
  Span stalled() const { return stalled_; }  // wall-clock
  std::int64_t checkpoints() const { return checkpoints_; }

 private:
  // Work until the next checkpoint is due, from the last one.
  Span target() const;
  Span stretched(Span work) const;  // work -> wall, rounded up
  Span shrunk(Span wall) const;     // wall -> work, rounded down
  void advance_in_cycle(Span wall);
  void complete_cycle();

  WorkPlan plan_;
  std::int64_t slowdown_ = 0;
  Span saved_{}, unsaved_{};
  Span stall_done_{};      // of the stall of this cycle
  bool is_fresh_ = false;  // the last checkpoint was taken since the last start
  Span trained_{}, stalled_{};
  std::int64_t checkpoints_ = 0;
};

}  // namespace jevons
