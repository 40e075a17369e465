#include "studies/compare.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <thread>

#include "scenarios/rulebook_io.h"
#include "studies/compare_inputs.h"
#include "studies/compare_nameplate.h"
#include "studies/parallel.h"
#include "studies/sampling.h"

namespace jevons {

namespace {

// What a work takes of one chip in a sample.
struct Taken {
  double gpu_s = 0, joules = 0;
};

// How a tier is bought.
struct Purchase {
  std::string status, channel, why_not;
  double fee = 0, tariff = 0;
  Spread premium = Spread::exactly(0);
  std::optional<Spread> supply;  // H100 equivalents a year
};

class Comparing {
 public:
  Comparing(const CompareScenario& scenario, const std::function<void(double)>& progress)
      : s_{scenario}, inputs_{scenario}, progress_{progress} {}

  CompareOutcome run() {
    prepare_tiers();
    simulate();
    draw();
    return report();
  }

 private:
  void prepare_tiers();
  Purchase purchase(const ChipSpec& chip) const;
  void size_fleet(std::size_t tier);
  void simulate();
  WorkRate simulated(std::size_t tier, const ComparedWork& work) const;
  void draw();
  void draw_sample(std::size_t sample);
  Taken taken(std::size_t tier, std::size_t work, std::size_t sample,
              const std::vector<std::vector<WorkRate::Point>>& points) const;
  double fleet(std::size_t tier, std::size_t sample) const;
  double goodput(std::size_t work, std::size_t sample) const;
  double units(std::size_t work) const;
  void figures(std::size_t tier, std::size_t work, std::size_t sample, const Taken& own,
               const Taken& reference);
  CompareOutcome report() const;
  ComparedResult result(std::size_t tier, std::size_t work) const;
  std::vector<Influence> influences(const std::vector<double>& of) const;
  std::optional<NameplateCheck> nameplate(std::size_t tier) const;
  std::string why_not(std::size_t tier, std::size_t work) const;

  const CompareScenario& s_;
  CompareInputs inputs_;
  const std::function<void(double)>& progress_;
  std::vector<TierKnowledge> known_;
  std::vector<Purchase> purchases_;
  std::vector<std::optional<std::size_t>> premium_, supply_;  // inputs
  std::vector<double> gpus_;                                  // where the fleet is no input
  std::map<std::size_t, std::size_t> goodput_;                // work -> input
  std::vector<std::vector<WorkRate>> rates_;                  // [tier][work]
  std::vector<std::optional<ChipPhases>> phases_;
  // [tier][work][figure][sample]
  std::vector<std::vector<std::array<std::vector<double>, measured_count>>> drawn_;
};

std::string label_of(const ComparedTier& tier) {
  return tier.label.empty() ? tier.chip.id : tier.label;
}

Purchase Comparing::purchase(const ChipSpec& chip) const {
  Purchase p;
  if (!s_.rules) return p;
  const BuyingRules& r = *s_.rules;
  // The project's own rules: a scenario may bring its chips, but no law.
  static const Rulebook book = project_rulebook();
  const Deal deal = deal_from({.date = r.date, .destination = r.destination}, book, "rules");
  const PolicyAnswer answer = book.answer(ruled_chip(chip), deal);
  p.status = name_of(answer.headline);
  const auto found = offer(book, r.region, chip, deal, r.most, r.smuggles);
  if (!found) {
    p.why_not = "cannot be bought: " + p.status;
    return p;
  }
  p.channel = name_of(found->channel);
  if (found->channel == SupplyChannel::legal) {
    p.fee = answer.fee;
    p.tariff = answer.tariff;
  }
  const AccessChannel& channel = *find(r.region, found->channel);
  p.premium = channel.premium;
  if (const auto* available = std::get_if<Available>(&s_.fleet)) {
    p.supply = supply(channel, available->year);
    if (!p.supply) p.why_not = "no supply is known of the channel " + p.channel + " in that year";
  }
  return p;
}

// How many GPUs, where the fleet says so without a sample.
void Comparing::size_fleet(std::size_t tier) {
  const ChipSpec& chip = s_.tiers[tier].chip;
  const std::string name = label_of(s_.tiers[tier]);
  const Purchase& p = purchases_[tier];
  double gpus = 0;
  if (const auto* count = std::get_if<EqualCount>(&s_.fleet)) gpus = count->gpus;
  if (const auto* money = std::get_if<EqualMoney>(&s_.fleet)) {
    OwnershipTerms t = s_.costs;
    t.chip.price = price_of(s_.tiers[tier]).p50 * unit::usd;
    t.server.price = s_.server_usd.p50 * unit::usd;
    t.fee = p.fee;
    t.tariff = p.tariff;
    t.premium = p.premium.p50;
    t.peak = *chip.tdp + s_.host_power_per_gpu;
    gpus = money->capex / capex_per_gpu(t);
  }
  if (const auto* power = std::get_if<EqualPower>(&s_.fleet))
    gpus = power->power / (s_.pue.p50 * (*chip.tdp + s_.host_power_per_gpu));
  if (const auto* available = std::get_if<Available>(&s_.fleet); available && p.supply) {
    constexpr double h100_tpp = 15832;
    const double tpp = *ruled_chip(chip)[ChipFact::tpp];
    const double each = available->share * 1e6 * h100_tpp / tpp;
    supply_[tier] = inputs_.add(name + ": supply, GPUs",
                                {each * p.supply->p5, each * p.supply->p50, each * p.supply->p95});
  }
  gpus_[tier] = gpus;
}

void Comparing::prepare_tiers() {
  const std::size_t n = s_.tiers.size();
  premium_.resize(n);
  supply_.resize(n);
  gpus_.resize(n);
  for (std::size_t t = 0; t < n; ++t) {
    known_.push_back(knowledge_of(s_.tiers, t));
    inputs_.add_tier(s_.tiers, t, known_.back());
    purchases_.push_back(purchase(s_.tiers[t].chip));
    if (!purchases_.back().premium.is_exact())
      premium_[t] = inputs_.add(label_of(s_.tiers[t]) + ": premium", purchases_.back().premium);
    size_fleet(t);
  }
  for (std::size_t w = 0; w < s_.works.size(); ++w)
    if (const auto* train = std::get_if<TrainWork>(&s_.works[w]))
      goodput_[w] = inputs_.add(train->label + ": goodput", train->goodput);
}

WorkRate Comparing::simulated(std::size_t tier, const ComparedWork& work) const {
  const ChipSpec& chip = s_.tiers[tier].chip;
  if (const auto* train = std::get_if<TrainWork>(&work)) return work_rate(chip, *train);
  if (const auto* post = std::get_if<PostTrainWork>(&work)) return work_rate(chip, *post, s_.seed);
  if (const auto* serve = std::get_if<ServeWork>(&work))
    return work_rate(chip, *serve, s_.requests, s_.seed);
  return {};
}

void Comparing::simulate() {
  const std::size_t works = s_.works.size();
  rates_.assign(s_.tiers.size(), std::vector<WorkRate>(works));
  phases_.resize(s_.tiers.size());
  const ServeWork* served = nullptr;
  for (const ComparedWork& work : s_.works)
    if (const auto* serve = std::get_if<ServeWork>(&work); serve && !served) served = serve;
  std::atomic<std::size_t> done{0};
  const std::size_t jobs = s_.tiers.size() * (works + 1);
  const auto main_thread = std::this_thread::get_id();
  in_parallel(jobs, [&](std::size_t i) {
    const std::size_t t = i / (works + 1);
    const std::size_t w = i % (works + 1);
    if (w < works)
      rates_[t][w] = simulated(t, s_.works[w]);
    else if (served != nullptr)
      phases_[t] = chip_phases(s_.tiers[t].chip, *served);
    ++done;
    if (std::this_thread::get_id() == main_thread)
      progress_(0.9 * static_cast<double>(done) / static_cast<double>(jobs));
  });
}

double Comparing::fleet(std::size_t tier, std::size_t sample) const {
  return supply_[tier] ? inputs_.value(*supply_[tier], sample) : gpus_[tier];
}

double Comparing::goodput(std::size_t work, std::size_t sample) const {
  const auto found = goodput_.find(work);
  return found != goodput_.end() ? inputs_.value(found->second, sample) : 1;
}

double Comparing::units(std::size_t work) const {
  const ComparedWork& w = s_.works[work];
  if (const auto* train = std::get_if<TrainWork>(&w)) return train->tokens;
  if (const auto* post = std::get_if<PostTrainWork>(&w)) return post->steps;
  if (const auto* serve = std::get_if<ServeWork>(&w)) return serve->tokens;
  return std::get<MixWork>(w).hours;
}

std::string Comparing::why_not(std::size_t tier, std::size_t work) const {
  if (!purchases_[tier].why_not.empty()) return purchases_[tier].why_not;
  const auto* mix = std::get_if<MixWork>(&s_.works[work]);
  if (mix == nullptr) return rates_[tier][work].why_not;
  for (std::size_t w = 0; w < work; ++w)
    for (const std::size_t t : {std::size_t{0}, tier})
      if (mix->shares.contains(label_of(s_.works[w])) && !rates_[t][w].why_not.empty())
        return rates_[t][w].why_not;
  return "";
}

Taken Comparing::taken(std::size_t tier, std::size_t work, std::size_t sample,
                       const std::vector<std::vector<WorkRate::Point>>& points) const {
  const auto* mix = std::get_if<MixWork>(&s_.works[work]);
  if (mix == nullptr) {
    const WorkRate::Point& p = points[tier][work];
    if (p.per_gpu_s <= 0) return {};
    return {units(work) / (p.per_gpu_s * goodput(work, sample)), units(work) * p.joules};
  }
  Taken sum;
  for (std::size_t w = 0; w < work; ++w) {
    const auto share = mix->shares.find(label_of(s_.works[w]));
    if (share == mix->shares.end() || points[tier][w].per_gpu_s <= 0) continue;
    const double done = share->second * 3600 * mix->hours * points[0][w].per_gpu_s;
    sum.gpu_s += done / points[tier][w].per_gpu_s;
    sum.joules += done * points[tier][w].joules;
  }
  return sum;
}

void Comparing::figures(std::size_t tier, std::size_t work, std::size_t sample, const Taken& own,
                        const Taken& reference) {
  auto& columns = drawn_[tier][work];
  const auto put = [&](Measured m, double v) { columns[static_cast<std::size_t>(m)][sample] = v; };
  const auto cost_of_tier = [&](std::size_t t, const Taken& of) {
    OwnershipTerms terms = inputs_.terms(s_, t, sample);
    terms.fee = purchases_[t].fee;
    terms.tariff = purchases_[t].tariff;
    terms.premium = premium_[t] ? inputs_.value(*premium_[t], sample) : purchases_[t].premium.p50;
    const Power mean = (of.joules / of.gpu_s) * unit::W + s_.host_power_per_gpu;
    return std::pair{cost_of_gpu_hour(terms, mean), mean.in(unit::W)};
  };
  const double hours = own.gpu_s / 3600;
  const auto [cost, watts] = cost_of_tier(tier, own);
  const auto [other, other_watts] = cost_of_tier(0, reference);
  const double pue = inputs_.value(inputs_.pue, sample);
  const double mwh = pue * watts * hours * 1e-6;
  const double reference_hours = reference.gpu_s / 3600;
  const double usd = cost.total().in(unit::usd)*hours;
  const double count = fleet(tier, sample);
  const double deadline_h =
      s_.deadline ? s_.deadline->in(unit::h) : reference_hours / fleet(0, sample);
  const double millions = units(work) / 1e6;
  put(Measured::effective, reference.gpu_s / own.gpu_s);
  put(Measured::days, hours / count / 24);
  put(Measured::gpu_hours, hours);
  put(Measured::usd, usd);
  put(Measured::usd_duties, (cost.fee + cost.tariff + cost.premium).in(unit::usd)*hours);
  put(Measured::usd_energy, cost.power.in(unit::usd)*hours);
  put(Measured::usd_capital,
      (cost.capital() - cost.fee - cost.tariff - cost.premium).in(unit::usd)*hours);
  put(Measured::usd_per_unit, usd / millions);
  put(Measured::mwh, mwh);
  put(Measured::kwh_per_unit, 1000 * mwh / millions);
  put(Measured::tco2e, mwh * inputs_.value(inputs_.carbon, sample) * 1e-3);
  put(Measured::chips, hours / deadline_h);
  const double flop = rates_[tier][work].flop;
  put(Measured::gpu_j_per_flop, flop > 0 ? 1e12 * own.joules / (units(work) * flop) : 0);
  put(Measured::usd_ratio, usd / (other.total().in(unit::usd)*reference_hours));
  put(Measured::mwh_ratio, mwh / (pue * other_watts * reference_hours * 1e-6));
}

void Comparing::draw_sample(std::size_t sample) {
  std::vector<std::vector<WorkRate::Point>> points(s_.tiers.size());
  for (std::size_t t = 0; t < s_.tiers.size(); ++t) {
    const ProfileFactors f = inputs_.factors(t, sample);
    for (std::size_t w = 0; w < s_.works.size(); ++w)
      points[t].push_back(rates_[t][w].why_not.empty() ? rates_[t][w].at(f) : WorkRate::Point{});
  }
  for (std::size_t w = 0; w < s_.works.size(); ++w) {
    const Taken reference = taken(0, w, sample, points);
    for (std::size_t t = 0; t < s_.tiers.size(); ++t) {
      const Taken own = taken(t, w, sample, points);
      if (own.gpu_s > 0 && reference.gpu_s > 0 && fleet(t, sample) > 0)
        figures(t, w, sample, own, reference);
    }
  }
}

void Comparing::draw() {
  std::array<std::vector<double>, measured_count> empty;
  for (auto& column : empty) column.resize(inputs_.samples());
  drawn_.assign(s_.tiers.size(), {s_.works.size(), empty});
  in_parallel(inputs_.samples(), [this](std::size_t i) { draw_sample(i); });
}

std::vector<Influence> Comparing::influences(const std::vector<double>& of) const {
  std::vector<Influence> all;
  for (std::size_t i = 0; i < inputs_.list().size(); ++i)
    if (!inputs_.list()[i].second.is_exact())
      all.push_back({inputs_.list()[i].first, rank_correlation(inputs_.column(i), of)});
  std::stable_sort(all.begin(), all.end(), [](const Influence& a, const Influence& b) {
    return std::abs(a.rank_correlation) > std::abs(b.rank_correlation);
  });
  all.resize(std::min<std::size_t>(3, all.size()));
  return all;
}

ComparedResult Comparing::result(std::size_t tier, std::size_t work) const {
  constexpr std::array units_of{"training tokens", "steps", "output tokens",
                                "GPU-hours of the mix"};
  const WorkRate& rate = rates_[tier][work];
  ComparedResult r;
  r.unit = units_of.at(s_.works[work].index());
  r.why_not = why_not(tier, work);
  r.binding = rate.binding;
  r.how = rate.how;
  r.extrapolated = rate.extrapolated;
  if (!r.why_not.empty()) return r;
  const auto& columns = drawn_[tier][work];
  for (std::size_t m = 0; m < measured_count; ++m) r.figures[m] = spread_of(columns[m]);
  r.on_usd = influences(columns[static_cast<std::size_t>(Measured::usd)]);
  r.on_mwh = influences(columns[static_cast<std::size_t>(Measured::mwh)]);
  return r;
}

std::optional<NameplateCheck> Comparing::nameplate(std::size_t tier) const {
  if (!phases_[tier] || !phases_[0]) return std::nullopt;
  return nameplate_check({&s_.tiers[tier].chip, &*phases_[tier], tier},
                         {&s_.tiers[0].chip, &*phases_[0], 0}, inputs_);
}

CompareOutcome Comparing::report() const {
  CompareOutcome c;
  c.samples = s_.samples;
  c.inputs = inputs_.list();
  for (std::size_t t = 0; t < s_.tiers.size(); ++t) {
    const Purchase& p = purchases_[t];
    TierResult r;
    r.label = label_of(s_.tiers[t]);
    r.chip = s_.tiers[t].chip.name;
    r.status = p.status;
    r.channel = p.channel;
    r.why_not = p.why_not;
    r.fee = p.fee;
    r.tariff = p.tariff;
    r.gpus = supply_[t] ? inputs_.list()[*supply_[t]].second : Spread::exactly(gpus_[t]);
    r.price_usd = price_of(s_.tiers[t]);
    r.time_source = known_[t].time;
    r.energy_source = known_[t].energy;
    r.software = known_[t].software;
    r.confidence = known_[t].confidence;
    for (std::size_t w = 0; w < s_.works.size(); ++w) r.works.push_back(result(t, w));
    if (t > 0) r.nameplate = nameplate(t);
    c.tiers.push_back(std::move(r));
  }
  return c;
}

}  // namespace

CompareOutcome compare(const CompareScenario& scenario,
                       const std::function<void(double)>& progress) {
  return Comparing{scenario, progress}.run();
}

}  // namespace jevons
