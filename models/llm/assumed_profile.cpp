#include "models/llm/kernel_cost.h"
#include "sim/ensure.h"

namespace jevons {

namespace {

std::size_t index(KernelKind kind) {
  return static_cast<std::size_t>(kind);
}
std::size_t index(Precision p) {
  return static_cast<std::size_t>(p);
}

// Peak that a precision reaches on this chip; formats without units of their own fall back to bf16.
Speed usable_peak(const ChipSpec& chip, Precision p) {
  const Speed bf16 = *chip.peak.bf16;
  switch (p) {
    case Precision::bf16:
    case Precision::fp16:
      return bf16;
    case Precision::fp8:
    case Precision::fp8_block:
    case Precision::mxfp8:
      return chip.peak.fp8.value_or(bf16);
    case Precision::int8:
      return chip.peak.int8.value_or(bf16);
    case Precision::mxfp4:
    case Precision::nvfp4:
      return chip.peak.fp4.value_or(chip.peak.fp8.value_or(bf16));
    case Precision::int4:
      return bf16;  // weights are widened to bf16 in registers
  }
  return bf16;
}

// Share of the datasheet rates that kernels of a kind reach. Assumed: round values near the median
// of what the measured chips reach.
struct Efficiency {
  double flop, byte, link;
  double launch_us;
};

Efficiency assumed_efficiency(KernelKind kind) {
  switch (kind) {
    case KernelKind::gemm:
      return {0.70, 0.80, 0, 4};
    case KernelKind::moe:
      return {0.50, 0.70, 0, 20};
    case KernelKind::prefill_attention:
      return {0.55, 0.70, 0, 8};
    case KernelKind::decode_attention:
      return {0.30, 0.70, 0, 8};
    case KernelKind::mla_prefill:
      return {0.55, 0.70, 0, 10};
    case KernelKind::mla_decode:
      return {0.40, 0.60, 0, 12};
    case KernelKind::head_gemm:
      return {0.50, 0.70, 0, 4};
    case KernelKind::elementwise:
      return {0, 0.75, 0, 2};
    case KernelKind::peer_all_reduce:
      return {0, 0, 0.75, 3};
    case KernelKind::all_reduce:
    case KernelKind::all_gather:
    case KernelKind::reduce_scatter:
      return {0, 0, 0.75, 10};
    case KernelKind::all_to_all:
      return {0, 0, 0.65, 12};
    case KernelKind::dispatch:
    case KernelKind::combine:
      return {0, 0, 0.50, 30};
    case KernelKind::dispatch_low_latency:
    case KernelKind::combine_low_latency:
      return {0, 0, 0.30, 12};
    case KernelKind::point_to_point:
      return {0, 0, 0.80, 8};
  }
  return {};
}

constexpr double assumed_step_us = 1.5;        // each further GPU of a collective
constexpr double assumed_sharpness = 2.0;      // arithmetic and memory overlap partly
constexpr double assumed_pcie_rate = 25e9;     // B/s one direction, PCIe 4 x16 in use
constexpr double assumed_network_rate = 45e9;  // B/s per GPU, 400 Gb/s NIC at 90 %

KernelCost assumed_cost(const ChipSpec& chip, KernelKind kind, Precision p) {
  const Efficiency e = assumed_efficiency(kind);
  const double link = chip.link_bandwidth ? chip.link_bandwidth->base() / 2 : assumed_pcie_rate;
  KernelCost cost;
  cost.source = ProfileSource::assumed;
  cost.base = {.launch = e.launch_us * 1e-6,
               .per_item = e.link > 0 ? assumed_step_us * 1e-6 : 0.0,
               .flop_rate = e.flop * usable_peak(chip, p).base(),
               .byte_rate = e.byte * chip.memory_bandwidth->base(),
               .link_rate = e.link * link,
               .network_rate = e.link > 0 ? assumed_network_rate : 0.0,
               .sharpness = assumed_sharpness};
  return cost;
}

}  // namespace

ChipProfile assumed_profile(const ChipSpec& chip) {
  ensure(chip.peak.bf16 && chip.memory_bandwidth,
         "an assumed profile needs the bf16 peak and the memory bandwidth");
  ChipProfile profile{
      .chip = chip.id, .source = ProfileSource::assumed, .provenance = {}, .costs = {}};
  for (const auto& [kind, kind_name] : enum_names<KernelKind>)
    for (const auto& [precision, precision_name] : enum_names<Precision>)
      profile.costs[index(kind)][index(precision)] = assumed_cost(chip, kind, precision);
  return profile;
}

}  // namespace jevons
