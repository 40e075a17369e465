#pragma once
// Small training setups on a chip whose numbers are round.
#include "models/jobs/training/training_setup.h"
#include "models/llm/kernel_cost.h"
#include "models/llm/kernel_energy.h"

namespace jevons {

inline ChipSpec round_chip() {
  ChipSpec chip;
  chip.peak.bf16 = 1000 * unit::TFLOP / unit::s;
  chip.peak.fp8 = 2000 * unit::TFLOP / unit::s;
  chip.memory = 80 * unit::GB;
  chip.memory_bandwidth = 3000 * unit::GB / unit::s;
  chip.link_bandwidth = 900 * unit::GB / unit::s;
  chip.tdp = 700 * unit::W;
  return chip;
}

inline const HardwareProfile& round_hardware() {
  static const HardwareProfile hardware{assumed_profile(round_chip()),
                                        assumed_energy(round_chip())};
  return hardware;
}

inline ModelCard small_model() {
  ModelCard card;
  card.layers = 32;
  card.hidden = 4096;
  card.vocabulary = 32'000;
  card.ffn_inner = 14'336;
  card.attention.heads = 32;
  card.attention.kv_heads = 8;
  card.attention.head_dim = 128;
  return card;
}

inline ModelCard small_moe() {
  ModelCard card = small_model();
  card.moe = MoeDims{};
  card.moe->experts = 64;
  card.moe->top_k = 4;
  card.moe->expert_inner = 2048;
  return card;
}

inline FabricTiers two_tiers() {
  return {{{8, 450 * unit::GB / unit::s, 1.0, Time{}, false},
           {1'000'000, 50 * unit::GB / unit::s, 1.0, Time{}, false}}};
}

inline TrainingSetup small_setup(ModelCard model = small_model()) {
  TrainingSetup s;
  s.model = std::move(model);
  s.chip = round_chip();
  s.hardware = &round_hardware();
  s.fabric = two_tiers();
  s.layout = {.tp = 2, .pp = 4, .cp = 1, .ep = 1, .dp = 8};
  s.global_batch = 256;
  return s;
}

}  // namespace jevons
