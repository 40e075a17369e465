// All rules together on one chip in one deal.
#include <algorithm>

#include "models/policy/rulebook.h"
#include "sim/ensure.h"

namespace jevons {

namespace {

// A prong as the table of worked examples spells it: one that cannot be told for want of the
// density alone is "unknown_pd".
std::string prong_name(const Finding& finding) {
  if (finding.is_touched == Verdict::unknown) {
    const auto density = 1U << static_cast<unsigned>(ChipFact::performance_density);
    return finding.missing == density ? "unknown_pd" : "unknown";
  }
  if (finding.is_touched == Verdict::no || finding.outcome == nullptr) return "not_controlled";
  return finding.prong != nullptr ? finding.prong->name : finding.rule->id;
}

bool is_chip_rule(const Finding& finding) {
  return finding.rule->part == RulePart::exporter && finding.rule->addressees.empty() &&
         finding.rule->exporters.empty() && finding.rule->end_uses.empty();
}

void add_money(PolicyAnswer& answer, const Finding& finding) {
  const Rule& rule = *finding.rule;
  if (!rule.rate || finding.state != RuleState::binding || finding.outcome == nullptr ||
      finding.is_touched != Verdict::yes)
    return;
  (rule.part == RulePart::tariff ? answer.tariff : answer.fee) += *rule.rate;
}

std::vector<ChipFact> facts_in(std::uint32_t bits) {
  std::vector<ChipFact> facts;
  for (const auto& [fact, name] : enum_names<ChipFact>)
    if ((bits >> static_cast<unsigned>(fact) & 1U) != 0) facts.push_back(fact);
  return facts;
}

}  // namespace

PolicyAnswer Rulebook::answer(const RuledChip& chip, const Deal& deal) const {
  PolicyAnswer answer;
  // The rule on chips that speaks last and says something; before it binds, the first there is.
  std::optional<std::size_t> chip_rule;
  std::optional<std::size_t> deciding;
  bool has_binding = false;
  for (const Rule& rule : rules_) {
    const Finding finding = judge(rule, chip, deal);
    if (finding.state == RuleState::future) continue;
    answer.findings.push_back(finding);
    const std::size_t here = answer.findings.size() - 1;
    const bool is_binding = finding.state == RuleState::binding;
    if (is_chip_rule(finding) && rule.is_about_memory == chip.is_memory &&
        (!chip_rule || (is_binding && (!has_binding || finding.outcome != nullptr)))) {
      chip_rule = here;
      has_binding = is_binding;
    }
    if (!is_binding) continue;
    add_money(answer, finding);
    if (finding.status > answer.headline) {
      answer.headline = finding.status;
      deciding = here;
    }
  }
  answer.deciding = deciding.value_or(chip_rule.value_or(0));
  answer.classification = chip_rule ? prong_name(answer.findings[*chip_rule]) : "not_controlled";
  answer.prong = deciding ? prong_name(answer.findings[*deciding]) : answer.classification;
  if (answer.headline == PolicyStatus::unknown)
    answer.missing = facts_in(answer.findings[answer.deciding].missing);
  return answer;
}

std::vector<Distance> Rulebook::distances(const Rule& rule, const RuledChip& chip,
                                          const Deal& deal) const {
  std::vector<Distance> out;
  const auto add = [&](const Rule& of, const std::string& prong, const Threshold& t) {
    out.push_back({&of, prong, t, chip[t.fact]});
  };
  for (const Prong& prong : rule.prongs) {
    const bool is_marketed = prong.marketed_for == MarketedFor::any ||
                             (prong.marketed_for == MarketedFor::datacenter) == chip.is_datacenter;
    if (!is_marketed) continue;
    for (const Threshold& t : prong.all) add(rule, prong.name, t);
  }
  const auto index = static_cast<std::size_t>(&rule - rules_.data());
  ensure(index < rules_.size(), "distances are asked for a rule of this book");
  for (const std::size_t amendment : amended_by_[index])
    if (state(rules_[amendment], chip, deal.date) == RuleState::binding)
      for (const PolicyOutcome& outcome : rules_[amendment].outcomes)
        for (const Threshold& t : outcome.all)
          add(rules_[amendment], std::string{name_of(outcome.status)}, t);
  return out;
}

}  // namespace jevons
