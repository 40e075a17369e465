#include "models/facility/facility.h"

#include <array>
#include <cmath>
#include <vector>

#include <doctest/doctest.h>

#include "sim/rng.h"

namespace jevons {

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

PoweredNodes h100_nodes(int nodes) {
  return {.nodes = nodes,
          .gpu_idle = 77 * unit::W,
          .gpu_limit = 700 * unit::W,
          .asleep = 150 * unit::W,
          .embodied_per_gpu = 400 * unit::kgCO2e};
}

Hourly random_hours(Rng& rng, double least, double most) {
  std::vector<double> values;
  for (int i = 0; i < 100; ++i) values.push_back(least + (most - least) * rng.uniform());
  return Hourly{std::move(values)};
}

FacilityModel a_site(int nodes) {
  FacilityModel model;
  model.pools = {h100_nodes(nodes)};
  model.network = 0.02 * nodes * 10 * unit::kW;
  model.grid.carbon_g_per_kwh = Hourly{400.0};
  model.grid.marginal_g_per_kwh = Hourly{550.0};
  model.grid.price_usd_per_kwh = Hourly{0.07};
  model.grid.water_l_per_kwh = Hourly{2.0};
  model.weather.dry_bulb_c = Hourly{20.0};
  model.weather.wet_bulb_c = Hourly{14.0};
  return model;
}

// A step of one second that draws 600 W at full clock.
constexpr ClockedWork training_step{.seconds = 1,
                                    .clock_seconds = 0.6,
                                    .static_watts = 150,
                                    .arithmetic_joules = 350,
                                    .other_joules = 100};

void check_near(double a, double b, double tolerance = 1e-9) {
  CHECK(std::abs(a - b) <= tolerance * std::max(1.0, std::abs(b)));
}

void check_sums(const Bill& all, const Bill& parts) {
  check_near(parts.energy().base(), all.energy().base());
  check_near(parts.carbon.base(), all.carbon.base());
  check_near(parts.marginal_carbon.base(), all.marginal_carbon.base());
  check_near(parts.embodied.base(), all.embodied.base());
  check_near(parts.cost.base(), all.cost.base());
  check_near(parts.site_litres, all.site_litres);
  check_near(parts.grid_litres, all.grid_litres);
}

// Runs random draws on a site for some days and holds every law at every change.
class RandomDays {
 public:
  explicit RandomDays(std::uint64_t seed) : rng_{seed, "facility law"}, site_{model(), Instant{}} {}

  void run(int changes) {
    for (int i = 0; i < changes; ++i) {
      const Instant next = now_ + Span{static_cast<std::int64_t>(rng_.below(7'200'000'000'000))};
      while (site_.next_change() <= next) pass(site_.next_change());
      pass(next);
      act();
      hold();
    }
    Bill parts = site_.idle_bill(now_);
    for (const Running& r : running_) parts += site_.stop(now_, r.id);
    parts += ended_;
    check_sums(site_.total(now_), parts);
    site_.check_draws(now_);
  }

 private:
  struct Running {
    DrawId id;
    std::int64_t gpus;
  };
  static constexpr int nodes = 40;

  FacilityModel model() {
    FacilityModel m = a_site(nodes);
    m.grid.carbon_g_per_kwh = random_hours(rng_, 20, 900);
    m.grid.marginal_g_per_kwh = random_hours(rng_, 20, 900);
    m.grid.price_usd_per_kwh = random_hours(rng_, -0.05, 0.3);
    m.weather.dry_bulb_c = random_hours(rng_, -10, 45);
    m.weather.wet_bulb_c = random_hours(rng_, -10, 28);
    if (rng_.below(2) == 0) m.sleep_after = minutes{30};
    if (rng_.below(2) == 0) m.cooling = DryCooling{};
    if (rng_.below(2) == 0) m.limit.cap = (120 + 150 * rng_.uniform()) * unit::kW;
    if (rng_.below(2) == 0)
      m.limit.demand_response = {{hours{5}, minutes{150}, 150 * unit::kW, hours{24}}};
    return m;
  }

  void pass(Instant to) {
    site_.advance(to);
    const double watts = from_nanowatts(site_.books().grid_rate()).in(unit::W);
    CHECK(watts > 0);
    now_ = to;
  }
  ClockedWork work() {
    return {.seconds = 0.1 + rng_.uniform(),
            .clock_seconds = 0.1 * rng_.uniform(),
            .static_watts = 100 + 50 * rng_.uniform(),
            .arithmetic_joules = 40 * rng_.uniform(),
            .other_joules = 10 * rng_.uniform()};
  }
  void act() {
    const std::uint64_t what = rng_.below(3);
    if (what == 0 || running_.empty()) {
      const auto gpus = static_cast<std::int64_t>(1 + rng_.below(64));
      if (busy_ + gpus > 8 * nodes) return;
      free_nodes();
      busy_ += gpus;
      free_nodes();
      running_.push_back({site_.start(now_, {0, gpus, work()}), gpus});
      return;
    }
    const std::size_t which = rng_.below(running_.size());
    if (what == 1) return site_.change(now_, running_[which].id, work());
    ended_ += site_.stop(now_, running_[which].id);
    busy_ -= running_[which].gpus;
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(which));
    free_nodes();
  }
  void free_nodes() { site_.set_free_nodes(now_, 0, nodes - static_cast<int>((busy_ + 7) / 8)); }
  void hold() {
    site_.books().check_balance(now_);
    site_.check_draws(now_);
    const SitePower p = site_.power();
    const auto limit = site_.model().limit.at(now_);
    if (limit && p.gpu_limit < 1 && p.gpu_limit > 0.1) CHECK(p.grid <= *limit);
    CHECK(p.pue > 1);
  }
  Rng rng_;
  Facility site_;
  Instant now_{};
  std::vector<Running> running_;
  std::int64_t busy_ = 0;
  Bill ended_;
};

}  // namespace

TEST_CASE("joules of all parts equal joules from the grid at every change of random sites") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) RandomDays{seed}.run(150);
}

TEST_CASE("a job pays for its GPUs and their hosts and its part of all overhead") {
  Facility site{a_site(10), Instant{}};
  const DrawId job = site.start(Instant{}, {0, 40, training_step});
  const Instant end{hours{2}};
  const Bill bill = site.bill(end, job);
  CHECK(bill.gpu.in(unit::kWh) == doctest::Approx(40 * 0.6 * 2));
  const double share = (600.0 - 77) / (700 - 77);
  const double host = (1700 + share * (2450 - 1700)) / 8;
  CHECK(bill.host.in(unit::kWh) == doctest::Approx(40 * host / 1000 * 2));
  const Bill all = site.total(end);
  const double paid = (bill.gpu + bill.host) / (all.gpu + all.host);
  CHECK(bill.energy() / all.energy() == doctest::Approx(paid));
  CHECK(bill.carbon.in(unit::gCO2e) == doctest::Approx(bill.energy().in(unit::kWh)*400));
  CHECK(bill.marginal_carbon.in(unit::gCO2e) == doctest::Approx(bill.energy().in(unit::kWh)*550));
  CHECK(bill.cost.in(unit::usd) == doctest::Approx(bill.energy().in(unit::kWh)*0.07));
  CHECK(bill.embodied.in(unit::kgCO2e) ==
        doctest::Approx(40 * 400 * 2 * unit::h / (5 * unit::year)));
}

TEST_CASE("an idle node of eight H100 draws at the plug what is measured") {
  const PoweredNodes node = h100_nodes(1);
  const PowerChain chain;
  const auto plug = [&](Power gpu) {
    const Power dc = 8 * (gpu + host_per_gpu(node, gpu));
    return dc + loss(chain.supply, chain.supply.headroom * node.full(), dc);
  };
  CHECK(plug(77 * unit::W) > 2325 * unit::W);
  CHECK(plug(77 * unit::W) < 2915 * unit::W);
  CHECK(plug(700 * unit::W).in(unit::kW) == doctest::Approx(8.4).epsilon(0.05));
}

TEST_CASE("a cap slows all GPUs as little as it must and saves energy of a job") {
  FacilityModel model = a_site(10);
  Facility free{model, Instant{}};
  const DrawId fast = free.start(Instant{}, {0, 80, training_step});
  const Power full = free.power().grid;
  model.limit.cap = 0.85 * full;
  Facility capped{model, Instant{}};
  const DrawId slow = capped.start(Instant{}, {0, 80, training_step});
  CHECK(free.speed(fast) == 1);
  CHECK(capped.power().grid <= *model.limit.cap);
  CHECK(capped.power().grid > 0.99 * *model.limit.cap);  // limits are set in steps
  CHECK(capped.speed(slow) < 1);
  CHECK(capped.speed(slow) > 0.85);
  const double energy = capped.power().by[0] / free.power().by[0] / capped.speed(slow);
  CHECK(energy < 1);  // joules of GPUs for the same work
}

TEST_CASE("a cap that queues admits a job only while there is power for it") {
  FacilityModel model = a_site(10);
  model.limit = {.cap = 80 * unit::kW, .mode = CapMode::queue};
  Facility site{model, Instant{}};
  int admitted = 0;
  while (site.has_power_for(Instant{}, {0, 8, training_step})) {
    site.start(Instant{}, {0, 8, training_step});
    ++admitted;
  }
  CHECK(admitted > 3);
  CHECK(admitted < 10);
  CHECK(site.power().gpu_limit == 1);
  CHECK(site.power().grid <= 80 * unit::kW);
}

TEST_CASE("demand response lowers the limit for its hours and lets go again") {
  FacilityModel model = a_site(10);
  model.limit.demand_response = {{hours{2}, hours{1}, 80 * unit::kW, hours{24}}};
  Facility site{model, Instant{}};
  site.start(Instant{}, {0, 80, training_step});
  const Power before = site.power().grid;
  CHECK(before > 80 * unit::kW);
  CHECK(site.next_change() == Instant{hours{2}});
  site.advance(Instant{hours{2}});
  CHECK(site.power().grid <= 80 * unit::kW);
  CHECK(site.clock_version() == 1);
  CHECK(site.next_change() == Instant{hours{3}});
  site.advance(Instant{hours{3}});
  CHECK(site.power().grid == before);
  CHECK(site.next_change() == Instant{hours{26}});
}

TEST_CASE("nodes that nobody used for a while sleep and those that wake keep their job waiting") {
  FacilityModel model = a_site(10);
  model.sleep_after = minutes{10};
  Facility site{model, Instant{}};
  site.set_free_nodes(Instant{}, 0, 10);
  const Power awake = site.power().grid;
  CHECK(site.next_change() == Instant{minutes{10}});
  CHECK(site.set_free_nodes(Instant{minutes{5}}, 0, 6) == Span{});
  CHECK(site.next_change() == Instant{minutes{10}});
  site.advance(Instant{minutes{10}});  // six have been free all along
  CHECK(site.power().grid < 0.7 * awake);
  CHECK(site.set_free_nodes(Instant{minutes{11}}, 0, 6) == Span{});
  CHECK(site.set_free_nodes(Instant{minutes{12}}, 0, 4) == model.wake);
  CHECK(site.set_free_nodes(Instant{minutes{13}}, 0, 9) == Span{});
  CHECK(site.next_change() == Instant{minutes{23}});
}

TEST_CASE("doubling all powers of machines doubles their joules and moves no change") {
  FacilityModel model = a_site(4);
  model.weather.dry_bulb_c = Hourly{std::vector<double>{10, 20, 30}};
  Facility site{model, Instant{}};
  Facility same{model, Instant{}};
  same.start(Instant{}, {0, 16, constant_power(400 * unit::W)});
  site.start(Instant{}, {0, 16, constant_power(200 * unit::W)});
  CHECK(site.next_change() == same.next_change());
  const Instant end{hours{1}};
  CHECK(same.books().exact(SiteAccount::job, end) == 2 * site.books().exact(SiteAccount::job, end));
}

TEST_CASE("a site that is not told of an hour says so") {
  FacilityModel model = a_site(4);
  model.grid.carbon_g_per_kwh = Hourly{std::vector<double>{100, 200}};
  Facility site{model, Instant{}};
  CHECK_THROWS_AS(site.advance(Instant{hours{2}}), BrokenInvariant);
}

}  // namespace jevons
