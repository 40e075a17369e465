#pragma once
// A chip profile as its text shows it: units in the names of keys, one entry per law.
#include <array>
#include <string>
#include <vector>

#include "models/llm/kernel_cost.h"

namespace jevons {

struct TableText {
  std::vector<int> axes;
  std::vector<std::vector<double>> knots;
  std::vector<int> ln_factor_e4;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("axes"), axes, Range{0, shape_axes - 1}, "axes of the shape");
    field(required("knots"), knots, Range{-100.0, 100.0}, "knots per axis, increasing");
    field(required("ln_factor_e4"), ln_factor_e4, Range{-100'000, 100'000},
          "ln of the factor on time in units of 1e-4, last axis fastest");
  }
};

struct CoefficientText {
  std::string name;
  double value = 0, relative_error = 0, low = 0, high = 0;

  template <class Visitor>
  void fields(Visitor&& field) {
    const Range size{0.0, 1e30};
    field(required("name"), name, "coefficient, in SI units");
    field(required("value"), value, size, "best value");
    field(required("relative_error"), relative_error, size, "standard error of the logarithm");
    field(required("low"), low, size, "5 % quantile of the bootstrap");
    field(required("high"), high, size, "95 % quantile of the bootstrap");
  }
};

struct ErrorText {
  int rows = 0;
  double mape = 0, median = 0, p90 = 0, worst = 0, bias = 0;
  std::string worst_shape;

  template <class Visitor>
  void fields(Visitor&& field) {
    const Range share{0.0, 1e6};
    field("rows", rows, Range{0, 100'000'000}, "rows that were not used in the fit");
    field("mape", mape, share, "mean of |predicted/measured - 1|");
    field("median", median, share, "median of it");
    field("p90", p90, share, "90 % quantile of it");
    field("worst", worst, share, "largest of it");
    field("bias", bias, Range{-1.0, 1e6}, "mean of predicted/measured - 1");
    field("worst_shape", worst_shape, "the kernel of the largest");
  }
};

// Whether the kernels that a law was measured with are as fast as good ones.
enum class Instrument { sound, weak };
template <>
inline constexpr std::array enum_names<Instrument>{
    EnumName{Instrument::sound, "sound"},
    EnumName{Instrument::weak, "weak"},
};

struct LawText {
  KernelKind kernel = KernelKind::gemm;
  Precision precision = Precision::bf16;
  ProfileSource source = ProfileSource::imported;
  Instrument instrument = Instrument::sound;
  double launch_us = 0, per_item_us = 0, flop_rate_tflop_s = 0, byte_rate_gb_s = 0,
         link_rate_gb_s = 0, network_rate_gb_s = 0, sharpness = 1, tile = 1, flop_peak_tflop_s = 0;
  std::vector<TableText> corrections, untuned;
  std::vector<std::vector<int>> untuned_layers;
  std::vector<std::vector<double>> measured;
  int fitted_rows = 0;
  ErrorText held_out, held_out_roofline, held_out_tuned;
  std::vector<CoefficientText> coefficients;
  std::vector<std::vector<double>> covariance;

  template <class Visitor>
  void fields(Visitor&& field) {
    const Range time{0.0, 1e9}, rate{0.0, 1e9};
    field(required("kernel"), kernel, "kind of kernel");
    field(required("precision"), precision, "number format");
    field(required("source"), source, "where the law comes from");
    field("instrument", instrument, "weak: measured with kernels slower than good ones are");
    field(required("launch_us"), launch_us, time, "time without work");
    field("per_item_us", per_item_us, time, "time per active expert or further GPU");
    field("flop_rate_tflop_s", flop_rate_tflop_s, rate, "rate of arithmetic; 0: not used");
    field("byte_rate_gb_s", byte_rate_gb_s, rate, "rate of memory traffic; 0: not used");
    field("link_rate_gb_s", link_rate_gb_s, rate, "rate of the scale-up link, one direction");
    field("network_rate_gb_s", network_rate_gb_s, rate, "rate between nodes, one direction");
    field("sharpness", sharpness, Range{1.0, 100.0}, "exponent of the smooth maximum");
    field("tile", tile, Range{1.0, 1024.0}, "rows that are rounded up together");
    field("flop_peak_tflop_s", flop_peak_tflop_s, rate, "datasheet rate, which bounds time below");
    field("measured", measured, Range{-100.0, 100.0}, "least and largest place on each axis");
    field("fitted_rows", fitted_rows, Range{0, 100'000'000}, "rows used in the fit");
    field("held_out", held_out, "error on the other rows");
    field("held_out_roofline", held_out_roofline, "error without correction tables");
    field("held_out_tuned", held_out_tuned, "error without layers measured untuned");
    field("coefficients", coefficients, "how well the coefficients are known");
    field("covariance", covariance, Range{-1e12, 1e12}, "of their logarithms");
    field("corrections", corrections, "tables that add up to ln of a factor on time");
    field("untuned_layers", untuned_layers, Range{-1, 10'000'000},
          "hidden, inner, top_k, experts, tp, ep, 100 x skew (-1: even) of each");
    field("untuned", untuned, "further factor of those layers");
  }
};

struct ProvenanceText {
  std::string source, licence, software, date, raw_sha256, energy_sensor;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("source"), source, "who measured, where it is published");
    field(required("licence"), licence, "licence of the rows");
    field("software", software, "serving stack and version");
    field("date", date, "date of the data");
    field("raw_sha256", raw_sha256, "hash over the raw files, in the order of their names");
    field("energy_sensor", energy_sensor, "how joules were measured; empty: no energy here");
  }
};

struct ProfileText {
  std::string chip;
  ProfileSource source = ProfileSource::imported;
  ProvenanceText provenance;
  std::vector<LawText> laws;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("chip"), chip, "id in the catalogue of chips");
    field(required("source"), source, "where most laws come from");
    field(required("provenance"), provenance, "origin of the rows");
    field(required("laws"), laws, "one per kind of kernel and number format");
  }
};

}  // namespace jevons
