#pragma once
// A site: nodes, what feeds and cools them, and the grid. It is told what runs and books where each
// joule goes, at every change. Between two changes all powers are constant.
//
//   Facility site{model, now};
//   const DrawId job = site.start(now, {.pool = 0, .gpus = 64, .work = step_of_one_gpu});
//   queue.at(site.next_change(), ...);          // then site.advance(now)
//   if (site.clock_version() != seen) ...       // a limit has changed the pace: site.speed(job)
//   const Bill bill = site.stop(now, job);
//
// Attribution: a draw pays for its GPUs and for their share of their nodes' hosts, and overhead
// (network, cooling, losses) is spread in proportion to both. What nobody runs on pays the same way
// and is billed as idle, so that all bills sum to what the site took.
#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "models/facility/cooling.h"
#include "models/facility/grid.h"
#include "models/facility/power_chain.h"
#include "models/facility/site_limit.h"
#include "models/hardware/node_power.h"
#include "models/hardware/power_cap.h"
#include "models/ledger/site_ledger.h"

namespace jevons {

struct FacilityModel {
  std::vector<NodePool> pools;
  Power network;  // switches between nodes, always on
  PowerChain chain;
  Cooling cooling;
  Grid grid;
  Weather weather;
  SiteLimit limit;
  std::optional<Span> sleep_after;  // nodes free for so long go to sleep; nothing: never
  Span wake = std::chrono::minutes{2};

  Power rated() const;  // of machines: all GPUs at their limit
};

// GPUs of one pool that work on the same thing. Power is joules_at / seconds_at of `work`, which is
// one iteration or step of one GPU; a constant power has seconds = 1 and other_joules.
struct Draw {
  int pool = 0;
  std::int64_t gpus = 0;
  ClockedWork work;
};
ClockedWork constant_power(Power p);

enum class DrawId : std::int32_t {};

// What something has cost. Scope facility: everything behind the meter at the grid.
struct Bill {
  Energy gpu, host, overhead;
  Carbon carbon, marginal_carbon, embodied;
  double site_litres = 0, grid_litres = 0;
  Money cost;

  Energy energy() const { return gpu + host + overhead; }
  Bill& operator+=(const Bill& other);
};

struct SitePower {
  std::array<Power, site_account_count> by{};
  Power grid;
  double pue = 1;          // grid / (jobs + idle + host + network)
  double clock_limit = 1;  // power limit of GPUs as a share of their own; 1: not limited
};

class Facility {
 public:
  Facility(FacilityModel model, Instant start);

  DrawId start(Instant now, const Draw& draw);
  void change(Instant now, DrawId id, const ClockedWork& work);
  // Ends the draw; its id may be given to another.
  Bill stop(Instant now, DrawId id);
  Bill bill(Instant now, DrawId id) const;

  // Nodes of a pool that nobody uses. Returns how long nodes that must wake keep their jobs
  // waiting.
  Span set_free_nodes(Instant now, int pool, int nodes);

  // When an hour, a limit or the sleep of nodes changes something; `forever`: never.
  Instant next_change() const;
  void advance(Instant now);

  // Whether the site stays below its limit if this ran too, at full clock.
  bool has_power_for(Instant now, const Draw& draw) const;
  // Pace of a draw under the present limit, 1 at full clock. The version changes with any pace.
  double speed(DrawId id) const;
  std::uint64_t clock_version() const { return clock_version_; }

  SitePower power() const;
  const SiteLedger& books() const { return books_; }
  const FacilityModel& model() const { return model_; }
  // All of it, and the part that no draw has paid for: idle and sleeping machines.
  Bill total(Instant now) const;
  Bill idle_bill(Instant now) const;
  // Joules of all draws, open and closed, equal joules of the account of jobs.
  void check_draws(Instant now) const;

 private:
  // Draws of the same work: their GPUs share one meter, so that a change of clock costs the same
  // however many draws there are.
  struct WorkClass {
    int pool = 0;
    ClockedWork work;
    std::int64_t gpus = 0;
    int draws = 0;
    double clock = 1;
    Nanowatts gpu_rate = 0, host_rate = 0;  // of one GPU
    Int128 gpu_aj = 0, host_aj = 0;         // of one GPU that has been in the class all the time
    std::array<double, 6> shares{};         // facility joules, g, g, usd, litres, litres of one GPU
    std::array<double, 6> since{};          // site integrals when last settled
    Instant settled{};
  };
  struct OpenDraw {
    bool is_open = false;
    int work_class = -1;
    std::int64_t gpus = 0;
    Instant since{};
    Int128 gpu_aj = 0, host_aj = 0;
    std::array<double, 6> shares{};
    Bill before;               // of earlier work of the same draw
    Int128 before_gpu_aj = 0;  // whose GPUs drew this
  };
  using ClassKey = std::tuple<int, double, double, double, double, double>;
  struct PoolState {
    std::int64_t busy_gpus = 0;
    int free_nodes = 0, asleep = 0;
    std::deque<std::pair<Instant, int>> free_since;  // candidates of the least number free
  };
  struct Flow {  // watts through the site
    Nanowatts job = 0, idle = 0, host = 0, network = 0, cooling = 0, loss = 0, grid = 0;
    double litres_per_s = 0;
  };

  int class_of(Instant now, const Draw& draw);
  void leave_class(int index);
  void open(Instant now, OpenDraw& draw, const Draw& what);
  void close(Instant now, OpenDraw& draw);
  void settle_class(Instant now, WorkClass& work);
  void set_clock(WorkClass& work, double limit_share) const;
  Flow flow(double limit_share, const Draw* extra) const;
  Flow flow_of(Nanowatts job, Nanowatts idle, Nanowatts host) const;
  void settle(Instant now);
  void update(Instant now);
  double limit_share(Instant now) const;
  std::array<double, 6> integrals(Instant now) const;
  bool put_to_sleep(Instant now);

  FacilityModel model_;
  Power rated_;
  SiteLedger books_;
  std::vector<WorkClass> classes_;
  std::map<ClassKey, int> class_index_;
  std::vector<int> free_classes_;
  std::vector<OpenDraw> draws_;
  std::vector<int> free_draws_;
  std::vector<PoolState> pools_;
  Flow now_flow_;
  Outside outside_;
  double share_ = 1;
  std::uint64_t clock_version_ = 0;
  Instant settled_{};
  std::array<double, 6> per_watt_{};  // integrals over time per watt of GPUs and hosts
  std::array<double, 6> rates_{};     // their present slopes
  std::array<double, 6> totals_{};    // of the whole site
  std::array<double, 6> total_rates_{};
  Int128 closed_aj_ = 0;
  Bill closed_;
};

}  // namespace jevons
