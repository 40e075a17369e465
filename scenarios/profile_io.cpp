#include "scenarios/profile_io.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "scenarios/extends.h"
#include "scenarios/profile_fields.h"
#include "scenarios/reader.h"
#include "scenarios/write_value.h"

namespace jevons {
namespace {

constexpr double us = 1e-6, tera = 1e12, giga = 1e9, e4 = 1e-4;

double six_digits(double x) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.6g", x);
  return std::strtod(text.data(), nullptr);
}

double three_digits(double x) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3g", x);
  return std::strtod(text.data(), nullptr);
}

TableText text_of(const Correction& c) {
  TableText t;
  for (std::size_t d = 0; d < c.knots.size(); ++d) {
    t.axes.push_back(c.axis[d]);
    t.knots.push_back(c.knots[d]);
  }
  for (const double v : c.value) t.ln_factor_e4.push_back(static_cast<int>(std::lround(v / e4)));
  return t;
}

Correction table_from(const TableText& t) {
  Correction c;
  for (std::size_t d = 0; d < c.knots.size(); ++d) {
    c.axis[d] = t.axes[d];
    c.knots[d] = t.knots[d];
  }
  for (const int v : t.ln_factor_e4) c.value.push_back(v * e4);
  return c;
}

ErrorText text_of(const HeldOutError& e) {
  return {e.rows,
          three_digits(e.mape),
          three_digits(e.median),
          three_digits(e.p90),
          three_digits(e.worst),
          three_digits(e.bias),
          e.worst_shape};
}

HeldOutError error_from(const ErrorText& e) {
  return {e.rows, e.mape, e.median, e.p90, e.worst, e.bias, e.worst_shape};
}

void put_roofline(LawText& t, const KernelCost& law) {
  const Roofline& r = law.base;
  t.launch_us = six_digits(r.launch / us);
  t.per_item_us = six_digits(r.per_item / us);
  t.flop_rate_tflop_s = six_digits(r.flop_rate / tera);
  t.byte_rate_gb_s = six_digits(r.byte_rate / giga);
  t.link_rate_gb_s = six_digits(r.link_rate / giga);
  t.network_rate_gb_s = six_digits(r.network_rate / giga);
  t.sharpness = six_digits(r.sharpness);
  t.tile = r.tile;
  t.flop_peak_tflop_s = six_digits(law.flop_peak / tera);
}

void put_details(LawText& t, const KernelCost& law) {
  for (const AxisRange& r : law.measured)
    t.measured.push_back({six_digits(r.min), six_digits(r.max)});
  t.fitted_rows = law.fitted_rows;
  t.held_out = text_of(law.held_out);
  t.held_out_roofline = text_of(law.held_out_roofline);
  t.held_out_tuned = text_of(law.held_out_tuned);
  for (const CoefficientError& c : law.coefficients)
    t.coefficients.push_back({c.name, six_digits(c.value), three_digits(c.relative_error),
                              six_digits(c.low), six_digits(c.high)});
  for (const std::vector<double>& row : law.covariance) {
    t.covariance.emplace_back();
    for (const double x : row) t.covariance.back().push_back(three_digits(x));
  }
}

LawText text_of(KernelKind kernel, Precision precision, const KernelCost& law) {
  LawText t;
  t.kernel = kernel;
  t.precision = precision;
  t.source = *law.source;
  t.instrument = law.is_weak_instrument ? Instrument::weak : Instrument::sound;
  put_roofline(t, law);
  put_details(t, law);
  for (const Correction& c : law.corrections) t.corrections.push_back(text_of(c));
  for (const Correction& c : law.untuned) t.untuned.push_back(text_of(c));
  for (const LayerKey& k : law.untuned_layers)
    t.untuned_layers.push_back({k.hidden, k.inner, k.top_k, k.experts, k.tp, k.ep, k.skew});
  return t;
}

KernelCost law_from(const LawText& t) {
  KernelCost law;
  law.source = t.source;
  law.is_weak_instrument = t.instrument == Instrument::weak;
  law.base = {.launch = t.launch_us * us,
              .per_item = t.per_item_us * us,
              .flop_rate = t.flop_rate_tflop_s * tera,
              .byte_rate = t.byte_rate_gb_s * giga,
              .link_rate = t.link_rate_gb_s * giga,
              .network_rate = t.network_rate_gb_s * giga,
              .sharpness = t.sharpness,
              .tile = t.tile};
  law.flop_peak = t.flop_peak_tflop_s * tera;
  for (const TableText& c : t.corrections) law.corrections.push_back(table_from(c));
  for (const TableText& c : t.untuned) law.untuned.push_back(table_from(c));
  share_places(law.corrections);
  share_places(law.untuned);
  for (const std::vector<int>& k : t.untuned_layers)
    law.untuned_layers.push_back({k[0], k[1], k[2], k[3], k[4], k[5], k[6]});
  std::sort(law.untuned_layers.begin(), law.untuned_layers.end());
  for (std::size_t d = 0; d < t.measured.size(); ++d)
    law.measured[d] = {t.measured[d][0], t.measured[d][1]};
  law.fitted_rows = t.fitted_rows;
  law.held_out = error_from(t.held_out);
  law.held_out_roofline = error_from(t.held_out_roofline);
  law.held_out_tuned = error_from(t.held_out_tuned);
  for (const CoefficientText& c : t.coefficients)
    law.coefficients.push_back({c.name, c.value, c.relative_error, c.low, c.high});
  law.covariance = t.covariance;
  return law;
}

// What the ranges of single fields cannot say.
class Laws {
 public:
  explicit Laws(const JsonDocument& document) : document_{document} {}

  void check(const LawText& law, std::size_t i) {
    const std::string at = "/laws/" + std::to_string(i);
    for (const auto& [name, tables] :
         {std::pair{"/corrections", &law.corrections}, {"/untuned", &law.untuned}})
      if (tables->size() > most_corrections)
        add(at + name, "at most " + std::to_string(most_corrections) + " tables", tables->size());
    if (!law.measured.empty() && law.measured.size() != shape_axes)
      add(at + "/measured", std::to_string(shape_axes) + " axes", law.measured.size());
    for (std::size_t d = 0; d < law.measured.size(); ++d)
      if (law.measured[d].size() != 2)
        add(at + "/measured/" + std::to_string(d), "two numbers", law.measured[d].size());
    for (std::size_t k = 0; k < law.untuned_layers.size(); ++k)
      if (law.untuned_layers[k].size() != 7)
        add(at + "/untuned_layers/" + std::to_string(k), "seven numbers",
            law.untuned_layers[k].size());
    check(law.corrections, at + "/corrections/");
    check(law.untuned, at + "/untuned/");
    if (law.flop_peak_tflop_s > 0 && law.flop_rate_tflop_s > law.flop_peak_tflop_s)
      mistakes_.add(mistake(at + "/flop_rate_tflop_s", "at most the datasheet rate",
                            std::to_string(law.flop_rate_tflop_s)));
  }
  void done() const { throw_if_any(mistakes_); }

 private:
  void check(const std::vector<TableText>& tables, const std::string& at) {
    for (std::size_t i = 0; i < tables.size(); ++i) check(tables[i], at + std::to_string(i));
  }
  void check(const TableText& t, const std::string& at) {
    if (t.axes.size() != 3) return add(at + "/axes", "three axes", t.axes.size());
    if (t.knots.size() != 3) return add(at + "/knots", "three lists", t.knots.size());
    std::size_t size = 1;
    for (std::size_t d = 0; d < 3; ++d) {
      const std::vector<double>& k = t.knots[d];
      size *= k.size();
      if (k.empty() || std::adjacent_find(k.begin(), k.end(), std::greater_equal<>{}) != k.end())
        add(at + "/knots/" + std::to_string(d), "increasing numbers", k.size());
    }
    if (t.ln_factor_e4.size() != size)
      add(at + "/ln_factor_e4", std::to_string(size) + " numbers, one per knot",
          t.ln_factor_e4.size());
  }
  void add(const std::string& pointer, std::string expected, std::size_t got) {
    mistakes_.add(mistake(pointer, std::move(expected), std::to_string(got)));
  }
  Mistake mistake(const std::string& pointer, std::string expected, std::string got) const {
    const JsonValue* found = find_pointer(document_.root, pointer);
    return {.file = document_.files.front(),
            .line = found == nullptr ? 0 : found->place.line,
            .pointer = pointer,
            .expected = std::move(expected),
            .got = std::move(got),
            .hint = ""};
  }

  const JsonDocument& document_;
  Mistakes mistakes_;
};

// JSON with lists of numbers on lines of their own, wrapped: a table of a thousand numbers stays a
// block of text.
class Printer {
 public:
  std::string print(const JsonValue& value) {
    add(value, 0);
    return std::move(text_) + "\n";
  }

 private:
  static constexpr std::size_t width = 100;

  void add(const JsonValue& value, std::size_t indent) {
    if (const auto* list = value.list())
      add_list(*list, indent);
    else if (const auto* members = value.object())
      add_object(*members, indent);
    else if (const JsonNumber* number = value.number())
      text_ += number->spelled;
    else if (const std::string* text = value.text())
      text_ += in_quotes(*text);
    else
      text_ += "null";
  }
  void break_line(std::size_t indent) {
    text_ += '\n';
    line_ = text_.size();
    text_.append(indent, ' ');
  }
  void add_list(const JsonValue::List& list, std::size_t indent) {
    const bool is_flat = std::all_of(list.begin(), list.end(),
                                     [](const JsonValue& v) { return v.number() != nullptr; });
    text_ += '[';
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (i > 0) text_ += ',';
      if (!is_flat || text_.size() - line_ > width - 8)
        break_line(indent + 1);
      else if (i > 0)
        text_ += ' ';
      add(list[i], indent + 1);
    }
    text_ += ']';
  }
  void add_object(const JsonValue::Object& members, std::size_t indent) {
    text_ += '{';
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (i > 0) text_ += ',';
      break_line(indent + 1);
      text_ += in_quotes(members[i].key) + ": ";
      add(members[i].value, indent + 1);
    }
    text_ += '}';
  }

  std::string text_;
  std::size_t line_ = 0;
};

}  // namespace

ChipProfile load_profile(const std::filesystem::path& path) {
  const JsonDocument document = load_document(path.string(), disk());
  const ProfileText text = read<ProfileText>(document);
  Laws laws{document};
  for (std::size_t i = 0; i < text.laws.size(); ++i) laws.check(text.laws[i], i);
  laws.done();
  const ProvenanceText& p = text.provenance;
  ChipProfile profile{
      .chip = text.chip,
      .source = text.source,
      .provenance = {p.source, p.licence, p.software, p.date, p.raw_sha256, p.energy_sensor},
      .costs = {}};
  for (const LawText& law : text.laws)
    profile.costs[static_cast<std::size_t>(law.kernel)][static_cast<std::size_t>(law.precision)] =
        law_from(law);
  return profile;
}

namespace {

// Only a weak instrument is worth a line.
void leave_out_sound(JsonValue& profile) {
  const std::string sound{name_of(Instrument::sound)};
  for (JsonMember& member : std::get<JsonValue::Object>(profile.data))
    if (member.key == "laws")
      for (JsonValue& law : std::get<JsonValue::List>(member.value.data))
        std::erase_if(std::get<JsonValue::Object>(law.data), [&](const JsonMember& m) {
          return m.key == "instrument" && *m.value.text() == sound;
        });
}

}  // namespace

std::string profile_text(const ChipProfile& profile) {
  const Provenance& p = profile.provenance;
  ProfileText text{
      .chip = profile.chip,
      .source = profile.source,
      .provenance = {p.source, p.licence, p.software, p.date, p.raw_sha256, p.energy_sensor},
      .laws = {}};
  for (const auto& [kernel, kernel_name] : enum_names<KernelKind>)
    for (const auto& [precision, precision_name] : enum_names<Precision>) {
      const KernelCost& law =
          profile.costs[static_cast<std::size_t>(kernel)][static_cast<std::size_t>(precision)];
      if (law.source) text.laws.push_back(text_of(kernel, precision, law));
    }
  JsonValue value = to_json(text);
  leave_out_sound(value);
  return Printer{}.print(value);
}

KernelCost rounded(const KernelCost& law) {
  return law_from(text_of(KernelKind::gemm, Precision::bf16, law));
}

}  // namespace jevons
