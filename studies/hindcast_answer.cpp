#include "studies/hindcast_answer.h"

#include <algorithm>
#include <cmath>

#include "scenarios/json_members.h"
#include "scenarios/page.h"

namespace jevons {
namespace {

// 2023.0 -> "end 2022", 2023.25 -> "2023 Q1"
std::string quarter_name(double end) {
  if (is_year_end(end)) return "end " + std::to_string(std::lround(end) - 1);
  const double year = std::floor(end);
  return std::to_string(std::lround(year)) + " Q" + std::to_string(std::lround(4 * (end - year)));
}

std::string signed_percent(double share) {
  return (share < 0 ? "-" : "+") + percent(std::abs(share));
}

// Skills have a sign and two digits.
std::string skill_text(double skill) {
  const double rounded = std::round(100 * skill) / 100;
  return (rounded < 0 ? "-" : "") + figure(std::abs(rounded));
}

bool is_between_year_ends(const HindcastCell& cell) {
  return is_year_end(cell.origin) && is_year_end(cell.date);
}

template <class Keep>
std::vector<HindcastCell> chosen(const HindcastReport& report, HindcastMetric metric, Keep&& keep) {
  std::vector<HindcastCell> cells;
  for (const HindcastCell& cell : report.cells)
    if (cell.metric == metric && keep(cell)) cells.push_back(cell);
  return cells;
}

std::string forecasts_text(const HindcastReport& report, HindcastMetric metric) {
  const double scale = metric == HindcastMetric::h100e ? 1e-6 : 1;
  TextTable table;
  table.rows.push_back({"origin", "at", "forecast", "5 %", "95 %", "actual", "error",
                        "growth goes on", "skill", "last quarter again", "skill"});
  for (const HindcastCell& c : chosen(report, metric, is_between_year_ends))
    table.rows.push_back({quarter_name(c.origin), quarter_name(c.date),
                          figure(scale * c.forecast.p50), figure(scale * c.forecast.p5),
                          figure(scale * c.forecast.p95), figure(scale * c.actual),
                          signed_percent(c.error()), signed_percent(c.naive_error(Naive::growth)),
                          skill_text(c.skill_against(Naive::growth)),
                          signed_percent(c.naive_error(Naive::additions)),
                          skill_text(c.skill_against(Naive::additions))});
  return table.to_text(2);
}

struct Group {
  std::string_view name;
  bool (*keep)(const HindcastCell&);
};
constexpr std::array groups{
    Group{"year ends", is_between_year_ends},
    Group{"year ends, without 2022 to 2023",
          [](const HindcastCell& c) { return is_between_year_ends(c) && c.date > 2024.01; }},
    Group{"origins end 2023 and end 2024, all quarters",
          [](const HindcastCell& c) { return is_year_end(c.origin) && c.origin > 2023.01; }},
    Group{"all origins, all quarters", [](const HindcastCell&) { return true; }},
};

double coverage(const std::vector<HindcastCell>& cells) {
  double covered = 0;
  for (const HindcastCell& cell : cells) covered += cell.is_covered() ? 1 : 0;
  return cells.empty() ? 0 : covered / static_cast<double>(cells.size());
}
double mean_error(const std::vector<HindcastCell>& cells) {
  double sum = 0;
  for (const HindcastCell& cell : cells) sum += std::abs(cell.error());
  return cells.empty() ? 0 : sum / static_cast<double>(cells.size());
}

std::string skills_text(const HindcastReport& report) {
  TextTable table;
  std::vector<std::string> head{"", "forecasts", "mean error"};
  for (const auto& [naive, name] : enum_names<Naive>) head.push_back("skill: " + std::string{name});
  head.emplace_back("inside of 5 to 95 %");
  table.rows.push_back(head);
  for (const auto& [metric, metric_name] : enum_names<HindcastMetric>)
    for (const Group& group : groups) {
      const std::vector<HindcastCell> cells = chosen(report, metric, group.keep);
      std::vector<std::string> row{std::string{metric_name} + ", " + std::string{group.name},
                                   std::to_string(cells.size()), percent(mean_error(cells))};
      for (const auto& [naive, name] : enum_names<Naive>)
        row.push_back(skill_text(mean_skill(cells, naive)));
      row.push_back(percent(coverage(cells)));
      table.rows.push_back(row);
    }
  return table.to_text(2);
}

std::vector<std::string> effect_row(const std::string& name, const InputEffect& e) {
  const Spread& r = e.input->range;
  const char* const verdict = e.is_identified()       ? "yes"
                              : e.is_seen_somewhere() ? "in places"
                                                      : "no";
  return {name,
          (r.p5 < 0 ? "-" : "") + figure(std::abs(r.p5)),
          figure(r.p50),
          figure(r.p95),
          percent(e.rms_error[0]),
          percent(e.rms_error[1]),
          percent(e.rms_error[2]),
          percent(e.rms_move),
          percent(e.largest_move),
          verdict};
}

std::string effects_text(const HindcastReport& report) {
  TextTable table;
  table.rows.push_back({"input", "5 %", "median", "95 %", "error at 5 %", "at median", "at 95 %",
                        "moves forecasts by", "at most", "identified"});
  for (const InputEffect& e : report.effects)
    table.rows.push_back(effect_row(std::string{e.input->name}, e));
  table.rows.push_back(
      effect_row("price elasticity, were chips plentiful", report.unbound_elasticity));
  return table.to_text(2) +
         "  root mean squares of logarithms; the 5 to 95 % band of the data is " +
         percent(report.effects.front().band) +
         " wide: what moves forecasts less\n  cannot be told from these data\n";
}

std::string sources_text() {
  std::string text;
  for (const HindcastInput& input : hindcast_inputs())
    text += "  " + std::string{input.name} + ": " + std::string{input.source} + "\n";
  return text;
}

std::string regimes_text(const HindcastReport& report) {
  TextTable table;
  std::vector<std::string> head{"origin"};
  for (const auto& [regime, name] : enum_names<Regime>) head.emplace_back(name);
  table.rows.push_back(head);
  for (const RegimeShare& r : report.regimes) {
    std::vector<std::string> row{quarter_name(r.origin)};
    for (const double share : r.share) row.push_back(percent(share));
    table.rows.push_back(row);
  }
  return table.to_text(2);
}

std::string energy_text(const BuildOutFacts& facts) {
  const LoadBand band = load_band();
  TextTable table;
  table.rows.push_back({"year", "mean MW", "boards at " + percent(band.low),
                        "at " + percent(band.mid), "at " + percent(band.high),
                        "facilities at " + percent(band.mid)});
  for (const NameplateEnergy& e : nameplate_energy(facts.stock))
    table.rows.push_back({std::to_string(e.year), figure(e.mean_mw), figure(e.low_twh),
                          figure(e.mid_twh), figure(e.high_twh), figure(e.facility_twh)});
  return table.to_text(2);
}

std::string shown_text(const std::vector<ShownFigure>& shown, const BaseCase& base) {
  TextTable table;
  table.rows.push_back({"figure", "date", "value", "unit", "how"});
  for (const ShownFigure& f : shown)
    table.rows.push_back({f.what, f.date,
                          f.value >= 1e9 ? figure(f.value * 1e-12) + "e12" : figure(f.value),
                          f.unit, f.how});
  for (std::size_t y = 0; y < base.tokens_per_month.size(); ++y)
    table.rows.push_back({"base case, the world", std::to_string(2024 + y),
                          figure(base.tokens_per_month[y] * 1e-12) + "e12", "tokens/month",
                          "simulated; output tokens, no prompts"});
  table.rows.push_back({"base case, the world", "2026", figure(base.price_fall),
                        "times cheaper a year", "simulated; a token, from the start of 2024"});
  return table.to_text(2);
}

std::string base_text(const BaseCase& base) {
  TextTable table;
  table.rows.push_back(
      {"TWh a year", "2024: all", "AI, simulated", "share", "2030: all", "AI, simulated", "share"});
  for (std::size_t r = 0; r < base.published.size(); ++r) {
    const PublishedEnergy& p = base.published[r];
    const double now = base.in_2024.by_region[r];
    const double then = base.in_2030.by_region[r];
    const bool has_lab = now > 0 || then > 0;
    table.rows.push_back({p.region, figure(p.twh_2024), has_lab ? figure(now) : "no lab",
                          has_lab ? percent(now / p.twh_2024) : "-", figure(p.twh_2030),
                          has_lab ? figure(then) : "no lab",
                          has_lab ? percent(then / p.twh_2030) : "-"});
  }
  const AcceleratedServers servers = accelerated_servers(base.published.front());
  return table.to_text(2) +
         "  published: IEA 2025, base case, all data centres: conventional servers, storage, "
         "network\n"
         "  and cooling of everything that is not AI are in it. Simulated: accelerators, their "
         "hosts\n"
         "  and the cooling and conversion of both, of the labs of the scenario, each in one "
         "region.\n"
         "  accelerated servers alone, as follows from the agency's words (30 % a year, almost "
         "half\n"
         "  of the growth): about " +
         figure(servers.twh_2024) + " TWh in 2024 and " + figure(servers.twh_2030) +
         " in 2030, without cooling; simulated\n  boards alone: " +
         figure(base.in_2024.boards_twh) + " and " + figure(base.in_2030.boards_twh) + " TWh\n";
}

JsonValue::List cells_json(const HindcastReport& report) {
  JsonValue::List list;
  for (const HindcastCell& c : report.cells) {
    Members m;
    m.add("metric", name_of(c.metric));
    m.add("origin", quarter_name(c.origin));
    m.add("at", quarter_name(c.date));
    m.add("forecast", c.forecast);
    m.add("actual", c.actual);
    m.add("error", c.error());
    Members naive;
    for (const auto& [n, name] : enum_names<Naive>) naive.add(name, c.naive_error(n));
    m.put("naive_error", naive.take());
    m.add("skill", c.skill_against(Naive::growth));
    list.push_back({m.take(), {}});
  }
  return list;
}

JsonValue::List effects_json(const HindcastReport& report) {
  JsonValue::List list;
  for (const InputEffect& e : report.effects) {
    Members m;
    m.add("input", e.input->name);
    m.add("range", e.input->range);
    m.add("source", e.input->source);
    m.add("rms_error", {e.rms_error[0], e.rms_error[1], e.rms_error[2]});
    m.add("rms_move", e.rms_move);
    m.add("band", e.band);
    m.put("identified", e.is_identified());
    list.push_back({m.take(), {}});
  }
  return list;
}

JsonValue::List groups_json(const HindcastReport& report) {
  JsonValue::List list;
  for (const auto& [metric, metric_name] : enum_names<HindcastMetric>)
    for (const Group& group : groups) {
      const std::vector<HindcastCell> cells = chosen(report, metric, group.keep);
      Members m;
      m.add("metric", metric_name);
      m.add("of", group.name);
      m.add("forecasts", static_cast<int>(cells.size()));
      m.add("mean_error", mean_error(cells));
      m.add("coverage", coverage(cells));
      for (const auto& [naive, name] : enum_names<Naive>)
        m.add("skill against: " + std::string{name}, mean_skill(cells, naive));
      list.push_back({m.take(), {}});
    }
  return list;
}

JsonValue::List base_json(const BaseCase& base) {
  JsonValue::List list;
  for (std::size_t r = 0; r < base.published.size(); ++r) {
    Members m;
    m.add("region", base.published[r].region);
    m.add("all_2024_twh", base.published[r].twh_2024);
    m.add("ai_2024_twh", base.in_2024.by_region[r]);
    m.add("all_2030_twh", base.published[r].twh_2030);
    m.add("ai_2030_twh", base.in_2030.by_region[r]);
    list.push_back({m.take(), {}});
  }
  return list;
}

}  // namespace

Answer to_answer(const HindcastAnswer& h) {
  Answer answer;
  answer.text =
      "hindcast of the build-out: accelerators of NVIDIA sold since January 2022\n"
      "each forecast is made of what was public at its origin; " +
      std::to_string(h.samples) +
      " samples of its inputs\n"
      "\ninstalled compute, million H100 equivalents (INT8 TOPS)\n" +
      forecasts_text(h.report, HindcastMetric::h100e) + "\nnameplate power of the boards, MW\n" +
      forecasts_text(h.report, HindcastMetric::mw) +
      "  naive: the growth of the last year goes on; what the last quarter added comes again\n"
      "  skill: 1 - |error| / |naive error|\n"
      "\nall of them together\n" +
      skills_text(h.report) +
      "\nwhat the data can tell: one input over its range, the others at their medians; year "
      "ends\n" +
      effects_text(h.report) + "\nwhere the ranges come from\n" + sources_text() +
      "\nwhat bound orders at the medians, share of quarters up to the end of the data\n" +
      regimes_text(h.report) + "\nenergy of the published stock, TWh\n" + energy_text(h.facts) +
      "  load factors: production nodes as measured (AcmeTrace), two assumed ones; facilities "
      "with\n"
      "  hosts and cooling at " +
      figure(load_band().facility) +
      " times the boards, assumed\n"
      "\nshown, not scored\n" +
      shown_text(h.shown, h.base) + "\nthe base case beside the agency's figures\n" +
      base_text(h.base);
  Members m;
  m.add("basis", "H100 equivalents by INT8 TOPS");
  m.add("samples", h.samples);
  m.put("forecasts", cells_json(h.report));
  m.put("scores", groups_json(h.report));
  m.put("inputs", effects_json(h.report));
  m.put("base_case", base_json(h.base));
  answer.summary = {m.take(), {}};
  return answer;
}

std::string hindcast_csv(const HindcastReport& report) {
  std::string text =
      "metric,origin,at,p5,p50,p95,actual,naive_growth,naive_last_quarter,naive_additions\n";
  for (const HindcastCell& c : report.cells) {
    text +=
        std::string{name_of(c.metric)} + ',' + quarter_name(c.origin) + ',' + quarter_name(c.date);
    for (const double value : {c.forecast.p5, c.forecast.p50, c.forecast.p95, c.actual, c.naive[0],
                               c.naive[1], c.naive[2]})
      text += ',' + json_number(value).spelled;
    text += '\n';
  }
  return text;
}

}  // namespace jevons
