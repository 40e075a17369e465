#pragma once
// What reshuffling policies remember between decisions.
#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "models/scheduling/gang_job.h"
#include "sim/run.h"

namespace jevons {

struct Shuffle {
  // Srtf, Srsf: waiting jobs by GPUs, then by what is left, then by arrival.
  using Key = std::pair<std::int64_t, std::int32_t>;
  std::map<std::int32_t, std::set<Key>> by_size;

  // LeastAttained: queues, in the order in which they are served.
  std::vector<std::vector<JobIndex>> queues;
  std::map<JobIndex, std::int32_t> queue_of;

  // FinishTimeFair: all jobs in the order of the last decision, and what they had then.
  struct Share {
    double alone_before = 0;  // what the work done so far would have taken alone
    double left = -1;         // at the last decision, in the unit of time alone; -1: none yet
    double part = 1;          // of the speed, alone on an equal part of the cluster
    double owed_s = 0;        // time it should have run
    template <class Archive>
    void archive(Archive& a) {
      a(alone_before, left, part, owed_s);
    }
  };
  std::vector<JobIndex> order;
  std::map<JobIndex, Share> shares;
  Instant decided{};

  Instant next_demotion = forever;

  template <class Archive>
  void archive(Archive& a) {
    a(by_size, queues, queue_of, order, shares, decided, next_demotion);
  }
};

// Fractions of time x in [0, 1], one for each job, that make max (elapsed + work / x) / alone least
// while sum gpus x <= total. Where several do, their analytic centre, which is what an interior
// point solver ends at. Cost: a few dozen passes over the jobs.
struct FairJob {
  double elapsed = 0, work = 0, alone = 1;  // alone > 0
  double gpus = 1;
};
std::vector<double> fair_fractions(const std::vector<FairJob>& jobs, double total);

}  // namespace jevons
