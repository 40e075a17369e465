#pragma once
// Energy of a chip's kernels as JSON: calibration/energy/<chip>.json. Time and energy come from
// different measurements, so they are different files, each with its own origin.
#include <filesystem>
#include <string>
#include <vector>

#include "models/llm/kernel_energy.h"
#include "sim/fields.h"

namespace jevons {

// As the file shows it: units in the names of keys.
struct EnergyText {
  std::string chip, source_kind = "imported";
  std::string source, licence, sensor, note;
  double limit_w = 0, static_w = 0, idle_w = 0, voltage_floor = 0;
  double bf16_pj_per_flop = 0, fp8_pj_per_flop = 0, fp4_pj_per_flop = 0;
  double memory_pj_per_byte = 0, kv_pj_per_byte = 0, link_pj_per_byte = 0;
  double low = 1, high = 1;
  int rows = 0;
  double mape = 0, left_out_mape = 0, left_out_worst = 0;
  std::vector<double> standard_errors;           // static_w, bf16, memory, kv, in their units
  std::vector<std::vector<double>> correlation;  // of those four

  template <class Visitor>
  void fields(Visitor&& field) {
    const Range size{0.0, 1e6};
    field(required("chip"), chip, "id in the catalogue of chips");
    field("source_kind", source_kind, "measured or imported");
    field(required("source"), source, "who measured, where it is published");
    field(required("licence"), licence, "licence of the rows");
    field("sensor", sensor, "how joules were measured");
    field("note", note, "what is weakly known");
    field(required("limit_w"), limit_w, size, "the board's power limit");
    field(required("static_w"), static_w, size, "drawn during any kernel, whatever it does");
    field(required("idle_w"), idle_w, size, "context alive, no kernel");
    field("voltage_floor", voltage_floor, Range{0.0, 1.0},
          "lowest voltage over that at full clock");
    field(required("bf16_pj_per_flop"), bf16_pj_per_flop, size,
          "arithmetic at full clock, 16 bits");
    field(required("fp8_pj_per_flop"), fp8_pj_per_flop, size, "the same, 8 bits");
    field(required("fp4_pj_per_flop"), fp4_pj_per_flop, size, "the same, 4 bits");
    field(required("memory_pj_per_byte"), memory_pj_per_byte, size, "weights and activations");
    field(required("kv_pj_per_byte"), kv_pj_per_byte, size, "KV cache read by attention");
    field(required("link_pj_per_byte"), link_pj_per_byte, size, "scale-up link");
    field("low", low, Range{0.0, 1.0}, "5 % quantile of measured over predicted");
    field("high", high, Range{1.0, 100.0}, "95 % quantile of measured over predicted");
    field("rows", rows, Range{0, 1'000'000}, "rows of the fit");
    field("mape", mape, size, "mean of |predicted/measured - 1| on them");
    field("left_out_mape", left_out_mape, size, "the same, each model predicted from the others");
    field("left_out_worst", left_out_worst, size, "the largest of those");
    field("standard_errors", standard_errors, size, "of static_w, bf16, memory and kv");
    field("correlation", correlation, Range{-1.0, 1.0}, "of those four");
  }
};

// Throws ScenarioError with every mistake.
ChipEnergy load_energy(const std::filesystem::path& path);
ChipEnergy energy_from(const EnergyText& text);
std::string energy_text(const EnergyText& text);

}  // namespace jevons
