#include "scenarios/policy_answer.h"

#include <array>
#include <cmath>
#include <set>
#include <string_view>

#include "scenarios/page.h"

namespace jevons {

namespace {

JsonValue text(std::string_view value) {
  return {std::string{value}, {}};
}
JsonValue text_or_null(const std::string& value) {
  return value.empty() ? JsonValue{} : text(value);
}
JsonValue number(std::optional<double> value) {
  return value ? JsonValue{json_number(*value), {}} : JsonValue{};
}
JsonValue texts(const std::vector<std::string>& list) {
  JsonValue::List values;
  for (const std::string& t : list) values.push_back(text(t));
  return {std::move(values), {}};
}

JsonValue dates_json(const RuleDates& d) {
  return {JsonValue::Object{{"announced", text_or_null(d.announced), {}},
                            {"effective", text_or_null(d.effective), {}},
                            {"compliance", text_or_null(d.compliance), {}},
                            {"not_enforced_from", text_or_null(d.unenforced), {}},
                            {"rescinded", text_or_null(d.ends), {}},
                            {"note", text_or_null(d.note), {}}},
          {}};
}

// Of the best of a rule's sources; numbers name their own.
SourceRank rank_of(const Rule& rule) {
  SourceRank best = SourceRank::assumed;
  for (const RuleSource& s : rule.sources) best = std::min(best, s.rank);
  return best;
}

JsonValue entry(const Finding& f) {
  const Rule& rule = *f.rule;
  JsonValue::List sources;
  for (const RuleSource& s : rule.sources) sources.push_back(to_json(s));
  const std::string prong = f.prong != nullptr ? f.prong->name : "";
  return {JsonValue::Object{{"rule", text(rule.id), {}},
                            {"title", text(rule.title), {}},
                            {"state", text(name_of(f.state)), {}},
                            {"enforced", {f.state == RuleState::binding, {}}, {}},
                            {"status", text(name_of(f.status)), {}},
                            {"decided_by", text(f.by != nullptr ? f.by->id : rule.id), {}},
                            {"prong", text_or_null(prong), {}},
                            {"rate", number(rule.rate), {}},
                            {"dates", dates_json(rule.dates), {}},
                            {"conditions", texts(rule.conditions), {}},
                            {"citation", text(rule.citation), {}},
                            {"source_rank", text(name_of(rank_of(rule))), {}},
                            {"sources", {std::move(sources), {}}, {}},
                            {"note", text_or_null(rule.note), {}}},
          {}};
}

// How many chips of this kind a pool holds.
std::optional<double> chips_in(const VolumePool& pool, const RuledChip& chip) {
  if (pool.units) return pool.units;
  const std::optional<double>& tpp = chip[ChipFact::tpp];
  if (!pool.tpp || !tpp) return std::nullopt;
  return std::floor(*pool.tpp / *tpp);
}

JsonValue pool_json(const Finding& f, const VolumePool& pool, const RuledChip& chip) {
  return {JsonValue::Object{{"rule", text(f.rule->id), {}},
                            {"state", text(name_of(f.state)), {}},
                            {"what", text(pool.what), {}},
                            {"per", text(pool.per), {}},
                            {"tpp", number(pool.tpp), {}},
                            {"chips", number(chips_in(pool, chip)), {}},
                            {"share", number(pool.share), {}},
                            {"dates", dates_json(f.rule->dates), {}},
                            {"citation", text(f.rule->citation), {}}},
          {}};
}

// A rule belongs to the answer when it touches the chip and says something about the place, or when
// it is about no chip in particular.
bool is_told(const Finding& f) {
  const bool is_general =
      f.rule->part == RulePart::proposal || f.rule->part == RulePart::enforcement;
  return is_general || (f.is_touched != Verdict::no && f.outcome != nullptr);
}

bool is_review(PolicyStatus s) {
  return s == PolicyStatus::presumption_of_approval || s == PolicyStatus::case_by_case ||
         s == PolicyStatus::presumption_of_denial;
}

// In which parts of the vector a finding stands: a rule that asks for a licence also says how
// applications are seen, or spares them by an exception.
std::vector<std::string_view> parts_of(const Finding& f) {
  std::vector<std::string_view> parts{name_of(f.rule->part)};
  if (f.rule->part == RulePart::exporter) {
    if (is_review(f.status)) parts.push_back(name_of(RulePart::review));
    if (f.status == PolicyStatus::nac || f.status == PolicyStatus::aca)
      parts.push_back(name_of(RulePart::exception));
  }
  if (f.state == RuleState::unenforced && f.rule->part != RulePart::enforcement)
    parts.push_back(name_of(RulePart::enforcement));
  return parts;
}

JsonValue vector_json(const PolicyAnswer& answer, const RuledChip& chip) {
  JsonValue::Object parts;
  const auto list_of = [&parts](std::string_view name) -> JsonValue::List& {
    for (JsonMember& m : parts)
      if (m.key == name) return std::get<JsonValue::List>(m.value.data);
    parts.push_back({std::string{name}, {JsonValue::List{}, {}}, {}});
    return std::get<JsonValue::List>(parts.back().value.data);
  };
  for (const auto& [part, name] : enum_names<RulePart>) {
    list_of(name);
    if (part == RulePart::exception) list_of("pool");
  }
  for (const Finding& f : answer.findings) {
    if (!is_told(f)) continue;
    for (const std::string_view part : parts_of(f)) list_of(part).push_back(entry(f));
    for (const VolumePool& pool : f.rule->pools)
      list_of("pool").push_back(pool_json(f, pool, chip));
  }
  return {std::move(parts), {}};
}

std::vector<Distance> all_distances(const Rulebook& book, const PolicyAnswer& answer,
                                    const RuledChip& chip, const Deal& deal) {
  std::vector<Distance> all;
  for (const Finding& f : answer.findings) {
    const bool is_asked = (f.state == RuleState::binding || f.state == RuleState::inferred) &&
                          f.rule->amends.empty() && f.rule->is_about_memory == chip.is_memory &&
                          (f.rule->exporters.empty() || deal.exporter == Exporter::foundry);
    if (!is_asked) continue;
    const auto some = book.distances(*f.rule, chip, deal);
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

JsonValue distances_json(const std::vector<Distance>& distances) {
  JsonValue::List list;
  for (const Distance& d : distances)
    list.push_back({JsonValue::Object{{"rule", text(d.rule->id), {}},
                                      {"prong", text(d.prong), {}},
                                      {"fact", text(name_of(d.threshold.fact)), {}},
                                      {"is", text(name_of(d.threshold.is)), {}},
                                      {"threshold", number(d.threshold.value), {}},
                                      {"value", number(d.value), {}},
                                      {"relative", number(d.relative()), {}},
                                      {"source", text(d.threshold.source), {}}},
                    {}});
  return {std::move(list), {}};
}

// 4708 of 4800: 1.9 % below
std::string to_text(const Distance& d) {
  if (!d.value) return "unknown of " + figure(d.threshold.value);
  const double r = *d.relative();
  const std::string side = r < 0 ? " below" : " above";
  const std::string by = r == 0 ? "exactly at it" : percent(std::abs(r)) + side;
  return json_number(std::round(*d.value * 100) / 100).spelled + " of " +
         json_number(d.threshold.value).spelled + ": " + by;
}

std::string missing_text(const PolicyAnswer& answer) {
  std::string list;
  for (const ChipFact f : answer.missing)
    list += (list.empty() ? "" : ", ") + std::string{name_of(f)};
  return list;
}

const Finding* deciding(const PolicyAnswer& answer) {
  return answer.findings.empty() ? nullptr : &answer.findings[answer.deciding];
}

const Rule* deciding_rule(const PolicyAnswer& answer) {
  const Finding* f = deciding(answer);
  if (f == nullptr) return nullptr;
  return f->by != nullptr ? f->by : f->rule;
}

std::string head(const ChipSpec& chip, const Deal& deal, const PolicyAnswer& answer) {
  std::string page = chip.name + " to " + deal.destination;
  if (!deal.parent.empty()) page += " (parent in " + deal.parent + ")";
  page += " on " + deal.date + ": " + std::string{name_of(answer.headline)} + "\n";
  if (!answer.missing.empty()) page += "  not known: " + missing_text(answer) + "\n";
  if (const Rule* rule = deciding_rule(answer))
    page += "  prong " + answer.prong + ", " + rule->title + " (" + rule->citation + "; " +
            std::string{name_of(rank_of(*rule))} + " source)\n";
  if (answer.classification != answer.prong)
    page += "  classification " + answer.classification + "\n";
  if (answer.fee > 0) page += "  fee " + percent(answer.fee) + " of the price\n";
  if (answer.tariff > 0) page += "  tariff " + percent(answer.tariff) + " of the price\n";
  if (deal.destination == rule_country) page += "  stays in the country: no export\n";
  if (chip.facts.origin == "CN")
    page +=
        "  made in China: bought there it crosses no border, and whether the rules reach it "
        "depends on how it was made\n";
  return page;
}

// A rule that only states something, such as a bill, gives no status.
std::string status_of(const Finding& f) {
  if (f.rule->rate) return percent(*f.rule->rate);
  return f.outcome == nullptr ? "-" : std::string{name_of(f.status)};
}

std::string parts_page(const PolicyAnswer& answer) {
  TextTable table;
  table.rows.push_back({"rule", "part", "status", "state", "effective", "ends"});
  for (const Finding& f : answer.findings) {
    if (!is_told(f)) continue;
    table.rows.push_back({f.rule->id, std::string{name_of(f.rule->part)}, status_of(f),
                          std::string{name_of(f.state)},
                          f.rule->dates.effective.empty() ? "-" : f.rule->dates.effective,
                          f.rule->dates.ends.empty() ? "-" : f.rule->dates.ends});
  }
  return table.rows.size() == 1 ? "\nno rule touches it\n" : "\n" + table.to_text(2);
}

}  // namespace

Answer policy_chip_answer(const Rulebook& book, const ChipSpec& chip, const Deal& deal) {
  const RuledChip ruled = ruled_chip(chip);
  const PolicyAnswer answer = book.answer(ruled, deal);
  const auto distances = all_distances(book, answer, ruled, deal);
  std::string page = head(chip, deal, answer) + parts_page(answer);
  TextTable table;
  for (const Distance& d : distances)
    table.rows.push_back(
        {d.rule->id + "  " + d.prong,
         std::string{name_of(d.threshold.fact)} + " " + std::string{name_of(d.threshold.is)},
         to_text(d)});
  if (!distances.empty()) page += "\ndistances\n" + table.to_text(2);
  const Rule* rule = deciding_rule(answer);
  std::vector<std::string> missing;
  for (const ChipFact f : answer.missing) missing.emplace_back(name_of(f));
  return {
      page,
      {JsonValue::Object{{"chip", text(chip.id), {}},
                         {"name", text(chip.name), {}},
                         {"date", text(deal.date), {}},
                         {"destination", text(deal.destination), {}},
                         {"parent", text_or_null(deal.parent), {}},
                         {"end_use", text(name_of(deal.end_use)), {}},
                         {"status", text(name_of(answer.headline)), {}},
                         {"prong", text(answer.prong), {}},
                         {"classification", text(answer.classification), {}},
                         {"missing", texts(missing), {}},
                         {"citation", text(rule != nullptr ? rule->citation : ""), {}},
                         {"source_rank", text(rule != nullptr ? name_of(rank_of(*rule)) : ""), {}},
                         {"fee", number(answer.fee), {}},
                         {"tariff", number(answer.tariff), {}},
                         {"confidence", text(name_of(chip.facts.confidence)), {}},
                         {"vector", vector_json(answer, ruled), {}},
                         {"distances", distances_json(distances), {}}},
       {}}};
}

Answer policy_chips_answer(const Rulebook& book, std::span<const ChipSpec> chips,
                           const Deal& deal) {
  TextTable table;
  table.rows.push_back({"chip", "status", "prong", "tpp", "density", "confidence"});
  JsonValue::List list;
  for (const ChipSpec& chip : chips) {
    const RuledChip ruled = ruled_chip(chip);
    const PolicyAnswer answer = book.answer(ruled, deal);
    const auto shown = [&](ChipFact f) { return ruled[f] ? figure(*ruled[f]) : std::string{"?"}; };
    table.rows.push_back({chip.id, std::string{name_of(answer.headline)}, answer.prong,
                          shown(ChipFact::tpp), shown(ChipFact::performance_density),
                          std::string{name_of(chip.facts.confidence)}});
    list.push_back(policy_chip_answer(book, chip, deal).summary);
  }
  return {"to " + deal.destination + " on " + deal.date + "\n" + table.to_text(2),
          {JsonValue::Object{{"chips", {std::move(list), {}}, {}}}, {}}};
}

std::vector<std::string> days_of_change(const Rulebook& book) {
  std::set<std::string> days{book.first_day()};
  for (const Rule& rule : book.rules()) {
    const RuleDates& d = rule.dates;
    if (rule.outcomes.empty() || d.effective.empty()) continue;
    for (const std::string& day : {d.effective, d.compliance, d.unenforced, d.ends})
      if (!day.empty()) days.insert(day);
  }
  return {days.begin(), days.end()};
}

Answer policy_timeline_answer(const Rulebook& book, std::span<const ChipSpec> chips,
                              const Deal& deal) {
  const std::vector<std::string> days = days_of_change(book);
  std::string page = "to " + deal.destination + "; a line where something changes\n";
  JsonValue::List list;
  for (const ChipSpec& chip : chips) {
    const RuledChip ruled = ruled_chip(chip);
    page += "\n" + chip.id + "  " + chip.name + "\n";
    TextTable table;
    JsonValue::List steps;
    for (const std::string& day : days) {
      Deal then = deal;
      then.date = day;
      const PolicyAnswer answer = book.answer(ruled, then);
      const Rule* rule = deciding_rule(answer);
      const std::string by = rule != nullptr ? rule->id : "-";
      const std::string money = answer.fee + answer.tariff > 0
                                    ? "fee or tariff " + percent(answer.fee + answer.tariff)
                                    : std::string{};
      std::vector<std::string> row{day,          std::string{name_of(answer.headline)},
                                   answer.prong, answer.classification,
                                   by,           money};
      steps.push_back({JsonValue::Object{{"date", text(day), {}},
                                         {"status", text(row[1]), {}},
                                         {"prong", text(answer.prong), {}},
                                         {"classification", text(answer.classification), {}},
                                         {"rule", text(by), {}},
                                         {"citation", text(rule ? rule->citation : ""), {}},
                                         {"fee", number(answer.fee), {}},
                                         {"tariff", number(answer.tariff), {}}},
                       {}});
      const bool is_same = !table.rows.empty() &&
                           std::equal(row.begin() + 1, row.end(), table.rows.back().begin() + 1);
      if (!is_same) table.rows.push_back(std::move(row));
    }
    page += table.to_text(2);
    list.push_back({JsonValue::Object{{"chip", text(chip.id), {}},
                                      {"name", text(chip.name), {}},
                                      {"timeline", {std::move(steps), {}}, {}}},
                    {}});
  }
  return {page, {JsonValue::Object{{"chips", {std::move(list), {}}, {}}}, {}}};
}

}  // namespace jevons
