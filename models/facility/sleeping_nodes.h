#pragma once
// Nodes that have been free for a while go to sleep. Which ones does not matter: jobs take nodes
// that are awake first, so as many sleep as have been free at every moment of the past while.
#include <deque>
#include <optional>

#include "sim/run.h"
#include "sim/time.h"

namespace jevons {

class SleepingNodes {
 public:
  SleepingNodes() = default;
  SleepingNodes(std::optional<Span> after, Instant start, int free) : after_{after} {
    if (after_) runs_.push_back({start, free});
  }

  int asleep() const { return asleep_; }
  // Returns how many must wake.
  int set_free(Instant now, int free) {
    if (!after_) return 0;
    Run run{now, free};
    while (!runs_.empty() && runs_.back().free >= free) {
      run.since = runs_.back().since;
      runs_.pop_back();
    }
    runs_.push_back(run);
    const int waking = asleep_ > free ? asleep_ - free : 0;
    asleep_ -= waking;
    return waking;
  }
  // Those whose time has come fall asleep.
  void advance(Instant now) {
    while (runs_.size() > 1 && runs_[1].since + *after_ <= now) runs_.pop_front();
    if (!runs_.empty() && runs_.front().since + *after_ <= now) asleep_ = runs_.front().free;
  }
  Instant next_change() const {
    for (const Run& run : runs_)
      if (run.free > asleep_) return run.since + *after_;
    return forever;
  }

  template <class Archive>
  void archive(Archive& a) {
    a(after_, runs_, asleep_);
  }

 private:
  // At least so many nodes have been free since then. Both rise from front to back.
  struct Run {
    Instant since{};
    int free = 0;
  };
  std::optional<Span> after_;
  std::deque<Run> runs_;
  int asleep_ = 0;
};

}  // namespace jevons
