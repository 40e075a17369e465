#pragma once
// Joules per token of measured deployments -> energy coefficients of a chip. The serving model says
// how much arithmetic, memory traffic and link traffic a token takes; the measurement says how long
// it took, so that an error of the time model does not become one of the energies. Non-negative
// least squares on relative errors.
#include <span>
#include <string>
#include <vector>

#include "models/hardware/chip.h"
#include "scenarios/energy_io.h"
#include "studies/deployment.h"
#include "studies/replay.h"

namespace jevons {

// What one output token of a deployment takes, on all its GPUs together.
struct TokenWork {
  std::string model;
  double joules = 0;       // measured
  double gpu_seconds = 0;  // measured: GPUs over tokens per second
  double flop = 0;         // in bf16 equivalents: other formats by their share of its energy
  double bytes = 0, kv_bytes = 0, link_bytes = 0;
};

// Energy of one FLOP relative to bf16, from long GEMM kernels under the board's limit.
struct FormatShares {
  double fp8 = 1, fp4 = 1;
};

// Rows without an energy, and those whose model does not fit, are left out.
std::vector<TokenWork> token_work(std::span<const MeasuredDeployment> rows, const std::string& chip,
                                  const FormatShares& shares, ReplayParts& parts);

// Needs a dozen rows of at least two models.
EnergyText fit_energy(std::span<const TokenWork> rows, const ChipSpec& chip,
                      const FormatShares& shares);

// x >= 0 that makes |a x - b|^2 + Σ ridge_j (x_j - prior_j)^2 least; columns of a are scaled to 1.
std::vector<double> least_squares(const std::vector<std::vector<double>>& a,
                                  const std::vector<double>& b, const std::vector<double>& prior,
                                  const std::vector<double>& ridge);

}  // namespace jevons
