#include "models/facility/facility.h"

#include <algorithm>
#include <utility>

namespace jevons {

namespace {

constexpr double joules_per_kwh = 3.6e6;

Power mean_power(const ClockedWork& work, double clock, const ClockLaw& law) {
  return joules_at(work, clock, law) / seconds_at(work, clock) * unit::W;
}

SiteSums plus(SiteSums a, const SiteSums& slope, double by) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] += slope[i] * by;
  return a;
}

double seconds(Span span) {
  return to_time(span).in(unit::s);
}

}  // namespace

Power FacilityModel::rated() const {
  Power sum = network;
  for (const PoweredNodes& pool : pools) sum += pool.full();
  return sum;
}

ClockedWork constant_power(Power p) {
  return {.seconds = 1, .other_joules = p.in(unit::W)};
}

Facility::Facility(FacilityModel model, Instant start)
    : model_{std::move(model)},
      plant_{model_.chain, model_.cooling, model_.rated()},
      books_{start},
      start_{start},
      settled_{start} {
  for (const PoweredNodes& pool : model_.pools)
    pools_.push_back({.sleeping = {model_.sleep_after, start, pool.nodes},
                      .gpu_idle = nanowatts(pool.gpu_idle),
                      .host_idle = nanowatts(pool.host.idle() / pool.gpus_per_node),
                      .asleep = nanowatts(pool.asleep)});
  update(start);
}

DrawId Facility::start(Instant now, const Draw& what) {
  settle(now);
  if (free_draws_.empty()) {
    free_draws_.push_back(static_cast<int>(draws_.size()));
    draws_.emplace_back();
  }
  const int index = free_draws_.back();
  free_draws_.pop_back();
  OpenDraw& fresh = draws_[static_cast<std::size_t>(index)];
  fresh = {};
  open(now, fresh, what);
  update(now);
  return DrawId{index};
}

void Facility::change(Instant now, DrawId id, const ClockedWork& work) {
  settle(now);
  OpenDraw& d = draws_[static_cast<std::size_t>(id)];
  const Draw what{class_of(d).pool, d.gpus, work};
  close(now, d);
  open(now, d, what);
  update(now);
}

Bill Facility::stop(Instant now, DrawId id) {
  settle(now);
  OpenDraw& d = draws_[static_cast<std::size_t>(id)];
  close(now, d);
  closed_ += d.before;
  closed_aj_ += d.before_aj;
  free_draws_.push_back(static_cast<int>(id));
  update(now);
  return d.before;
}

void Facility::open(Instant now, OpenDraw& d, const Draw& what) {
  ensure(what.gpus > 0, "a draw has GPUs");
  d.work_class = enter_class(now, what);
  d.gpus = what.gpus;
  d.since = now;
  WorkClass& c = class_of(d);
  settle_class(now, c);
  d.gpu_aj = c.gpu_aj;
  d.host_aj = c.host_aj;
  d.sums = c.sums;
  c.gpus += d.gpus;
  ++c.draws;
  PoolState& pool = pools_[static_cast<std::size_t>(what.pool)];
  pool.busy_gpus += d.gpus;
  const PoweredNodes& spec = model_.pools[static_cast<std::size_t>(what.pool)];
  ensure(pool.busy_gpus <= std::int64_t{spec.nodes} * spec.gpus_per_node,
         "no more GPUs work than there are");
}

void Facility::close(Instant now, OpenDraw& d) {
  ensure(d.work_class >= 0, "only an open draw ends");
  d.before_aj += joules_of(now, d);
  d.before = bill_of(now, d);
  WorkClass& c = class_of(d);
  c.gpus -= d.gpus;
  pools_[static_cast<std::size_t>(c.pool)].busy_gpus -= d.gpus;
  if (--c.draws == 0) leave_class(d.work_class);
  d.work_class = -1;
}

int Facility::enter_class(Instant now, const Draw& what) {
  const ClockedWork& w = what.work;
  const ClassKey key{what.pool,      w.seconds,           w.clock_seconds,
                     w.static_watts, w.arithmetic_joules, w.other_joules};
  const auto [entry, is_new] = class_index_.try_emplace(key, 0);
  if (!is_new) return entry->second;
  if (free_classes_.empty()) {
    free_classes_.push_back(static_cast<int>(classes_.size()));
    classes_.emplace_back();
  }
  entry->second = free_classes_.back();
  free_classes_.pop_back();
  WorkClass& c = classes_[static_cast<std::size_t>(entry->second)];
  c = {.pool = what.pool, .work = w, .per_watt = per_watt_, .settled = now};
  if (settings_.size() < classes_.size()) settings_.resize(classes_.size());
  settings_[static_cast<std::size_t>(entry->second)].clear();
  apply(c, setting_of(static_cast<std::size_t>(entry->second), step_));
  return entry->second;
}

void Facility::leave_class(int index) {
  const WorkClass& c = classes_[static_cast<std::size_t>(index)];
  const ClockedWork& w = c.work;
  class_index_.erase(
      {c.pool, w.seconds, w.clock_seconds, w.static_watts, w.arithmetic_joules, w.other_joules});
  free_classes_.push_back(index);
}

void Facility::settle_class(Instant now, WorkClass& c) {
  c.sums = sums_of(now, c);
  c.per_watt = per_watt_;
  c.gpu_aj += Int128{c.gpu_rate} * (now - c.settled).count();
  c.host_aj += Int128{c.host_rate} * (now - c.settled).count();
  c.settled = now;
}

void Facility::apply(WorkClass& c, const Setting& setting) const {
  c.clock = setting.clock;
  c.gpu_rate = setting.gpu_rate;
  c.host_rate = setting.host_rate;
}

double Facility::speed(DrawId id) const {
  const WorkClass& c = class_of(draw(id));
  return c.work.seconds / seconds_at(c.work, c.clock);
}

Facility::Setting Facility::setting_of(int pool, const ClockedWork& work, int step) const {
  const PoweredNodes& nodes = model_.pools[static_cast<std::size_t>(pool)];
  const ClockLaw law{.voltage_floor = nodes.voltage_floor};
  const double limit = nodes.gpu_limit.in(unit::W)*step / full_step;
  Setting setting{step == full_step ? 1 : clock_under(limit, work, law)};
  const Power gpu = mean_power(work, setting.clock, law);
  setting.gpu_rate = nanowatts(gpu);
  setting.host_rate = nanowatts(host_per_gpu(nodes, gpu));
  return setting;
}

Facility::Setting Facility::setting_of(std::size_t work_class, int step) const {
  if (settings_.size() <= work_class) settings_.resize(work_class + 1);
  std::vector<Setting>& known = settings_[work_class];
  if (known.empty()) known.resize(full_step + 1);
  Setting& setting = known[static_cast<std::size_t>(step)];
  const WorkClass& c = classes_[work_class];
  if (setting.clock == 0) setting = setting_of(c.pool, c.work, step);
  return setting;
}

// With power limits of GPUs at this step, and as if `extra` ran too.
MachinePower Facility::machines(int step, const Draw* extra) const {
  MachinePower power;
  power.network = nanowatts(model_.network);
  const auto add = [&](std::int64_t gpus, Nanowatts gpu, Nanowatts host) {
    power.job += gpus * gpu;
    power.host += gpus * host;
  };
  for (std::size_t i = 0; i < classes_.size(); ++i) {
    const WorkClass& c = classes_[i];
    if (c.gpus == 0) continue;
    if (step == step_) {
      add(c.gpus, c.gpu_rate, c.host_rate);
    } else {
      const Setting other = setting_of(i, step);
      add(c.gpus, other.gpu_rate, other.host_rate);
    }
  }
  for (std::size_t p = 0; p < pools_.size(); ++p) {
    const PoolState& pool = pools_[p];
    const PoweredNodes& spec = model_.pools[p];
    const std::int64_t asleep = pool.sleeping.asleep();
    std::int64_t idle = (spec.nodes - asleep) * spec.gpus_per_node - pool.busy_gpus;
    if (extra != nullptr && static_cast<std::size_t>(extra->pool) == p) {
      const Setting added = setting_of(extra->pool, extra->work, step);
      add(extra->gpus, added.gpu_rate, added.host_rate);
      idle -= extra->gpus;
    }
    power.idle += idle * pool.gpu_idle + asleep * pool.asleep;
    power.host += idle * pool.host_idle;
  }
  return power;
}

bool Facility::has_power_for(Instant now, const Draw& what) const {
  const auto limit = model_.limit.at(now);
  return !limit || from_nanowatts(plant_.flow(machines(full_step, &what), outside_).grid) <= *limit;
}

// The largest limit of GPUs that keeps the site below its own; the full one: none needed.
int Facility::step_under(Power limit) const {
  const auto fits = [&](int step) {
    return from_nanowatts(plant_.flow(machines(step, nullptr), outside_).grid) <= limit;
  };
  if (fits(full_step)) return full_step;
  int low = 0, high = full_step;
  while (high - low > 1) {
    const int middle = (low + high) / 2;
    (fits(middle) ? low : high) = middle;
  }
  return low;
}

void Facility::set_step(Instant now, int step) {
  if (step == step_) return;
  step_ = step;
  for (std::size_t i = 0; i < classes_.size(); ++i) {
    WorkClass& c = classes_[i];
    if (c.gpus == 0) continue;
    const Setting setting = setting_of(i, step);
    if (setting.clock == c.clock) continue;
    settle_class(now, c);
    apply(c, setting);
    ++clock_version_;
  }
}

// Everything that follows from what runs, at an instant up to which all is settled.
void Facility::update(Instant now) {
  outside_ = {model_.weather.dry_bulb_c.at(now), model_.weather.wet_bulb_c.at(now)};
  const auto limit = model_.limit.at(now);
  set_step(now, limit ? step_under(*limit) : full_step);
  flow_ = plant_.flow(machines(step_, nullptr), outside_);
  const MachinePower& m = flow_.machines;
  const auto set = [&](SiteAccount account, Nanowatts rate) { books_.set(now, account, rate); };
  set(SiteAccount::job, m.job);
  set(SiteAccount::idle, m.idle);
  set(SiteAccount::host, m.host);
  set(SiteAccount::network, m.network);
  set(SiteAccount::cooling, flow_.cooling);
  set(SiteAccount::loss, flow_.loss);
  books_.set_grid(now, flow_.grid);
  books_.check_balance(now);

  const double watts = from_nanowatts(flow_.grid).in(unit::W);
  const double kwh_per_s = watts / joules_per_kwh;
  total_rates_ = {watts,
                  kwh_per_s * model_.grid.carbon_g_per_kwh.at(now),
                  kwh_per_s * model_.grid.marginal_g_per_kwh.at(now),
                  kwh_per_s * model_.grid.price_usd_per_kwh.at(now),
                  kwh_per_s * model_.grid.water_l_per_kwh.at(now),
                  flow_.litres_per_s};
  const double base = from_nanowatts(m.job + m.idle + m.host).in(unit::W);
  for (std::size_t i = 0; i < total_rates_.size(); ++i)
    per_watt_rates_[i] = base > 0 ? total_rates_[i] / base : 0;
}

Instant Facility::next_change() const {
  const bool is_constant =
      model_.grid.carbon_g_per_kwh.is_constant() && model_.grid.marginal_g_per_kwh.is_constant() &&
      model_.grid.price_usd_per_kwh.is_constant() && model_.grid.water_l_per_kwh.is_constant() &&
      model_.weather.dry_bulb_c.is_constant() && model_.weather.wet_bulb_c.is_constant();
  Instant next = is_constant ? forever : next_hour(settled_);
  next = std::min(next, model_.limit.next_change(settled_));
  for (const PoolState& pool : pools_) next = std::min(next, pool.sleeping.next_change());
  return next;
}

void Facility::settle(Instant now) {
  ensure(now <= next_change(), "a site is told of each change of the world outside");
  const double dt = seconds(now - settled_);
  per_watt_ = plus(per_watt_, per_watt_rates_, dt);
  totals_ = plus(totals_, total_rates_, dt);
  settled_ = now;
}

void Facility::advance(Instant now) {
  settle(now);
  for (PoolState& pool : pools_) pool.sleeping.advance(now);
  update(now);
}

Span Facility::set_free_nodes(Instant now, int pool, int nodes) {
  settle(now);
  const bool wakes = pools_[static_cast<std::size_t>(pool)].sleeping.set_free(now, nodes) > 0;
  update(now);
  return wakes ? model_.wake : Span{};
}

SiteSums Facility::per_watt_at(Instant now) const {
  return plus(per_watt_, per_watt_rates_, seconds(now - settled_));
}

SiteSums Facility::sums_of(Instant now, const WorkClass& c) const {
  const double watts = from_nanowatts(c.gpu_rate + c.host_rate).in(unit::W);
  return plus(plus(c.sums, per_watt_at(now), watts), c.per_watt, -watts);
}

Int128 Facility::joules_of(Instant now, const OpenDraw& d) const {
  const WorkClass& c = class_of(d);
  return (c.gpu_aj + Int128{c.gpu_rate} * (now - c.settled).count() - d.gpu_aj) * d.gpus;
}

Bill Facility::bill_of(Instant now, const OpenDraw& d) const {
  const WorkClass& c = class_of(d);
  const PoweredNodes& pool = model_.pools[static_cast<std::size_t>(c.pool)];
  const auto gpus = static_cast<double>(d.gpus);
  SiteSums sums = plus(sums_of(now, c), d.sums, -1);
  for (double& sum : sums) sum *= gpus;
  const Int128 host = c.host_aj + Int128{c.host_rate} * (now - c.settled).count() - d.host_aj;
  Bill bill;
  bill.gpu = from_site_attojoules(joules_of(now, d));
  bill.host = from_site_attojoules(host * d.gpus);
  put_sums(bill, sums);
  bill.embodied = gpus * (to_time(now - d.since) / pool.lifetime) * pool.embodied_per_gpu;
  bill += d.before;
  return bill;
}

Bill Facility::bill(Instant now, DrawId id) const {
  return bill_of(now, draw(id));
}

Bill Facility::total(Instant now) const {
  Bill bill;
  bill.gpu = books_.of(SiteAccount::job, now) + books_.of(SiteAccount::idle, now);
  bill.host = books_.of(SiteAccount::host, now);
  put_sums(bill, plus(totals_, total_rates_, seconds(now - settled_)));
  for (const PoweredNodes& pool : model_.pools)
    bill.embodied += static_cast<double>(pool.nodes) * pool.gpus_per_node *
                     (to_time(now - start_) / pool.lifetime) * pool.embodied_per_gpu;
  return bill;
}

Bill Facility::idle_bill(Instant now) const {
  Bill idle = total(now);
  idle -= closed_;
  for (const OpenDraw& d : draws_)
    if (d.work_class >= 0) idle -= bill_of(now, d);
  return idle;
}

void Facility::check_draws(Instant now) const {
  Int128 sum = closed_aj_;
  for (const OpenDraw& d : draws_)
    if (d.work_class >= 0) sum += d.before_aj + joules_of(now, d);
  ensure(sum == books_.exact(SiteAccount::job, now),
         "joules of all draws equal joules of the account of jobs");
}

SitePower Facility::power() const {
  SitePower p;
  for (std::size_t a = 0; a < p.by.size(); ++a)
    p.by[a] = from_nanowatts(books_.rate(static_cast<SiteAccount>(a)));
  p.grid = from_nanowatts(flow_.grid);
  p.pue = flow_.pue();
  p.gpu_limit = static_cast<double>(step_) / full_step;
  p.carbon_g_per_kwh = model_.grid.carbon_g_per_kwh.at(settled_);
  p.marginal_g_per_kwh = model_.grid.marginal_g_per_kwh.at(settled_);
  p.price_usd_per_kwh = model_.grid.price_usd_per_kwh.at(settled_);
  return p;
}

}  // namespace jevons
