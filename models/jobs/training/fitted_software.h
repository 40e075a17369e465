#pragma once
// How much longer kernels take in a training step than measured alone, by the silicon they run on:
// one factor for each kind of chip whose training runs were published. Fitted to a fixed half of
// the runs of a table (studies/validate_training.h), tested on the rest.
#include <array>
#include <string_view>

#include "models/hardware/chip.h"

namespace jevons {

struct FittedSoftware {
  std::string_view chip;    // whose runs they are, an id of the catalogue
  std::string_view vendor;  // of it, with process and area of its dies
  std::string_view process_node;
  double die_area_mm2 = 0;
  double bf16_tflops = 0;  // of the chip, to tell those of one die apart
  double slowdown = 1;
  std::string_view runs;  // "Megatron-LM on A100 in 2021"
  int fitted = 0, tested = 0;
  double test_error = 0;  // mean of |predicted / measured - 1| of step times on the tested half
};

inline constexpr std::array fitted_software_table{
    // Narayanan et al. 2021, arXiv:2104.04473, table 1.
    FittedSoftware{"a100-80-sxm", "NVIDIA", "TSMC N7", 826, 312, 1.126,
                   "Megatron-LM on A100 in 2021", 2, 4, 0.025},
    // Table of the README of Megatron-LM on H100.
    FittedSoftware{"h100-sxm", "NVIDIA", "TSMC 4N", 814, 989.5, 1.433,
                   "Megatron-LM on H100 in 2024", 7, 2, 0.040},
    // Summary of the performance of Megatron-Bridge, releases 25.09 to 26.04 together.
    FittedSoftware{"b200", "NVIDIA", "TSMC 4NP", 1628, 2250, 1.589,
                   "Megatron-Bridge on B200 in 2025 and 2026", 18, 12, 0.162},
    FittedSoftware{"gb200", "NVIDIA", "TSMC 4NP", 1628, 2500, 1.195,
                   "Megatron-Bridge on GB200 in 2025 and 2026", 34, 27, 0.142},
};

// What a step on this chip is reckoned with unless its user knows better.
struct DefaultSoftware {
  const FittedSoftware* fit = nullptr;
  bool is_of_its_die = false;  // false: no runs on such silicon are known, those on H100 stand in
};
// By the chip itself, then by its die (H800 and H20 are cut from that of H100), nearest peak first.
DefaultSoftware default_software(const ChipSpec& chip);

}  // namespace jevons
