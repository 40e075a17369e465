#pragma once
// One serving window as the curves of a load surface see it.
#include <array>
#include <cstdint>

#include "studies/surface.h"

namespace jevons {

struct SurfaceWindow {
  std::array<double, curve_count> ln{};  // of each Curve
  double attainment = 0, tokens_per_request = 0, e2e_p50 = 0;
  bool is_stable = false;
  std::int64_t requests = 0;
};

SurfaceWindow surface_window(const ServingConfig& fleet, const WindowLoad& load,
                             const WindowEffort& effort);

inline constexpr std::array compared{"ttft_p50",
                                     "ttft_p95",
                                     "tpot_p50",
                                     "tpot_p95",
                                     "e2e_p50",
                                     "utilization",
                                     "gpu_energy_per_token",
                                     "slo_attainment"};
// How far a point lies from a window, in the order of `compared`: relative, but the difference of
// slo_attainment.
std::array<double, compared.size()> misses(const SurfacePoint& point, const SurfaceWindow& window);

}  // namespace jevons
