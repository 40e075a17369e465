#pragma once
// Constants that are part of the definitions and hold on CPU and GPU.
namespace jevons::calibration {

inline constexpr int router_groups = 8, router_groups_kept = 4;
inline constexpr float router_scale = 2.5F;
inline constexpr float rms_norm_epsilon = 1e-6F;
inline constexpr float least_block_maximum = 1e-10F;  // a block of zeros has a scale too
// Scores are scaled by 1/sqrt(dimension of a query before absorption), 192 for MLA.
inline constexpr float mla_scale = 0.072168784F;

}  // namespace jevons::calibration
