#include "calibration/meter/report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <utility>

#include "calibration/meter/evidence.h"
#include "calibration/meter/layer_check.h"

namespace jevons::calibration {
namespace {

using Cells = std::vector<std::string>;

std::string fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

// Three significant digits, the exponent in the unit.
std::string duration(double seconds) {
  for (const auto& [scale, unit] : {std::pair{1.0, " s"}, {1e-3, " ms"}})
    if (seconds >= scale) return fixed(seconds / scale, seconds >= 100 * scale ? 0 : 2) + unit;
  return fixed(seconds * 1e6, seconds >= 1e-4 ? 0 : 2) + " us";
}

std::string energy(double joules) {
  if (joules >= 1) return fixed(joules, 2) + " J";
  return joules >= 1e-3 ? fixed(joules * 1e3, 2) + " mJ" : fixed(joules * 1e6, 1) + " uJ";
}

std::string percent(double share) {
  return fixed(100 * share, 1) + " %";
}

std::string interval(const Estimate& e, int digits) {
  return fixed(e.value, digits) + " (" + fixed(e.low, digits) + " to " + fixed(e.high, digits) +
         ")";
}

// A Markdown table that is a table in plain text too: columns as wide as their widest cell.
class Table {
 public:
  explicit Table(Cells head) : rows_{std::move(head)} {}
  void row(Cells cells) { rows_.push_back(std::move(cells)); }
  std::string text() const {
    std::vector<std::size_t> width(rows_.front().size(), 3);
    for (const Cells& row : rows_)
      for (std::size_t i = 0; i < row.size(); ++i) width[i] = std::max(width[i], row[i].size());
    std::string out;
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      out += line(rows_[r], width);
      if (r > 0) continue;
      out += "|";
      for (std::size_t i = 0; i < width.size(); ++i)
        out += std::string(width[i] + 1, '-') + (i == 0 ? "-|" : ":|");
      out += "\n";
    }
    return out + "\n";
  }

 private:
  static std::string line(const Cells& cells, const std::vector<std::size_t>& width) {
    std::string out = "|";
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string pad(width[i] - cells[i].size(), ' ');
      out += " " + (i == 0 ? cells[i] + pad : pad + cells[i]) + " |";
    }
    return out + "\n";
  }
  std::vector<Cells> rows_;
};

std::string kind_and_format(const KernelCase& c) {
  return std::string{jevons::name_of(c.kind)} + " " + std::string{jevons::name_of(c.format)};
}

std::string board_section(const RawLog& log, const Evidence& e, std::size_t left) {
  const SessionRow& s = log.sessions.back();
  std::string out = "# Calibration of " + s.board + "\n\n";
  Table table{{"what", "value"}};
  table.row({"board", s.board + ", " + s.uuid});
  table.row({"driver, toolkit", s.driver + ", " + s.toolkit});
  table.row({"program", s.revision});
  table.row({"calls", std::to_string(log.sessions.size()) + ", the last at " + s.utc});
  table.row({"power limit", fixed(e.limit_w, 0) + " W"});
  table.row({"cases timed", std::to_string(e.times.size())});
  table.row({"cases weighed", std::to_string(e.energies.size())});
  table.row({"items not measured yet", std::to_string(left)});
  table.row({"blocks kept, drifted, interrupted", std::to_string(e.blocks.kept) + ", " +
                                                      std::to_string(e.blocks.drifted) + ", " +
                                                      std::to_string(e.blocks.open)});
  table.row({"largest drift of a block", percent(e.blocks.worst_drift)});
  table.row({"windows refused", std::to_string(e.refused)});
  table.row({"lines not whole", std::to_string(log.torn)});
  return out + table.text();
}

std::string power_section(const Evidence& e) {
  Table table{{"power without work", "W (95 % interval)"}};
  const auto put = [&](const char* what, const std::optional<Estimate>& power) {
    table.row({what, power ? interval(*power, 1) : "not measured"});
  };
  put("idle, no context", e.idle_without_context_w);
  put("idle, context alive", e.idle_with_context_w);
  put("spinning", e.spinning_w);
  return "## Power without work\n\n" + table.text();
}

std::string ceiling_section(const Ceilings& c) {
  Table table{{"ceiling", "measured"}};
  const auto put = [&](const char* what, double value, double scale, const char* unit, int digits) {
    table.row({what, value > 0 ? fixed(value / scale, digits) + unit : "not measured"});
  };
  put("copy", c.copy_bytes_s, 1e12, " TB/s", 2);
  put("dense product, bf16", c.bf16_flop_s, 1e12, " TFLOP/s", 0);
  put("dense product, fp8", c.fp8_flop_s, 1e12, " TFLOP/s", 0);
  put("link, one direction", c.link_bytes_s, 1e9, " GB/s", 0);
  return "## Ceilings\n\nThe best of this board in this log; shares below are of these.\n\n" +
         table.text();
}

struct KindSummary {
  std::vector<double> shares;
  int cases = 0, weak = 0, capped = 0, judged = 0;
  std::string best;
};

std::string roofline_section(const Evidence& e, const Ceilings& ceilings) {
  std::map<std::pair<CaseKind, Format>, KindSummary> kinds;
  for (const TimePoint& p : e.times) {
    const KernelCase c = case_of(*p.row);
    KindSummary& k = kinds[{c.kind, c.format}];
    ++k.cases;
    k.weak += static_cast<int>(p.is_weak);
    k.judged += static_cast<int>(target_of(c).has_value());
    k.capped += static_cast<int>(p.is_capped);
    const double share = share_of_roofline(c, p.seconds.value, ceilings);
    if (share > 0) k.shares.push_back(share);
  }
  Table table{{"kernel", "cases", "median share", "best share", "capped", "under target"}};
  for (auto& [key, k] : kinds) {
    const bool has = !k.shares.empty();
    const KernelCase c{.kind = key.first, .format = key.second};
    table.row({kind_and_format(c), std::to_string(k.cases), has ? percent(median(k.shares)) : "-",
               has ? percent(*std::max_element(k.shares.begin(), k.shares.end())) : "-",
               std::to_string(k.capped),
               std::to_string(k.weak) + " of " + std::to_string(k.judged)});
  }
  return "## Share of the roofline\n\nTime on the roofline of the ceilings over measured time. A "
         "case under its target is a weak\ninstrument: it says more about our kernel than about "
         "the chip.\n\n" +
         table.text();
}

std::string time_section(const Evidence& e, const Ceilings& ceilings) {
  Table table{{"case", "time", "95 % interval", "share", ""}};
  for (const TimePoint& p : e.times) {
    const double share = share_of_roofline(case_of(*p.row), p.seconds.value, ceilings);
    const std::string label = std::string{p.is_capped ? "capped " : ""} + (p.is_weak ? "weak" : "");
    table.row({p.row->name, duration(p.seconds.value),
               duration(p.seconds.low) + " to " + duration(p.seconds.high),
               share > 0 ? percent(share) : "-", label});
  }
  return "## Times\n\n" + table.text();
}

std::string energy_section(const Evidence& e, const EnergyLaw* law) {
  if (e.energies.empty()) return {};
  Table table{{"case", "W (95 % interval)", "per launch", "law", "SM MHz", ""}};
  for (const EnergyPoint& p : e.energies) {
    const EnergyRow row = energy_row(case_of(*p.row), p.seconds, voltage_of(p, e));
    const std::string off = law != nullptr ? percent(watts_of(*law, row) / p.watts.value - 1) : "-";
    table.row({p.row->name, interval(p.watts, 1), energy(p.joules.value), off, fixed(p.sm_mhz, 0),
               p.is_capped ? "capped" : ""});
  }
  return "## Energies\n\n`law`: power by the coefficients below over measured power, less "
         "one.\n\n" +
         table.text();
}

std::string law_section(const EnergyLaw& law) {
  Table table{{"coefficient", "value", "95 % interval"}};
  for (std::size_t j = 0; j < law.value.size(); ++j) {
    const double scale = j == 0 ? 1 : 1e12;
    const int digits = j == 0 ? 1 : 3;
    table.row({std::string{energy_term_names[j]}, fixed(law.value[j] * scale, digits),
               fixed(law.low[j] * scale, digits) + " to " + fixed(law.high[j] * scale, digits)});
  }
  return "## Energy coefficients\n\nOne set for all kinds, fitted to " +
         std::to_string(law.points) + " points; error " + percent(law.mape) +
         ", each kind predicted from\nthe others " + percent(law.left_out_mape) + ".\n\n" +
         table.text();
}

std::string layer_section(const Evidence& e, const EnergyLaw* law) {
  const std::vector<LayerCheck> checks = layer_checks(e, law);
  std::string out = "## Parts against the whole layer\n\n";
  if (checks.empty()) return out + "No whole layer was timed together with all its parts yet.\n";
  Table table{{"layer", "parts", "sequence", "off", "parts, energy", "sequence, energy", "off"}};
  for (const LayerCheck& c : checks) {
    const bool has = c.parts_j && c.layer_j;
    table.row({c.row->name, duration(c.parts_s), duration(c.layer_s),
               percent(c.parts_s / c.layer_s - 1), c.parts_j ? energy(*c.parts_j) : "-",
               c.layer_j ? energy(*c.layer_j) : "-",
               has ? percent(*c.parts_j / *c.layer_j - 1) : "-"});
  }
  return out + table.text();
}

}  // namespace

Ceilings ceilings_of(const Evidence& evidence) {
  Ceilings best;
  for (const TimePoint& p : evidence.times) {
    const KernelCase c = case_of(*p.row);
    const CaseWork work = work_of(c);
    const double flop = work.flop.in(unit::flop) / p.seconds.value;
    const double bytes = (work.read + work.written).in(unit::B) / p.seconds.value;
    if (c.kind == CaseKind::copy) best.copy_bytes_s = std::max(best.copy_bytes_s, bytes);
    if (c.kind == CaseKind::dense_gemm) {
      double& rate = c.format == Format::fp8 ? best.fp8_flop_s : best.bf16_flop_s;
      rate = std::max(rate, flop);
    }
    if (c.gpus > 1)
      best.link_bytes_s = std::max(best.link_bytes_s, work.link.in(unit::B) / p.seconds.value);
  }
  return best;
}

double share_of_roofline(const KernelCase& c, double seconds, const Ceilings& ceilings) {
  const CaseWork work = work_of(c);
  const auto share = [&](double amount, double rate) {
    return rate > 0 ? amount / rate / seconds : 0;
  };
  switch (ceiling_of(c)) {
    case Ceiling::copy:
      return share((work.read + work.written).in(unit::B), ceilings.copy_bytes_s);
    case Ceiling::dense_bf16:
      return share(work.flop.in(unit::flop), ceilings.bf16_flop_s);
    case Ceiling::dense_fp8:
      return share(work.flop.in(unit::flop), ceilings.fp8_flop_s);
    case Ceiling::link:
      return share(work.link.in(unit::B), ceilings.link_bytes_s);
  }
  return 0;
}

std::string plan_text(const std::vector<Item>& items, const RawLog& log) {
  std::map<std::pair<CaseKind, Format>, std::array<int, 2>> kinds;
  for (const Item& item : items)
    ++kinds[{item.c.kind, item.c.format}][item.measure == Measure::energy ? 1 : 0];
  Table table{{"kernel", "cases to time", "energy windows"}};
  for (const auto& [key, n] : kinds) {
    const KernelCase c{.kind = key.first, .format = key.second};
    table.row({kind_and_format(c), std::to_string(n[0]), std::to_string(n[1])});
  }
  const double minutes = seconds_of(items) / 60;
  const auto last = std::find_if(items.rbegin(), items.rend(),
                                 [](const Item& i) { return i.measure == Measure::energy; });
  const std::vector<Item> valuable{items.begin(), last.base()};
  std::string out = table.text();
  out += "all: " + std::to_string(items.size()) + " items, about " + fixed(minutes, 0) + " min\n";
  if (!valuable.empty())
    out += "tier 0 and everything that is weighed: " + std::to_string(valuable.size()) +
           " items, about " + fixed(seconds_of(valuable) / 60, 0) + " min\n";
  out += "each call first spends about " + fixed(opening_seconds / 60, 0) +
         " min on idle power and warming\n";
  out += "windows in the log: " + std::to_string(log.windows.size()) + "\n\nfirst items:\n";
  for (std::size_t i = 0; i < std::min<std::size_t>(items.size(), 12); ++i)
    out +=
        "  " + std::string{jevons::name_of(items[i].measure)} + "  " + name_of(items[i].c) + "\n";
  return out;
}

std::string report_text(const RawLog& log, std::size_t left) {
  if (log.sessions.empty()) return "nothing was measured yet\n";
  const Evidence e = evidence_of(log);
  std::optional<EnergyLaw> law;
  if (can_fit_energy(e)) law = pooled_energy(e);
  const EnergyLaw* known = law ? &*law : nullptr;
  const Ceilings ceilings = ceilings_of(e);
  std::string out = board_section(log, e, left) + ceiling_section(ceilings) +
                    roofline_section(e, ceilings) + power_section(e);
  if (law) out += law_section(*law);
  return out + layer_section(e, known) + energy_section(e, known) + time_section(e, ceilings);
}

}  // namespace jevons::calibration
