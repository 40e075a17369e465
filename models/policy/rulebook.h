#pragma once
// The export rules at work: one rule on one chip in one deal, and all of them together.
//
//   const Rulebook book{rules, groups};
//   const PolicyAnswer answer = book.answer(ruled_chip(chip), {.date = "2026-02-01",
//                                                              .destination = "CN"});
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/policy/rule.h"
#include "models/policy/ruled_chip.h"

namespace jevons {

struct Deal {
  std::string date{};         // "2026-02-01"
  std::string destination{};  // ISO code, not that of the rules' own country
  std::string parent{};       // country of the buyer's ultimate parent; empty: that of the buyer
  EndUse end_use = EndUse::civil;
  Exporter exporter = Exporter::vendor;
  bool is_attested = false;  // a foundry's customer is an approved designer that vouches for TPP
  bool is_reexport = false;  // from a third country
};

// The country whose rules these are; what stays in it is no export.
inline constexpr std::string_view rule_country = "US";

// Where a rule stands on a day. Only `binding` ones decide.
enum class RuleState {
  future,      // not announced yet
  announced,   // not in force yet, or never made law
  waiting,     // in force, to be followed later
  binding,     // must be followed
  unenforced,  // in force, but the authority said that it does not enforce it
  inferred,    // binding, but on others than this vendor
  ended,       // rescinded or replaced
};
template <>
inline constexpr std::array enum_names<RuleState>{
    EnumName{RuleState::future, "future"},
    EnumName{RuleState::announced, "announced"},
    EnumName{RuleState::waiting, "waiting_for_compliance"},
    EnumName{RuleState::binding, "binding"},
    EnumName{RuleState::unenforced, "in_force_not_enforced"},
    EnumName{RuleState::inferred, "inferred_for_this_vendor"},
    EnumName{RuleState::ended, "ended"},
};

enum class Verdict { no, yes, unknown };

// One rule on one chip in one deal. No allocation.
struct Finding {
  const Rule* rule = nullptr;
  RuleState state = RuleState::future;
  Verdict is_touched = Verdict::no;  // by its prongs
  const Prong* prong = nullptr;      // the one that decides; null: none, or not needed
  const Rule* by = nullptr;          // whose outcome it is: the rule, or the one that amends it
  const PolicyOutcome* outcome = nullptr;
  PolicyStatus status = PolicyStatus::not_controlled;
  std::uint32_t missing = 0;  // a bit per ChipFact that would decide
};

// How far a chip is from a threshold.
struct Distance {
  const Rule* rule = nullptr;
  std::string prong;  // or "case_by_case" and so on, for thresholds of an outcome
  Threshold threshold;
  std::optional<double> value;  // of the chip
  // value / threshold - 1: -0.019 is 1.9 % below.
  std::optional<double> relative() const;
};

struct PolicyAnswer {
  PolicyStatus headline = PolicyStatus::not_controlled;
  std::size_t deciding = 0;       // index of the finding that the headline comes from
  std::vector<Finding> findings;  // every rule announced by then, in the order of their dates
  std::vector<ChipFact> missing;  // of a headline that is unknown
  std::string prong;              // of the deciding finding, as rules number it
  std::string classification;     // prong of the rule on chips itself, whatever decides
  double fee = 0, tariff = 0;     // of the price, binding ones
};

class Rulebook {
 public:
  Rulebook(std::vector<Rule> rules, std::vector<CountryGroup> groups);

  std::span<const Rule> rules() const { return rules_; }
  std::span<const CountryGroup> groups() const { return groups_; }
  const Rule* find(std::string_view id) const;
  // The first day on which any of the rules was announced.
  const std::string& first_day() const { return first_day_; }
  // A country that some group has as a member.
  bool knows_place(std::string_view code) const;
  bool is_in(std::string_view country, std::string_view place, std::string_view date) const;

  RuleState state(const Rule& rule, const RuledChip& chip, std::string_view date) const;
  Finding judge(const Rule& rule, const RuledChip& chip, const Deal& deal) const;
  PolicyAnswer answer(const RuledChip& chip, const Deal& deal) const;
  std::vector<Distance> distances(const Rule& rule, const RuledChip& chip, const Deal& deal) const;

 private:
  void follow(Finding& finding, const RuledChip& chip, const Deal& deal) const;
  bool take_outcome(const Rule& by, Finding& finding, const RuledChip& chip,
                    const Deal& deal) const;
  bool fits(const PolicyOutcome& outcome, const Finding& finding, const Deal& deal) const;
  bool is_placed(const PolicyOutcome& outcome, const Deal& deal) const;

  std::vector<Rule> rules_;  // by date of effect
  std::vector<CountryGroup> groups_;
  std::string first_day_;
  std::vector<std::vector<std::size_t>> amended_by_;  // [rule], latest first
};

}  // namespace jevons
