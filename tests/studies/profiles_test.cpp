// The committed profiles against the rows that were not used to fit them.
#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "models/llm/kernel_cost.h"
#include "scenarios/profile_io.h"
#include "studies/fit.h"
#include "studies/fit_profile.h"

namespace jevons {

namespace {

const std::filesystem::path calibration = std::filesystem::path{JEVONS_SOURCE_DIR} / "calibration";

const std::vector<std::string> chips{"a100-80-sxm", "h100-sxm", "h200-sxm",          "b200",
                                     "gb200",       "l40s",     "rtxpro6000-server", "h20-96",
                                     "h800-sxm"};

ChipProfile profile_of(const std::string& chip) {
  return load_profile(calibration / "profiles" / (chip + ".json"));
}

const KernelCost& law_of(const ChipProfile& profile, KernelKind kind, Precision precision) {
  return profile.costs[static_cast<std::size_t>(kind)][static_cast<std::size_t>(precision)];
}

// Laws with fewer rows than this are judged together with others, not alone.
constexpr int enough = 50;

void check_below(KernelKind kind, Precision precision, double limit) {
  for (const std::string& chip : chips) {
    const ChipProfile profile = profile_of(chip);
    const KernelCost& law = law_of(profile, kind, precision);
    if (!law.source || law.held_out.rows < enough) continue;
    INFO(chip);
    CHECK(law.held_out.mape < limit);
  }
}

}  // namespace

TEST_CASE("products of unseen shapes are predicted within nine percent") {
  check_below(KernelKind::gemm, Precision::fp8, 0.09);
  check_below(KernelKind::gemm, Precision::fp8_block, 0.09);
}

TEST_CASE("latent attention of unseen shapes is predicted within ten percent") {
  for (const Precision p : {Precision::bf16, Precision::fp8}) {
    check_below(KernelKind::mla_prefill, p, 0.10);
    check_below(KernelKind::mla_decode, p, 0.10);
  }
}

TEST_CASE("expert layers in blockwise fp8 are predicted within twelve percent") {
  check_below(KernelKind::moe, Precision::fp8_block, 0.12);
}

TEST_CASE("the error a profile states is the error it has") {
  const MeasuredChip measured = read_measured_chip(calibration / "raw/h800-sxm");
  const ChipProfile profile = profile_of("h800-sxm");
  std::vector<const KernelRow*> rows;
  for (const KernelRow& row : measured.rows)
    if (kind_of(row.kernel) == KernelKind::decode_attention && is_held_out(row.shape))
      rows.push_back(&row);
  const HeldOutError error =
      judged(law_of(profile, KernelKind::decode_attention, Precision::bf16), rows);
  const HeldOutError& stated =
      law_of(profile, KernelKind::decode_attention, Precision::bf16).held_out;
  CHECK(error.rows == stated.rows);
  CHECK(error.mape == doctest::Approx(stated.mape).epsilon(0.01));
}

TEST_CASE("twice the work never takes clearly less time") {
  constexpr double slack =
      0.8;  // libraries change kernels with the shape, and so did measured times
  for (const std::string& chip : chips) {
    const ChipProfile profile = profile_of(chip);
    const KernelCost& law = law_of(profile, KernelKind::gemm, Precision::fp8);
    if (!law.source) continue;
    for (double m = 8; m <= 8192; m *= 2)
      for (double n = 512; n <= 16384; n *= 2) {
        INFO(chip, " m=", m, " n=", n);
        const double t = kernel_time(law, Gemm{Precision::fp8, m, n, 4096}).seconds;
        CHECK(kernel_time(law, Gemm{Precision::fp8, 2 * m, n, 4096}).seconds > slack * t);
        CHECK(kernel_time(law, Gemm{Precision::fp8, m, 2 * n, 4096}).seconds > slack * t);
        CHECK(kernel_time(law, Gemm{Precision::fp8, m, n, 8192}).seconds > slack * t);
      }
  }
}

}  // namespace jevons
