#include "calibration/kernels/elementwise.h"
#include "calibration/kernels/grouped_gemm.h"
#include "calibration/kernels/prepared_kinds.h"
#include "calibration/kernels/reference.h"
#include "calibration/kernels/rotated_case.h"
#include "calibration/kernels/routing.h"

namespace jevons::calibration {

namespace {

std::size_t size(std::int64_t n) {
  return static_cast<std::size_t>(n);
}
std::uint64_t index(std::int64_t n) {
  return static_cast<std::uint64_t>(n);
}
std::int64_t blocks_of(std::int64_t n) {
  return (n + scale_block - 1) / scale_block;
}

constexpr float x_amplitude = 1.0F, w_amplitude = 0.05F;
constexpr std::int64_t spare_rows = 3;  // behind the last row: must stay untouched

class GroupedSet {
 public:
  GroupedSet(const KernelCase& c, const DeviceFacts& facts, std::uint64_t seed)
      : is_fp8_{c.format == Format::fp8},
        n_{c.kind == CaseKind::grouped_gate_up ? 2 * c.moe.inner : c.moe.hidden},
        k_{c.kind == CaseKind::grouped_gate_up ? c.moe.hidden : c.moe.inner},
        x_seed_{stream_of(seed, "x")},
        w_seed_{stream_of(seed, "w")},
        x_scale_seed_{stream_of(seed, "x scale")},
        w_scale_seed_{stream_of(seed, "w scale")},
        first_{0} {
    for (const std::int64_t rows : local_counts(c.moe, c.tokens))
      first_.push_back(first_.back() + static_cast<std::int32_t>(rows));
    fill();
    const LocalLoad load = local_load(c.moe, c.tokens);
    gemm_ = plan_grouped_gemm(
        {.format = c.format,
         .experts = static_cast<int>(experts()),
         .n = static_cast<int>(n_),
         .k = static_cast<int>(k_),
         .row_capacity = rows(),
         .expected_rows = static_cast<double>(load.rows) / static_cast<double>(load.active),
         .x = x_.data(),
         .w = w_.data(),
         .x_scale = x_scale_.data(),
         .x_scale_stride = rows(),
         .w_scale = w_scale_.data(),
         .y = y_.data(),
         .offsets = offsets_.data()},
        facts.multiprocessors);
  }
  void launch(Stream s) { calibration::launch(gemm_, s); }
  std::vector<const DeviceBytes*> outputs() const { return {&y_.bytes()}; }

  Comparison compare() const {
    Comparison comparison{is_fp8_ ? 0.02 : 0.01};  // bf16 result 0.004, fp8 sums of about 14 bits
    const auto got = y_.to_host();
    expect_written(comparison, got, size(rows() * n_));
    const bool is_spare_whole =
        std::all_of(got.end() - spare_rows * n_, got.end(), [](auto v) { return v == 0xffff; });
    if (!is_spare_whole) comparison.fail("rows behind the last expert's were written");
    for (const std::int64_t e : samples(experts(), 16))
      for (const std::int64_t i : samples(first_[size(e + 1)] - first_[size(e)], 5))
        for (const std::int64_t column : samples(n_, 16)) {
          const std::int64_t row = first_[size(e)] + i;
          const double want = reference::dot(
              k_, [&](std::int64_t at) { return x_at(row, at); },
              [&](std::int64_t at) { return w_at(e, column, at); });
          comparison.add(static_cast<double>(from_bf16(got[size(row * n_ + column)])), want, row,
                         column);
        }
    return comparison;
  }

 private:
  std::int64_t experts() const { return static_cast<std::int64_t>(first_.size()) - 1; }
  std::int64_t rows() const { return first_.back(); }

  void fill() {
    const std::int64_t element = is_fp8_ ? 1 : 2, weights = experts() * n_ * k_;
    offsets_ = DeviceBuffer<std::int32_t>{first_};
    x_ = DeviceBuffer<std::uint8_t>{size(rows() * k_ * element)};
    w_ = DeviceBuffer<std::uint8_t>{size(weights * element)};
    y_ = DeviceBuffer<std::uint16_t>{size((rows() + spare_rows) * n_)};
    if (!is_fp8_) {
      fill_bf16(reinterpret_cast<std::uint16_t*>(x_.data()), rows() * k_, x_seed_, x_amplitude);
      fill_bf16(reinterpret_cast<std::uint16_t*>(w_.data()), weights, w_seed_, w_amplitude);
      return;
    }
    x_scale_ = DeviceBuffer<float>{size(blocks_of(k_) * rows())};
    w_scale_ = DeviceBuffer<float>{size(experts() * blocks_of(n_) * blocks_of(k_))};
    fill_e4m3(x_.data(), rows() * k_, x_seed_);
    fill_e4m3(w_.data(), weights, w_seed_);
    fill_scales(x_scale_.data(), blocks_of(k_) * rows(), x_scale_seed_, x_amplitude);
    fill_scales(w_scale_.data(), experts() * blocks_of(n_) * blocks_of(k_), w_scale_seed_,
                w_amplitude);
  }

  double x_at(std::int64_t row, std::int64_t at) const {
    const std::uint64_t i = index(row * k_ + at);
    if (!is_fp8_) return static_cast<double>(from_bf16(random_bf16(x_seed_, i, x_amplitude)));
    const float scale =
        random_scale(x_scale_seed_, index(at / scale_block * rows() + row), x_amplitude);
    return static_cast<double>(from_e4m3(random_e4m3(x_seed_, i))) * static_cast<double>(scale);
  }
  double w_at(std::int64_t expert, std::int64_t column, std::int64_t at) const {
    const std::uint64_t i = index((expert * n_ + column) * k_ + at);
    if (!is_fp8_) return static_cast<double>(from_bf16(random_bf16(w_seed_, i, w_amplitude)));
    const std::int64_t block =
        (expert * blocks_of(n_) + column / scale_block) * blocks_of(k_) + at / scale_block;
    const float scale = random_scale(w_scale_seed_, index(block), w_amplitude);
    return static_cast<double>(from_e4m3(random_e4m3(w_seed_, i))) * static_cast<double>(scale);
  }

  bool is_fp8_;
  std::int64_t n_, k_;
  std::uint64_t x_seed_, w_seed_, x_scale_seed_, w_scale_seed_;
  std::vector<std::int32_t> first_;
  DeviceBuffer<std::int32_t> offsets_;
  DeviceBuffer<std::uint8_t> x_, w_;
  DeviceBuffer<float> x_scale_, w_scale_;
  DeviceBuffer<std::uint16_t> y_;
  GroupedGemm gemm_;
};

}  // namespace

Prepared prepare_grouped(const KernelCase& c, const PrepareOptions& options) {
  return std::make_unique<RotatedCase<GroupedSet>>(c, options);
}

}  // namespace jevons::calibration
