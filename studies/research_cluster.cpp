#include "studies/research_cluster.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "models/facility/power_chain.h"
#include "models/hardware/node_power.h"
#include "models/scheduling/scheduler.h"
#include "sim/event_queue.h"
#include "sim/rng.h"

namespace jevons {

namespace {

constexpr std::size_t nodes = 64, gpus_per_node = 8;
constexpr std::uint64_t seed = 1;
constexpr double idle_w = 63,
                 limit_w = 400;  // the tenth percentile that Seren published; the board

// Processors: nodes without GPUs of the same cluster (546 W in the median, 678 W at the 90th
// percentile). Switches as in H100 nodes, slower cards; fans assumed.
PoweredNodes a100_nodes() {
  HostPower host;
  host.processors = {546 * unit::W, 678 * unit::W};
  host.network = {100 * unit::W, 120 * unit::W};
  host.switches = {250 * unit::W, 300 * unit::W};
  host.fans = {100 * unit::W, 400 * unit::W};
  host.other = {};
  return {.nodes = static_cast<int>(nodes),
          .gpus_per_node = static_cast<int>(gpus_per_node),
          .gpu_idle = idle_w * unit::W,
          .gpu_limit = limit_w * unit::W,
          .host = host};
}

struct ResearchJob {
  GangJob gang;
  double gpu_w = 0;
};

// Many small jobs that leave GPUs half idle, and large ones that keep them busy.
ResearchJob draw_job(Rng& rng, Instant submit) {
  struct Size {
    int gpus;
    double below;
  };
  constexpr std::array sizes{Size{1, 0.70}, Size{2, 0.80},  Size{4, 0.86},
                             Size{8, 0.96}, Size{16, 0.98}, Size{64, 1.0}};
  const double u = rng.uniform();
  const int gpus =
      std::find_if(sizes.begin(), sizes.end(), [u](const Size& s) { return u < s.below; })->gpus;
  // Lognormal with that median and mean; at most two days.
  const double sigma = std::sqrt(2 * std::log(1414.0 / 122));
  const double z =
      std::sqrt(-2 * std::log(rng.uniform_open())) * std::cos(2 * 3.14159265358979 * rng.uniform());
  const double seconds = std::clamp(122 * std::exp(sigma * z), 5.0, 172'800.0);
  const double activity = gpus >= 8 ? 0.5 + 0.5 * rng.uniform() : std::pow(rng.uniform(), 2);
  ResearchJob job;
  job.gang.submit = submit;
  job.gang.run = job.gang.requested = to_span(seconds * unit::s);
  job.gang.gpus = gpus;
  job.gpu_w = idle_w + 30 + activity * (limit_w - idle_w - 30);  // 30 W: context alive
  return job;
}

class Research {
 public:
  Research() : rng_{seed, "research cluster"}, scheduler_{config()} {}

  PowerSamples run() {
    constexpr Span warm_up = std::chrono::hours{24}, length = std::chrono::hours{24 * 8};
    constexpr Span between = std::chrono::milliseconds{18'000};  // for about half of the GPUs busy
    queue_.at(Instant{warm_up}, 2, sample_event);
    queue_.at(Instant{}, 1, arrival_event);
    while (*queue_.next_time() < Instant{length}) {
      const auto next = queue_.pop();
      if (next.event == sample_event) {
        sample();
        queue_.at(next.when + std::chrono::minutes{15}, 2, sample_event);
        continue;
      }
      if (next.event == arrival_event) {
        jobs_.push_back(draw_job(rng_, next.when));
        scheduler_.arrive(next.when, scheduler_.add(jobs_.back().gang));
        queue_.at(next.when + to_span(-std::log(rng_.uniform_open()) * to_time(between)), 1,
                  arrival_event);
      } else {
        scheduler_.finish(next.when, next.event);
      }
      decide(next.when);
    }
    std::sort(samples_.gpu_w.begin(), samples_.gpu_w.end());
    std::sort(samples_.node_w.begin(), samples_.node_w.end());
    return std::move(samples_);
  }

 private:
  static constexpr JobIndex sample_event = -1, arrival_event = -2;

  static SchedulerConfig config() {
    SchedulerConfig c;
    c.nodes = {NodeGroup{.nodes = static_cast<int>(nodes),
                         .gpus_per_node = static_cast<int>(gpus_per_node)}};
    return c;
  }
  void decide(Instant now) {
    scheduler_.decide(now);
    for (const GangChange& change : scheduler_.changes())
      queue_.at(scheduler_.end_of(change.job), 0, change.job);
  }
  void sample() {
    std::vector<double> watts(nodes * gpus_per_node, idle_w);
    for (const JobIndex job : scheduler_.running())
      for (const Slice& slice : scheduler_.state(job).gang.slices)
        for (std::size_t g = 0; g < gpus_per_node; ++g)
          if ((slice.gpus >> g & 1U) != 0)
            watts[static_cast<std::size_t>(slice.node) * gpus_per_node + g] =
                jobs_[static_cast<std::size_t>(job)].gpu_w;
    for (std::size_t n = 0; n < nodes; ++n) {
      double sum = 0;
      for (std::size_t g = 0; g < gpus_per_node; ++g) sum += watts[n * gpus_per_node + g];
      samples_.node_w.push_back(a100_node_watts(sum / static_cast<double>(gpus_per_node)));
    }
    samples_.gpu_w.insert(samples_.gpu_w.end(), watts.begin(), watts.end());
  }

  Rng rng_;
  Scheduler scheduler_;
  EventQueue<JobIndex> queue_;
  std::vector<ResearchJob> jobs_;
  PowerSamples samples_;
};

}  // namespace

double a100_node_watts(double gpu_w) {
  const PoweredNodes node = a100_nodes();
  const double gpus = node.gpus_per_node;
  const Power machines = gpus * (gpu_w * unit::W + host_per_gpu(node, gpu_w * unit::W));
  const PowerStage supply = PowerChain{}.supply;
  const Power most = gpus * node.gpu_limit + node.host.full();
  return (machines + loss(supply, supply.headroom * most, machines)).in(unit::W);
}

PowerSamples research_cluster_powers() {
  return Research{}.run();
}

}  // namespace jevons
