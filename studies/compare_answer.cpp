#include <cmath>

#include "scenarios/page.h"
#include "scenarios/write_value.h"
#include "studies/compare.h"

namespace jevons {

namespace {

JsonValue text(std::string_view value) {
  return {std::string{value}, {}};
}
JsonValue number(double value) {
  return {json_number(value), {}};
}

std::string range(const Spread& s) {
  if (s.is_exact()) return figure(s.p50);
  return figure(s.p50) + " [" + figure(s.p5) + ", " + figure(s.p95) + "]";
}

// 2.5e6 -> 2.50 M
std::string scaled(const Spread& s) {
  for (const auto& [size, letter] : {std::pair{1e9, " G"}, std::pair{1e6, " M"}})
    if (s.p50 >= size) return range({s.p5 / size, s.p50 / size, s.p95 / size}) + letter;
  return range(s);
}

std::string fleet_text(const ComparedFleet& fleet) {
  if (std::holds_alternative<EqualCount>(fleet)) return "fleets of equally many GPUs";
  if (std::holds_alternative<EqualMoney>(fleet)) return "fleets that cost the same to build";
  if (std::holds_alternative<EqualPower>(fleet)) return "fleets that draw the same power at most";
  return "fleets that the rules and channels leave";
}

std::string basis_of(const ComparedWork& work, const std::string& reference) {
  std::string unit = "GPU-hours of the mix";
  if (std::holds_alternative<TrainWork>(work)) unit = "training tokens a GPU-hour";
  if (std::holds_alternative<PostTrainWork>(work)) unit = "post-training steps a GPU-hour";
  if (std::holds_alternative<ServeWork>(work))
    unit = "output tokens a GPU-hour at the highest load that keeps the objective";
  return "1 = a " + reference + " by " + unit;
}

std::string tiers_page(const CompareScenario& s, const CompareOutcome& c) {
  TextTable table;
  table.rows.push_back({"tier", "GPUs", "USD each", "status", "channel", "fee+tariff",
                        "8-bit TFLOP/s", "memory TB/s", "GB", "TDP W", "times", "joules", "data"});
  for (std::size_t i = 0; i < c.tiers.size(); ++i) {
    const TierResult& t = c.tiers[i];
    const ChipSpec& chip = s.tiers[i].chip;
    const auto peak = chip.peak.fp8 ? chip.peak.fp8 : chip.peak.int8;
    table.rows.push_back(
        {t.label, t.why_not.empty() ? scaled(t.gpus) : "none", range(t.price_usd),
         t.status.empty() ? "-" : t.status, t.channel.empty() ? "-" : t.channel,
         t.fee + t.tariff > 0 ? percent(t.fee + t.tariff) : "-",
         peak ? figure(peak->in(unit::TFLOP / unit::s)) : "-",
         figure(chip.memory_bandwidth->in(unit::TB / unit::s)), figure(chip.memory->in(unit::GB)),
         figure(chip.tdp->in(unit::W)), std::string{name_of(t.time_source)},
         std::string{name_of(t.energy_source)}, std::string{name_of(t.confidence)}});
  }
  return table.to_text(2);
}

// Kernels of tiers that were measured with different software differ by the software too.
std::string software_page(const CompareOutcome& c) {
  std::string page;
  for (const TierResult& t : c.tiers)
    if (t.software != c.tiers.front().software)
      page += "  " + t.label + ": kernels " +
              (t.software.empty() ? "carried over from other chips" : "of " + t.software) + "\n";
  if (page.empty()) return page;
  return "\nkernels of " + c.tiers.front().label + " are those of " + c.tiers.front().software +
         "; ratios to these hold the software too:\n" + page;
}

std::string influence_text(const std::vector<Influence>& list) {
  std::string out;
  for (const Influence& i : list)
    out += (out.empty() ? "" : "; ") + i.input + " " + (i.rank_correlation < 0 ? "-" : "+") +
           figure(std::abs(i.rank_correlation));
  return out;
}

std::string work_page(const CompareScenario& s, const CompareOutcome& c, std::size_t w) {
  const std::string reference = c.tiers.front().label;
  std::string page =
      "\n" + label_of(s.works[w]) + "   effective: " + basis_of(s.works[w], reference) + "\n";
  TextTable time, money;
  time.rows.push_back({"tier", "effective", "days", "GPU-hours", "MWh", "kWh/M", "tCO2e",
                       "chips for deadline", "limited by"});
  money.rows.push_back(
      {"tier", "USD", "paid off", "duties", "energy", "USD/M", "USD ratio", "MWh ratio"});
  std::string notes;
  for (const TierResult& t : c.tiers) {
    const ComparedResult& r = t.works[w];
    if (!r.why_not.empty()) {
      notes += "  " + t.label + ": " + r.why_not + "\n";
      continue;
    }
    const auto cell = [&r](Measured m) { return scaled(r[m]); };
    time.rows.push_back(
        {t.label, cell(Measured::effective), cell(Measured::days), cell(Measured::gpu_hours),
         cell(Measured::mwh), cell(Measured::kwh_per_unit), cell(Measured::tco2e),
         cell(Measured::chips),
         std::holds_alternative<MixWork>(s.works[w]) ? "-" : std::string{name_of(r.binding)}});
    money.rows.push_back({t.label, cell(Measured::usd), cell(Measured::usd_capital),
                          cell(Measured::usd_duties), cell(Measured::usd_energy),
                          cell(Measured::usd_per_unit), cell(Measured::usd_ratio),
                          cell(Measured::mwh_ratio)});
    if (!r.how.empty())
      notes += "  " + t.label + ": " + r.how +
               (r.extrapolated ? "; some kernels lie outside of what was measured" : "") + "\n";
    notes += "    USD moves with " + influence_text(r.on_usd) + "\n    MWh moves with " +
             influence_text(r.on_mwh) + "\n";
  }
  const ComparedResult& first = c.tiers.front().works[w];
  return page + time.to_text(2) + money.to_text(2) + "  /M: per million " + first.unit + "\n" +
         notes;
}

std::string side(const Spread& s, double nameplate, double sign) {
  return "nameplate " + figure(nameplate) + ", ours " + range(s) + ", same side of 1 with " +
         percent(sign);
}

std::string nameplate_page(const CompareScenario& s, const CompareOutcome& c) {
  std::string page;
  for (std::size_t i = 1; i < c.tiers.size(); ++i) {
    const TierResult& t = c.tiers[i];
    if (!t.nameplate) continue;
    const NameplateCheck& n = *t.nameplate;
    page += "  " + t.label + " (joules " + std::string{name_of(t.energy_source)} + ", data " +
            std::string{name_of(t.confidence)} +
            ")\n    J/FLOP: " + side(n.flop_ours, n.flop_nameplate, n.flop_sign) +
            "\n    J/byte: " + side(n.byte_ours, n.byte_nameplate, n.byte_sign) + "\n";
    if (n.crossover)
      page += "    even where decode takes " +
              range({100 * n.crossover->p5, 100 * n.crossover->p50, 100 * n.crossover->p95}) +
              " % of the reference's joules (there is such a mix in " + percent(n.has_crossover) +
              " of the samples)\n";
    page += "    why: a FLOP of " + n.prefill.what + " takes " + figure(n.flop_time) +
            " times as long, and of its joules " + percent(n.prefill.static_share) +
            " are static, " + percent(n.prefill.arithmetic_share) + " arithmetic; a byte of " +
            n.decode.what + " takes " + figure(n.byte_time) + " times as long, " +
            percent(n.decode.static_share) + " static, " + percent(n.decode.memory_share) +
            " memory.\n    TDP over peak takes all power for proportional to one resource; "
            "static power goes with time alone, and work costs the same joules wherever the die is "
            "the same.\n";
  }
  if (page.empty()) return page;
  return "\nJoules per FLOP and per byte against " + c.tiers.front().label +
         " (GPU alone, kernels of " + label_of(s.works.front()) + " and its like)\n" + page;
}

JsonValue influences_json(const std::vector<Influence>& list) {
  JsonValue::List out;
  for (const Influence& i : list)
    out.push_back({JsonValue::Object{{"input", text(i.input), {}},
                                     {"rank_correlation", number(i.rank_correlation), {}}},
                   {}});
  return {std::move(out), {}};
}

JsonValue work_json(const CompareScenario& s, const CompareOutcome& c, const TierResult& t,
                    std::size_t w) {
  const ComparedResult& r = t.works[w];
  JsonValue::Object out{{"label", text(label_of(s.works[w])), {}},
                        {"basis", text(basis_of(s.works[w], c.tiers.front().label)), {}},
                        {"why_not", r.why_not.empty() ? JsonValue{} : text(r.why_not), {}}};
  if (!r.why_not.empty()) return {std::move(out), {}};
  for (const auto& [m, name] : enum_names<Measured>)
    out.push_back({std::string{name}, to_json(r[m]), {}});
  out.push_back({"million_of", text(r.unit), {}});
  out.push_back({"binding", text(name_of(r.binding)), {}});
  out.push_back({"how", text(r.how), {}});
  out.push_back({"extrapolated", {r.extrapolated, {}}, {}});
  out.push_back({"usd_moves_with", influences_json(r.on_usd), {}});
  out.push_back({"mwh_moves_with", influences_json(r.on_mwh), {}});
  return {std::move(out), {}};
}

JsonValue nameplate_json(const NameplateCheck& n) {
  return {JsonValue::Object{{"j_per_flop_nameplate", number(n.flop_nameplate), {}},
                            {"j_per_flop_ratio", to_json(n.flop_ours), {}},
                            {"j_per_flop_sign_probability", number(n.flop_sign), {}},
                            {"j_per_byte_nameplate", number(n.byte_nameplate), {}},
                            {"j_per_byte_ratio", to_json(n.byte_ours), {}},
                            {"j_per_byte_sign_probability", number(n.byte_sign), {}},
                            {"crossover_decode_share", to_json(n.crossover), {}},
                            {"crossover_probability", number(n.has_crossover), {}},
                            {"time_per_flop_ratio", number(n.flop_time), {}},
                            {"time_per_byte_ratio", number(n.byte_time), {}},
                            {"prefill_static_share", number(n.prefill.static_share), {}},
                            {"decode_static_share", number(n.decode.static_share), {}}},
          {}};
}

JsonValue tier_json(const CompareScenario& s, const CompareOutcome& c, const TierResult& t) {
  JsonValue::List works;
  for (std::size_t w = 0; w < t.works.size(); ++w) works.push_back(work_json(s, c, t, w));
  return {JsonValue::Object{
              {"label", text(t.label), {}},
              {"chip", text(t.chip), {}},
              {"gpus", to_json(t.gpus), {}},
              {"price_usd", to_json(t.price_usd), {}},
              {"status", t.status.empty() ? JsonValue{} : text(t.status), {}},
              {"channel", t.channel.empty() ? JsonValue{} : text(t.channel), {}},
              {"fee", number(t.fee), {}},
              {"tariff", number(t.tariff), {}},
              {"why_not", t.why_not.empty() ? JsonValue{} : text(t.why_not), {}},
              {"time_source", text(name_of(t.time_source)), {}},
              {"energy_source", text(name_of(t.energy_source)), {}},
              {"kernels_from", t.software.empty() ? JsonValue{} : text(t.software), {}},
              {"confidence", text(name_of(t.confidence)), {}},
              {"works", {std::move(works), {}}, {}},
              {"nameplate", t.nameplate ? nameplate_json(*t.nameplate) : JsonValue{}, {}}},
          {}};
}

}  // namespace

Answer compare_answer(const CompareScenario& s, RunContext& context) {
  const CompareOutcome c = compare(s, context.progress);
  std::string page = (s.title.empty() ? "Comparison" : s.title) + "\n" + fleet_text(s.fleet) +
                     "; median [5 %, 95 %] of " + grouped(c.samples) +
                     " samples; energy at the facility unless said otherwise\n\n" +
                     tiers_page(s, c);
  for (std::size_t w = 0; w < s.works.size(); ++w) page += work_page(s, c, w);
  page += nameplate_page(s, c) + software_page(c);
  if (!s.published.empty()) page += "\npublished: " + s.published + "\n";
  if (!s.difference.empty()) page += "difference: " + s.difference + "\n";
  JsonValue::List tiers, inputs;
  for (const TierResult& t : c.tiers) tiers.push_back(tier_json(s, c, t));
  for (const auto& [name, spread] : c.inputs)
    inputs.push_back(
        {JsonValue::Object{{"input", text(name), {}}, {"range", to_json(spread), {}}}, {}});
  return {page,
          {JsonValue::Object{{"name", text(s.title), {}},
                             {"reference", text(c.tiers.front().label), {}},
                             {"fleet", text(fleet_text(s.fleet)), {}},
                             {"samples", {json_number(std::int64_t{c.samples}), {}}, {}},
                             {"tiers", {std::move(tiers), {}}, {}},
                             {"inputs", {std::move(inputs), {}}, {}},
                             {"published", text(s.published), {}},
                             {"difference", text(s.difference), {}}},
           {}}};
}

}  // namespace jevons
