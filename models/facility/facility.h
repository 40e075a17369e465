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
#include <cstdint>
#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "models/facility/bill.h"
#include "models/facility/grid.h"
#include "models/facility/power_flow.h"
#include "models/facility/site_limit.h"
#include "models/facility/sleeping_nodes.h"
#include "models/hardware/node_power.h"
#include "models/hardware/power_cap.h"

namespace jevons {

struct FacilityModel {
  std::vector<PoweredNodes> pools;
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

struct SitePower {
  std::array<Power, site_account_count> by{};
  Power grid;
  double pue = 1;        // grid / machines at their plugs
  double gpu_limit = 1;  // power limit of GPUs as a share of their own; 1: not limited
  double carbon_g_per_kwh = 0, marginal_g_per_kwh = 0, price_usd_per_kwh = 0;
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

  SitePower power() const;  // as of the last change
  const SiteLedger& books() const { return books_; }
  const FacilityModel& model() const { return model_; }
  // All of it, and the part that no draw has paid for: idle and sleeping machines.
  Bill total(Instant now) const;
  Bill idle_bill(Instant now) const;
  // Joules of all draws, open and closed, equal joules of the account of jobs.
  void check_draws(Instant now) const;

  // All that changes; the model stays as it is.
  template <class Archive>
  void archive(Archive& a) {
    a(books_, classes_, class_index_, free_classes_, draws_, free_draws_, pools_, flow_, outside_,
      step_, settings_, clock_version_, start_, settled_, per_watt_, per_watt_rates_, totals_,
      total_rates_, closed_aj_, closed_);
  }

 private:
  // Draws of the same work: their GPUs share one meter, so that a change of clock costs the same
  // however many draws there are.
  struct WorkClass {
    int pool = 0, draws = 0;
    ClockedWork work;
    std::int64_t gpus = 0;
    double clock = 1;
    Nanowatts gpu_rate = 0, host_rate = 0;  // of one GPU
    Int128 gpu_aj = 0, host_aj = 0;         // of one GPU, as if it had always been in the class
    SiteSums sums{};                        // its part of the site's, likewise
    SiteSums per_watt{};                    // the site's when last settled
    Instant settled{};
  };
  // What a power limit of a GPU does to a work. Limits are set in steps of its own limit, so that
  // each is worked out once.
  static constexpr int full_step = 256;
  struct Setting {
    double clock = 0;  // 0: not worked out yet
    Nanowatts gpu_rate = 0, host_rate = 0;
  };
  struct OpenDraw {
    int work_class = -1;  // none: closed
    std::int64_t gpus = 0;
    Instant since{};
    Int128 gpu_aj = 0, host_aj = 0;  // of its class at that time
    SiteSums sums{};
    Bill before;           // of earlier work of the same draw
    Int128 before_aj = 0;  // of its GPUs
  };
  struct PoolState {
    std::int64_t busy_gpus = 0;
    SleepingNodes sleeping;
    Nanowatts gpu_idle = 0, host_idle = 0;  // of one GPU
    Nanowatts asleep = 0;                   // of one node

    template <class Archive>
    void archive(Archive& a) {
      a(busy_gpus, sleeping, gpu_idle, host_idle, asleep);
    }
  };
  using ClassKey = std::tuple<int, double, double, double, double, double>;

  WorkClass& class_of(OpenDraw& draw) {
    return classes_[static_cast<std::size_t>(draw.work_class)];
  }
  const WorkClass& class_of(const OpenDraw& draw) const {
    return classes_[static_cast<std::size_t>(draw.work_class)];
  }
  const OpenDraw& draw(DrawId id) const { return draws_[static_cast<std::size_t>(id)]; }
  int enter_class(Instant now, const Draw& draw);
  void leave_class(int index);
  void open(Instant now, OpenDraw& draw, const Draw& what);
  void close(Instant now, OpenDraw& draw);
  Bill bill_of(Instant now, const OpenDraw& draw) const;
  Int128 joules_of(Instant now, const OpenDraw& draw) const;
  SiteSums sums_of(Instant now, const WorkClass& c) const;
  SiteSums per_watt_at(Instant now) const;
  void settle(Instant now);
  void settle_class(Instant now, WorkClass& c);
  Setting setting_of(int pool, const ClockedWork& work, int step) const;
  Setting setting_of(std::size_t work_class, int step) const;
  void apply(WorkClass& c, const Setting& setting) const;
  MachinePower machines(int step, const Draw* extra) const;
  int step_under(Power limit) const;
  void update(Instant now);
  void set_step(Instant now, int step);

  FacilityModel model_;
  PowerPlant plant_;
  SiteLedger books_;
  std::vector<WorkClass> classes_;
  std::map<ClassKey, int> class_index_;
  std::vector<int> free_classes_;
  std::vector<OpenDraw> draws_;
  std::vector<int> free_draws_;
  std::vector<PoolState> pools_;
  PowerFlow flow_;
  Outside outside_;
  int step_ = full_step;  // power limit of GPUs, in steps of their own
  mutable std::vector<std::vector<Setting>> settings_;  // by class and step; a cache
  std::uint64_t clock_version_ = 0;
  Instant start_, settled_;
  SiteSums per_watt_{}, per_watt_rates_{};  // per watt of GPUs and hosts
  SiteSums totals_{}, total_rates_{};
  Int128 closed_aj_ = 0;  // of GPUs of draws that have ended
  Bill closed_;
};

}  // namespace jevons
