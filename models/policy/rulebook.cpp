#include "models/policy/rulebook.h"

#include <algorithm>
#include <utility>

#include "sim/ensure.h"

namespace jevons {

namespace {

bool holds(ThresholdSense is, double value, double threshold) {
  switch (is) {
    case ThresholdSense::at_least:
      return value >= threshold;
    case ThresholdSense::above:
      return value > threshold;
    case ThresholdSense::below:
      return value < threshold;
    case ThresholdSense::at_most:
      return value <= threshold;
  }
  return false;
}

// All thresholds at once. One that fails settles it, whatever is unknown beside it.
Verdict meets(std::span<const Threshold> all, const RuledChip& chip, std::uint32_t& missing) {
  std::uint32_t lacking = 0;
  for (const Threshold& t : all) {
    const std::optional<double>& value = chip[t.fact];
    if (!value)
      lacking |= 1U << static_cast<unsigned>(t.fact);
    else if (!holds(t.is, *value, t.value))
      return Verdict::no;
  }
  missing |= lacking;
  return lacking == 0 ? Verdict::yes : Verdict::unknown;
}

bool lives(const Prong& prong, std::string_view date) {
  return (prong.from.empty() || date >= prong.from) && (prong.until.empty() || date < prong.until);
}

bool is_asked(const Prong& prong, const RuledChip& chip, std::string_view date) {
  if (!lives(prong, date)) return false;
  if (prong.has_hbm && chip.has_hbm && *prong.has_hbm != *chip.has_hbm) return false;
  return prong.marketed_for == MarketedFor::any ||
         (prong.marketed_for == MarketedFor::datacenter) == chip.is_datacenter;
}

// The first prong of `rule` that touches the chip. Earlier ones that cannot be decided leave it
// open only if they would make something else of it.
void touch(const Rule& rule, Finding& finding, const RuledChip& chip, std::string_view date) {
  if (rule.prongs.empty()) {
    finding.is_touched = Verdict::yes;
    return;
  }
  const Prong* open = nullptr;
  for (const Prong& prong : rule.prongs) {
    if (!is_asked(prong, chip, date)) continue;
    std::uint32_t missing = 0;
    Verdict verdict = meets(prong.all, chip, missing);
    if (verdict == Verdict::unknown && prong.is_presumed) verdict = Verdict::yes;
    if (verdict == Verdict::no) continue;
    if (verdict == Verdict::yes) {
      const bool is_open = open != nullptr && open->makes != prong.makes;
      finding.is_touched = is_open ? Verdict::unknown : Verdict::yes;
      finding.prong = &prong;
      if (!is_open) finding.missing = 0;
      return;
    }
    finding.is_touched = Verdict::unknown;
    finding.missing |= missing;
    if (open == nullptr) open = &prong;
  }
}

template <class T>
bool lists(const std::vector<T>& list, const T& value) {
  return list.empty() || std::find(list.begin(), list.end(), value) != list.end();
}

bool is_in_force(const Rule& rule, std::string_view date) {
  return !rule.dates.effective.empty() && date >= rule.dates.effective &&
         (rule.dates.ends.empty() || date < rule.dates.ends);
}

bool concerns(const Rule& rule, const RuledChip& chip, const Deal& deal) {
  return rule.is_about_memory == chip.is_memory && lists(rule.chips, chip.id) &&
         lists(rule.exporters, deal.exporter) && lists(rule.end_uses, deal.end_use) &&
         deal.destination != rule_country;
}

const std::string& day(const Rule& rule) {
  return rule.dates.effective.empty() ? rule.dates.announced : rule.dates.effective;
}

}  // namespace

std::optional<double> Distance::relative() const {
  if (!value || threshold.value == 0) return std::nullopt;
  return *value / threshold.value - 1;
}

Rulebook::Rulebook(std::vector<Rule> rules, std::vector<CountryGroup> groups)
    : rules_{std::move(rules)}, groups_{std::move(groups)}, amended_by_(rules_.size()) {
  ensure(!rules_.empty(), "a rulebook has rules");
  std::stable_sort(rules_.begin(), rules_.end(),
                   [](const Rule& a, const Rule& b) { return day(a) < day(b); });
  first_day_ = rules_.front().dates.announced;
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    first_day_ = std::min(first_day_, rules_[i].dates.announced);
    for (std::size_t j = rules_.size(); j-- > 0;)
      if (rules_[j].amends == rules_[i].id) amended_by_[i].push_back(j);
  }
}

const Rule* Rulebook::find(std::string_view id) const {
  for (const Rule& rule : rules_)
    if (rule.id == id) return &rule;
  return nullptr;
}

bool Rulebook::is_in(std::string_view country, std::string_view place,
                     std::string_view date) const {
  if (country == place) return true;
  for (const CountryGroup& group : groups_) {
    if (group.id != place) continue;
    if (std::find(group.members.begin(), group.members.end(), country) != group.members.end())
      return true;
    return std::any_of(group.dated.begin(), group.dated.end(), [&](const DatedMember& m) {
      return m.code == country && (m.from.empty() || date >= m.from) &&
             (m.until.empty() || date < m.until);
    });
  }
  return false;
}

bool Rulebook::knows_place(std::string_view code) const {
  return std::any_of(groups_.begin(), groups_.end(), [code](const CountryGroup& group) {
    return std::find(group.members.begin(), group.members.end(), code) != group.members.end() ||
           std::any_of(group.dated.begin(), group.dated.end(),
                       [code](const DatedMember& m) { return m.code == code; });
  });
}

RuleState Rulebook::state(const Rule& rule, const RuledChip& chip, std::string_view date) const {
  const RuleDates& d = rule.dates;
  if (date < d.announced) return RuleState::future;
  if (!d.ends.empty() && date >= d.ends) return RuleState::ended;
  if (!is_in_force(rule, date)) return RuleState::announced;
  if (!d.unenforced.empty() && date >= d.unenforced) return RuleState::unenforced;
  if (date < d.compliance) return RuleState::waiting;
  return lists(rule.addressees, chip.vendor) ? RuleState::binding : RuleState::inferred;
}

bool Rulebook::is_placed(const PolicyOutcome& outcome, const Deal& deal) const {
  if (outcome.places.empty()) return true;
  const auto is_there = [&](std::string_view country) {
    return !country.empty() &&
           std::any_of(outcome.places.begin(), outcome.places.end(),
                       [&](const std::string& p) { return is_in(country, p, deal.date); });
  };
  const bool by_destination = outcome.placed_by != PlacedBy::parent && is_there(deal.destination);
  return by_destination || (outcome.placed_by != PlacedBy::destination && is_there(deal.parent));
}

bool Rulebook::fits(const PolicyOutcome& outcome, const Finding& finding, const Deal& deal) const {
  const bool is_of_class = finding.prong == nullptr || lists(outcome.classes, finding.prong->makes);
  return is_of_class && lists(outcome.end_uses, deal.end_use) &&
         !(outcome.only_exports && deal.is_reexport) && is_placed(outcome, deal);
}

// The first outcome of `by` that fits; whether there is one.
bool Rulebook::take_outcome(const Rule& by, Finding& finding, const RuledChip& chip,
                            const Deal& deal) const {
  for (const PolicyOutcome& outcome : by.outcomes) {
    if (!fits(outcome, finding, deal)) continue;
    const Verdict met = meets(outcome.all, chip, finding.missing);
    if (met == Verdict::no) continue;
    finding.by = &by;
    finding.outcome = &outcome;
    finding.status = met == Verdict::yes ? outcome.status : PolicyStatus::unknown;
    return true;
  }
  return false;
}

// What follows for a chip that is touched, by the latest amendment that says something.
void Rulebook::follow(Finding& finding, const RuledChip& chip, const Deal& deal) const {
  const auto index = static_cast<std::size_t>(finding.rule - rules_.data());
  for (const std::size_t amendment : amended_by_[index]) {
    const Rule& by = rules_[amendment];
    if (state(by, chip, deal.date) == RuleState::binding && take_outcome(by, finding, chip, deal))
      return;
  }
  take_outcome(*finding.rule, finding, chip, deal);
}

Finding Rulebook::judge(const Rule& rule, const RuledChip& chip, const Deal& deal) const {
  Finding finding{&rule, state(rule, chip, deal.date)};
  if (finding.state == RuleState::future || !concerns(rule, chip, deal)) return finding;
  if (deal.exporter == Exporter::foundry && deal.is_attested && !rule.exporters.empty())
    return finding;
  // An amendment asks its own rule whom it is about, and speaks only while that one is in force.
  const Rule* const amended = rule.amends.empty() ? nullptr : find(rule.amends);
  if (amended != nullptr && !is_in_force(*amended, deal.date)) return finding;
  touch(amended != nullptr ? *amended : rule, finding, chip, deal.date);
  if (finding.is_touched == Verdict::no) return finding;
  if (amended != nullptr)
    take_outcome(rule, finding, chip, deal);
  else
    follow(finding, chip, deal);
  // A chip that may be touched is free all the same where nothing follows for anybody there.
  if (finding.is_touched == Verdict::unknown && finding.outcome != nullptr)
    finding.status = PolicyStatus::unknown;
  if (finding.status != PolicyStatus::unknown) finding.missing = 0;
  return finding;
}

}  // namespace jevons
