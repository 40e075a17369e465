#include "calibration/kernels/elementwise.h"
#include "calibration/kernels/prepared_kinds.h"
#include "calibration/kernels/reference.h"
#include "calibration/kernels/rotated_case.h"
#include "calibration/kernels/routing.h"

namespace jevons::calibration {

namespace {

constexpr double bf16_tolerance = 0.008;  // half a unit in the last place is 0.004
constexpr std::int64_t sampled = 64;

double bf16(std::uint64_t seed, std::int64_t i) {
  return static_cast<double>(from_bf16(random_bf16(seed, static_cast<std::uint64_t>(i), 1.0F)));
}

std::size_t size(std::int64_t n) {
  return static_cast<std::size_t>(n);
}

class CopySet {
 public:
  CopySet(const KernelCase& c, const DeviceFacts&, std::uint64_t seed)
      : seed_{stream_of(seed, "copy")}, from_{size(c.tokens / 2)}, to_{size(c.tokens / 2)} {
    fill_bf16(from_.data(), c.tokens / 2, seed_, 1.0F);
  }
  void launch(Stream s) {
    calibration::launch(Copy{from_.data(), to_.data(), static_cast<std::int64_t>(2 * from_.size())},
                        s);
  }
  std::vector<const DeviceBytes*> outputs() const { return {&to_.bytes()}; }
  Comparison compare() const {
    Comparison comparison{0};
    const auto got = to_.to_host();
    expect_written(comparison, got, got.size());
    for (const std::int64_t i : samples(static_cast<std::int64_t>(got.size()), 4096))
      comparison.add(static_cast<double>(from_bf16(got[size(i)])), bf16(seed_, i), 0, i);
    return comparison;
  }

 private:
  std::uint64_t seed_;
  DeviceBuffer<std::uint16_t> from_, to_;
};

class RmsNormSet {
 public:
  RmsNormSet(const KernelCase& c, const DeviceFacts&, std::uint64_t seed)
      : x_seed_{stream_of(seed, "x")},
        gain_seed_{stream_of(seed, "gain")},
        rows_{c.tokens},
        width_{c.moe.hidden},
        x_{size(rows_ * width_)},
        gain_{size(width_)},
        y_{size(rows_ * width_)} {
    if (width_ > 8192) throw CaseUnavailable("RMSNorm has no kernel for rows beyond 8192");
    fill_bf16(x_.data(), rows_ * width_, x_seed_, 1.0F);
    fill_bf16(gain_.data(), width_, gain_seed_, 1.0F);
  }
  void launch(Stream s) {
    calibration::launch(RmsNorm{x_.data(), gain_.data(), y_.data(), rows_, width_}, s);
  }
  std::vector<const DeviceBytes*> outputs() const { return {&y_.bytes()}; }
  Comparison compare() const {
    Comparison comparison{bf16_tolerance};
    const auto got = y_.to_host();
    expect_written(comparison, got, got.size());
    for (const std::int64_t r : samples(rows_, sampled)) {
      std::vector<double> x, gain;
      for (std::int64_t i = 0; i < width_; ++i) {
        x.push_back(bf16(x_seed_, r * width_ + i));
        gain.push_back(bf16(gain_seed_, i));
      }
      const auto want = reference::rms_norm(x, gain);
      for (std::int64_t i = 0; i < width_; ++i)
        comparison.add(static_cast<double>(from_bf16(got[size(r * width_ + i)])), want[size(i)], r,
                       i);
    }
    return comparison;
  }

 private:
  std::uint64_t x_seed_, gain_seed_;
  std::int64_t rows_;
  int width_;
  DeviceBuffer<std::uint16_t> x_, gain_, y_;
};

std::int64_t blocks_of(std::int64_t width) {
  return (width + scale_block - 1) / scale_block;
}

class QuantizeSet {
 public:
  QuantizeSet(const KernelCase& c, const DeviceFacts&, std::uint64_t seed)
      : seed_{stream_of(seed, "x")},
        rows_{c.tokens},
        width_{c.moe.hidden},
        x_{size(rows_ * width_)},
        y_{size(rows_ * width_)},
        scales_{size(blocks_of(width_) * rows_)} {
    fill_bf16(x_.data(), rows_ * width_, seed_, 1.0F);
  }
  void launch(Stream s) {
    calibration::launch(Quantize{x_.data(), y_.data(), scales_.data(), rows_, rows_, width_}, s);
  }
  std::vector<const DeviceBytes*> outputs() const { return {&y_.bytes(), &scales_.bytes()}; }
  Comparison compare() const {
    Comparison comparison{
        1e-6};  // the same f32 operations: only a scale may differ, in its last bit
    const auto got = y_.to_host();
    const auto scale = scales_.to_host();
    expect_written(comparison, got, got.size());
    for (const std::int64_t r : samples(rows_, sampled))
      for (std::int64_t b = 0; b < blocks_of(width_); ++b) {
        std::vector<float> x;
        for (std::int64_t i = b * scale_block;
             i < std::min<std::int64_t>((b + 1) * scale_block, width_); ++i)
          x.push_back(static_cast<float>(bf16(seed_, r * width_ + i)));
        const reference::Block want = reference::quantize(x);
        comparison.add(static_cast<double>(scale[size(b * rows_ + r)]),
                       static_cast<double>(want.scale), r, -b);
        for (std::size_t i = 0; i < x.size(); ++i) {
          const std::int64_t column = b * scale_block + static_cast<std::int64_t>(i);
          comparison.add(static_cast<double>(from_e4m3(got[size(r * width_ + column)])),
                         static_cast<double>(from_e4m3(want.codes[i])), r, column);
        }
      }
    return comparison;
  }

 private:
  std::uint64_t seed_;
  std::int64_t rows_;
  int width_;
  DeviceBuffer<std::uint16_t> x_;
  DeviceBuffer<std::uint8_t> y_;
  DeviceBuffer<float> scales_;
};

class SwiGluSet {
 public:
  SwiGluSet(const KernelCase& c, const DeviceFacts&, std::uint64_t seed)
      : seed_{stream_of(seed, "x")},
        rows_{local_load(c.moe, c.tokens).rows},
        width_{c.moe.inner},
        is_fp8_{c.format == Format::fp8},
        x_{size(2 * rows_ * width_)},
        y_{size(rows_ * width_ * (is_fp8_ ? 1 : 2))},
        scales_{size(is_fp8_ ? blocks_of(width_) * rows_ : 0)},
        count_{std::vector<std::int32_t>{static_cast<std::int32_t>(rows_)}} {
    fill_bf16(x_.data(), 2 * rows_ * width_, seed_, 4.0F);
  }
  void launch(Stream s) {
    calibration::launch(SwiGlu{x_.data(), y_.data(), is_fp8_ ? scales_.data() : nullptr, rows_,
                               count_.data(), rows_, width_},
                        s);
  }
  std::vector<const DeviceBytes*> outputs() const { return {&y_.bytes(), &scales_.bytes()}; }
  Comparison compare() const {
    Comparison comparison{is_fp8_ ? 0.07 : bf16_tolerance};  // e4m3: half a unit is 1/16
    const auto got = y_.to_host();
    const auto scale = scales_.to_host();
    if (is_fp8_) expect_written(comparison, got, got.size());
    for (const std::int64_t r : samples(rows_, sampled))
      for (std::int64_t i = 0; i < width_; ++i) {
        const auto value = [&](std::int64_t column) {
          return static_cast<double>(from_bf16(
              random_bf16(seed_, static_cast<std::uint64_t>(r * 2 * width_ + column), 4.0F)));
        };
        const std::size_t at = size(r * width_ + i);
        const float seen =
            is_fp8_ ? from_e4m3(got[at]) * scale[size(i / scale_block * rows_ + r)]
                    : from_bf16(static_cast<Bf16Bits>(got[2 * at] | got[2 * at + 1] << 8));
        comparison.add(static_cast<double>(seen), reference::swiglu(value(i), value(width_ + i)), r,
                       i);
      }
    return comparison;
  }

 private:
  std::uint64_t seed_;
  std::int64_t rows_;
  int width_;
  bool is_fp8_;
  DeviceBuffer<std::uint16_t> x_;
  DeviceBuffer<std::uint8_t> y_;
  DeviceBuffer<float> scales_;
  DeviceBuffer<std::int32_t> count_;
};

class CombineSet {
 public:
  CombineSet(const KernelCase& c, const DeviceFacts&, std::uint64_t seed)
      : x_seed_{stream_of(seed, "x")},
        weight_seed_{stream_of(seed, "weight")},
        tokens_{c.tokens},
        top_k_{c.moe.top_k},
        width_{c.moe.hidden},
        rows_{reference::sort_by_expert(
                  choices_with(expert_counts(single_rank(c.moe), c.tokens), c.tokens, top_k_),
                  c.moe.experts)
                  .row},
        x_{size(tokens_ * top_k_ * width_)},
        y_{size(tokens_ * width_)},
        row_{rows_},
        weight_{size(tokens_ * top_k_)} {
    fill_bf16(x_.data(), tokens_ * top_k_ * width_, x_seed_, 1.0F);
    fill_f32(weight_.data(), tokens_ * top_k_, weight_seed_, 1.0F);
  }
  void launch(Stream s) {
    calibration::launch(Combine{x_.data(), row_.data(), weight_.data(), nullptr, y_.data(), tokens_,
                                top_k_, width_},
                        s);
  }
  std::vector<const DeviceBytes*> outputs() const { return {&y_.bytes()}; }
  Comparison compare() const {
    Comparison comparison{bf16_tolerance};
    const auto got = y_.to_host();
    expect_written(comparison, got, got.size());
    for (const std::int64_t t : samples(tokens_, sampled))
      for (std::int64_t i = 0; i < width_; ++i) {
        const double want = reference::dot(
            top_k_,
            [&](std::int64_t k) {
              return static_cast<double>(
                  random_value(weight_seed_, static_cast<std::uint64_t>(t * top_k_ + k)));
            },
            [&](std::int64_t k) {
              return bf16(x_seed_, std::int64_t{rows_[size(t * top_k_ + k)]} * width_ + i);
            });
        comparison.add(static_cast<double>(from_bf16(got[size(t * width_ + i)])), want, t, i);
      }
    return comparison;
  }

 private:
  static MoeShape single_rank(MoeShape moe) {
    moe.ep = 1;
    return moe;
  }
  std::uint64_t x_seed_, weight_seed_;
  std::int64_t tokens_;
  int top_k_, width_;
  std::vector<std::int32_t> rows_;
  DeviceBuffer<std::uint16_t> x_, y_;
  DeviceBuffer<std::int32_t> row_;
  DeviceBuffer<float> weight_;
};

}  // namespace

Prepared prepare_elementwise(const KernelCase& c, const PrepareOptions& options) {
  switch (c.kind) {
    case CaseKind::copy:
      return std::make_unique<RotatedCase<CopySet>>(c, options);
    case CaseKind::quantize:
      return std::make_unique<RotatedCase<QuantizeSet>>(c, options);
    case CaseKind::swiglu:
      return std::make_unique<RotatedCase<SwiGluSet>>(c, options);
    case CaseKind::combine:
      return std::make_unique<RotatedCase<CombineSet>>(c, options);
    default:
      return std::make_unique<RotatedCase<RmsNormSet>>(c, options);
  }
}

}  // namespace jevons::calibration
