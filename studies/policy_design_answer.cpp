// The best chip under a rule, as page and JSON.
#include <algorithm>

#include "scenarios/page.h"
#include "scenarios/write_value.h"
#include "studies/policy_design.h"

namespace jevons {

namespace {

JsonValue text(std::string_view value) {
  return {std::string{value}, {}};
}
JsonValue number(std::optional<double> value) {
  return value ? JsonValue{json_number(*value), {}} : JsonValue{};
}

std::string shown(std::optional<double> value) {
  return value ? figure(*value) : "-";
}

std::optional<double> gb_s(const std::optional<Bandwidth>& b) {
  return b ? std::optional{b->in(unit::GB / unit::s)} : std::nullopt;
}

std::string text_of(const Distance& d) {
  return d.rule->id + " " + d.prong + " (" + std::string{name_of(d.threshold.fact)} + " " +
         std::string{name_of(d.threshold.is)} + " " + figure(d.threshold.value) + ")";
}

std::string held_text(const DesignedChip& d) {
  std::string all;
  for (const Distance& h : d.held_by) all += (all.empty() ? "" : ", ") + text_of(h);
  return all.empty() ? "nothing: it is all that the die has" : "it stops just short of " + all;
}

// A value that stops just short of a threshold says so.
std::string fact(const DesignedChip& d, ChipFact of) {
  const bool is_held = std::any_of(d.held_by.begin(), d.held_by.end(),
                                   [of](const Distance& h) { return h.threshold.fact == of; });
  return (is_held ? "<" : "") + shown(ruled_chip(d.chip)[of]);
}

std::vector<std::string> row(const DesignedChip& d, double best) {
  return {d.label,
          fact(d, ChipFact::tpp),
          fact(d, ChipFact::performance_density),
          fact(d, ChipFact::memory_bandwidth),
          fact(d, ChipFact::io_bandwidth),
          d.chip.memory ? figure(d.chip.memory->in(unit::GB)) : "-",
          d.rate > 0 ? figure(d.rate) : "cannot",
          d.rate > 0 && best > 0 ? figure(best / d.rate) : "-",
          d.laws};
}

TextTable table_of(const std::vector<DesignedChip>& chips, double best, std::size_t most) {
  TextTable table;
  table.rows.push_back({"chip", "TPP", "density", "memory GB/s", "link GB/s", "GB", "rate",
                        "best design / this", "kernels of"});
  for (const DesignedChip& d : chips) {
    if (table.rows.size() > most) break;
    table.rows.push_back(row(d, best));
  }
  return table;
}

JsonValue chip_json(const DesignedChip& d, double best) {
  const RuledChip ruled = ruled_chip(d.chip);
  JsonValue::List held;
  for (const Distance& h : d.held_by) held.push_back(text(text_of(h)));
  return {JsonValue::Object{
              {"chip", text(d.label), {}},
              {"share_of_arithmetic", number(d.arithmetic), {}},
              {"tpp", number(ruled[ChipFact::tpp]), {}},
              {"performance_density", number(ruled[ChipFact::performance_density]), {}},
              {"memory_bandwidth_gb_s", number(gb_s(d.chip.memory_bandwidth)), {}},
              {"link_bandwidth_gb_s", number(gb_s(d.chip.link_bandwidth)), {}},
              {"memory_gb", number(d.chip.memory->in(unit::GB)), {}},
              {"rate", number(d.rate), {}},
              {"best_design_over_this", d.rate > 0 ? number(best / d.rate) : JsonValue{}, {}},
              {"held_by", {std::move(held), {}}, {}}},
          {}};
}

JsonValue list_json(const std::vector<DesignedChip>& chips, double best) {
  JsonValue::List list;
  for (const DesignedChip& d : chips) list.push_back(chip_json(d, best));
  return {std::move(list), {}};
}

std::string rule_text(const DesignQuestion& q) {
  return q.rule != nullptr ? "rule " + q.rule->id : "the rules of " + q.deal.date;
}

std::string ratio_line(const std::string& what, const std::vector<DesignedChip>& chips,
                       double best) {
  if (chips.empty() || chips.front().rate <= 0) return "  " + what + ": no chip of the catalogue\n";
  const DesignedChip& c = chips.front();
  return "  " + what + ": " + c.label + "; the design does " + figure(best / c.rate) + " of it\n";
}

std::string verdict(const DesignQuestion& q, const DesignOutcome& o, double best) {
  std::string page = "\nhow far it undoes " + rule_text(q) + "\n";
  page += ratio_line("best chip sold on " + o.before + ", before it was announced", o.sold_before,
                     best);
  page += ratio_line("best chip that is sold under it", o.sold_now, best);
  for (const DesignedChip& r : o.references) page += ratio_line("against", {r}, best);
  return page;
}

constexpr std::string_view caveats =
    "\nassumed: units are switched off evenly; kernels are those of the nearest measured chip of "
    "the\n"
    "die, their rates scaled by the datasheet; power limit and price are those of the die, memory "
    "and\n"
    "links those of the best package of this die that was out. Whether anybody would build it, "
    "and\n"
    "what an authority would then say of it, is not modelled.\n";

}  // namespace

Answer design_answer(const DesignQuestion& q, const std::function<void(double)>& progress) {
  const DesignOutcome o = design(q, progress);
  const bool has_one = !o.designs.empty() && o.designs.front().rate > 0;
  const double best = has_one ? o.designs.front().rate : 0;
  std::string page = "Best chip for " + std::string{name_of(q.goal)} + " allowed by " +
                     rule_text(q) + ", to " + q.deal.destination + " on " + q.deal.date +
                     " (status at most " + std::string{name_of(q.most)} + ")\n" + o.work + "; " +
                     o.unit + "\n\n";
  if (!has_one)
    page += o.designs.empty() ? "no chip cut from these dies may be sold\n"
                              : "no chip that may be sold can do this work\n";
  else
    page += table_of(o.designs, best, 8).to_text(2) +
            "\nthe best: " + held_text(o.designs.front()) +
            "; left of the die's arithmetic: " + percent(o.designs.front().arithmetic) +
            "\n\nchips as they are\n" + table_of(o.references, best, 8).to_text(2) +
            verdict(q, o, best);
  page += caveats;
  const auto first = [best](const std::vector<DesignedChip>& chips) {
    return chips.empty() ? JsonValue{} : chip_json(chips.front(), best);
  };
  return {
      page,
      {JsonValue::Object{{"goal", text(name_of(q.goal)), {}},
                         {"rule", q.rule != nullptr ? text(q.rule->id) : JsonValue{}, {}},
                         {"date", text(q.deal.date), {}},
                         {"destination", text(q.deal.destination), {}},
                         {"most", text(name_of(q.most)), {}},
                         {"work", text(o.work), {}},
                         {"unit", text(o.unit), {}},
                         {"best", has_one ? chip_json(o.designs.front(), best) : JsonValue{}, {}},
                         {"designs", list_json(o.designs, best), {}},
                         {"day_before", text(o.before), {}},
                         {"best_sold_before", first(o.sold_before), {}},
                         {"best_sold_now", first(o.sold_now), {}},
                         {"references", list_json(o.references, best), {}}},
       {}}};
}

}  // namespace jevons
