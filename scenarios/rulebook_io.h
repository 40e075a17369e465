#pragma once
// The shipped export rules as a rulebook, and the words of a deal understood.
#include <string>
#include <string_view>

#include "models/policy/rulebook.h"
#include "scenarios/catalogue.h"

namespace jevons {

// Whether this is a day of the calendar, written as 2026-02-01.
bool is_date(std::string_view text);

// What no single field of a rule can say: dates are days in order, sources and places exist.
Mistakes laws(const Rule& rule, const Catalogues& catalogues, const JsonDocument& document);

// Catalogues "rules" and "country_groups". Throws ScenarioError for a broken entry.
Rulebook load_rulebook(const Catalogues& catalogues);

// The rules of this project.
Rulebook project_rulebook();

// A deal as somebody words it; `place` begins each message, such as "jevons policy chip".
struct DealWords {
  std::string date{}, destination = "CN", parent{}, end_use = "civil", exporter = "vendor";
  bool is_attested = false, is_reexport = false;
};
// Throws ScenarioError: no date, a date before any rule, a country in no group, an unknown end use,
// flags that contradict each other.
Deal deal_from(const DealWords& words, const Rulebook& book, const std::string& place);

}  // namespace jevons
