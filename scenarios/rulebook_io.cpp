#include "scenarios/rulebook_io.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "scenarios/check.h"

namespace jevons {

namespace {

std::optional<int> number_in(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

int days_in(int year, int month) {
  constexpr std::array days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return days.at(static_cast<std::size_t>(month - 1)) + (month == 2 && is_leap ? 1 : 0);
}

struct RuleLaws {
  const Rule& rule;
  const Catalogues& catalogues;
  const JsonDocument& document;
  Mistakes broken{};

  void add(const std::string& pointer, std::string expected, const std::string& got) {
    broken.add(mistake_at(document, pointer, std::move(expected), in_quotes(got)));
  }
  void source(const std::string& id, const std::string& pointer) {
    for (const RuleSource& s : rule.sources)
      if (s.id == id) return;
    add(pointer, "the id of a source of this rule", id);
  }
  void thresholds(const std::vector<Threshold>& all, const std::string& pointer) {
    for (std::size_t i = 0; i < all.size(); ++i)
      source(all[i].source, pointer + "/all/" + std::to_string(i) + "/source");
  }
  void dates() {
    const RuleDates& d = rule.dates;
    const std::array named{std::pair{"announced", &d.announced},
                           std::pair{"effective", &d.effective},
                           std::pair{"compliance", &d.compliance},
                           std::pair{"unenforced", &d.unenforced}, std::pair{"ends", &d.ends}};
    for (const auto& [name, date] : named)
      if (!date->empty() && !is_date(*date))
        add("/dates/" + std::string{name}, "a day such as \"2023-11-17\"", *date);
    if (!d.effective.empty() && d.effective < d.announced)
      add("/dates/effective", "a day not before the announcement", d.effective);
    if (!d.ends.empty() && d.ends < d.effective)
      add("/dates/ends", "a day not before the rule is in force", d.ends);
  }
  void places(const PolicyOutcome& outcome, const std::string& pointer) {
    for (const std::string& place : outcome.places)
      if (place.size() != 2 && !catalogues.find(CountryGroup::catalogue, place))
        add(pointer + "/places", "groups of countries or codes of two letters", place);
  }
};

[[noreturn]] void refuse(const std::string& place, std::string expected, std::string got,
                         std::string hint = "") {
  throw ScenarioError{Mistake{place, 0, "", std::move(expected), std::move(got), std::move(hint)}};
}

std::string known_place(const Rulebook& book, const std::string& code, const std::string& option,
                        const std::string& place) {
  if (book.knows_place(code)) return code;
  refuse(place, option + " as a country code of two letters that the groups of the rules know",
         in_quotes(code), "such as CN, AE or DE");
}

template <class E>
E named(const std::string& word, const std::string& option, const std::string& place) {
  std::vector<std::string> names;
  for (const auto& entry : enum_names<E>) {
    if (entry.name == word) return entry.value;
    names.emplace_back(entry.name);
  }
  refuse(place, option + " as one of " + joined(names), in_quotes(word),
         did_you_mean(word, names, "words"));
}

}  // namespace

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto year = number_in(text.substr(0, 4));
  const auto month = number_in(text.substr(5, 2));
  const auto day = number_in(text.substr(8, 2));
  return year && month && day && *year >= 1 && *month >= 1 && *month <= 12 && *day >= 1 &&
         *day <= days_in(*year, *month);
}

Mistakes laws(const Rule& rule, const Catalogues& catalogues, const JsonDocument& document) {
  RuleLaws laws{rule, catalogues, document};
  laws.dates();
  for (std::size_t i = 0; i < rule.prongs.size(); ++i)
    laws.thresholds(rule.prongs[i].all, "/prongs/" + std::to_string(i));
  for (std::size_t i = 0; i < rule.outcomes.size(); ++i) {
    laws.thresholds(rule.outcomes[i].all, "/outcomes/" + std::to_string(i));
    laws.places(rule.outcomes[i], "/outcomes/" + std::to_string(i));
  }
  for (std::size_t i = 0; i < rule.pools.size(); ++i)
    laws.source(rule.pools[i].source, "/pools/" + std::to_string(i) + "/source");
  if (rule.sources.empty()) laws.add("/sources", "at least one source", "");
  if (!rule.amends.empty() && !catalogues.find(Rule::catalogue, rule.amends))
    laws.add("/amends", "the id of a rule", rule.amends);
  return std::move(laws.broken);
}

Rulebook load_rulebook(const Catalogues& catalogues) {
  std::vector<Rule> rules;
  for (const std::string& id : catalogues.ids(Rule::catalogue)) {
    const JsonDocument document =
        load_document(entry_file(catalogues, Rule::catalogue, id), disk());
    rules.push_back(read<Rule>(document));
    rules.back().id = id;
    throw_if_any(laws(rules.back(), catalogues, document));
  }
  return Rulebook{std::move(rules), read_all<CountryGroup>(catalogues)};
}

Rulebook project_rulebook() {
  return load_rulebook(
      catalogues_in({std::filesystem::path{JEVONS_PROJECT_DIR} / "scenarios" / "parts"}));
}

Deal deal_from(const DealWords& words, const Rulebook& book, const std::string& place) {
  Deal deal;
  if (words.date.empty())
    refuse(place, "--date as a day such as 2026-02-01", "nothing", "rules change from day to day");
  if (!is_date(words.date))
    refuse(place, "--date as a day such as 2026-02-01", in_quotes(words.date));
  if (words.date < book.first_day())
    refuse(place, "--date not before the first rule (" + book.first_day() + ")",
           in_quotes(words.date), "no export rule on chips is known before that day");
  deal.date = words.date;
  deal.destination = known_place(book, words.destination, "--dest", place);
  if (!words.parent.empty()) deal.parent = known_place(book, words.parent, "--parent", place);
  deal.end_use = named<EndUse>(words.end_use, "--end-use", place);
  deal.exporter = named<Exporter>(words.exporter, "--exporter", place);
  if (words.is_attested && deal.exporter != Exporter::foundry)
    refuse(place, "--attested only with --exporter foundry", "--exporter " + words.exporter,
           "the attestation is the foundry's way out of a presumption");
  if (words.is_reexport && deal.destination == rule_country)
    refuse(place, "--reexport only to another country than " + std::string{rule_country},
           "--dest " + deal.destination, "leave one of the two out");
  deal.is_attested = words.is_attested;
  deal.is_reexport = words.is_reexport;
  return deal;
}

}  // namespace jevons
