#include "calibration/kernels/dispatch.h"
#include "calibration/kernels/elementwise.h"
#include "calibration/kernels/prepared_kinds.h"
#include "calibration/kernels/reference.h"
#include "calibration/kernels/rotated_case.h"
#include "calibration/kernels/router_topk.h"
#include "calibration/kernels/routing.h"

namespace jevons::calibration {

namespace {

std::size_t size(std::int64_t n) {
  return static_cast<std::size_t>(n);
}

class TopKSet {
 public:
  TopKSet(const KernelCase& c, const DeviceFacts&, std::uint64_t seed)
      : tokens_{c.tokens},
        moe_{c.moe},
        logits_{size(tokens_ * moe_.experts)},
        bias_{size(moe_.experts)},
        weight_{size(tokens_ * moe_.top_k)},
        expert_{size(tokens_ * moe_.top_k)} {
    fill_f32(logits_.data(), tokens_ * moe_.experts, stream_of(seed, "logits"), 3.0F);
    fill_f32(bias_.data(), moe_.experts, stream_of(seed, "bias"), 0.1F);
  }
  void launch(Stream s) {
    calibration::launch(RouterTopK{logits_.data(), bias_.data(), expert_.data(), weight_.data(),
                                   tokens_, moe_.experts, moe_.top_k, moe_.rule},
                        s);
  }
  std::vector<const DeviceBytes*> outputs() const { return {&expert_.bytes(), &weight_.bytes()}; }
  // Weights one by one; a different expert is a mistake, but f32 sigmoids may swap near ties.
  Comparison compare() const {
    Comparison comparison{1e-4};
    const auto logits = logits_.to_host(), bias = bias_.to_host(), weight = weight_.to_host();
    const auto expert = expert_.to_host();
    std::int64_t swapped = 0;
    for (std::int64_t t = 0; t < tokens_; ++t) {
      const std::span row{logits.data() + t * moe_.experts, size(moe_.experts)};
      const reference::Choice want = reference::choose(row, bias, moe_.top_k, moe_.rule);
      for (int k = 0; k < moe_.top_k; ++k) {
        const std::size_t at = size(t * moe_.top_k + k);
        swapped += expert[at] != want.expert[size(k)] ? 1 : 0;
        comparison.add(static_cast<double>(weight[at]), want.weight[size(k)], t, k);
      }
    }
    if (swapped > tokens_ / 1000)
      comparison.fail(std::to_string(swapped) + " choices differ from the reference");
    return comparison;
  }

 private:
  std::int64_t tokens_;
  MoeShape moe_;
  DeviceBuffer<float> logits_, bias_, weight_;
  DeviceBuffer<std::int32_t> expert_;
};

class DispatchSet {
 public:
  DispatchSet(const KernelCase& c, const DeviceFacts&, std::uint64_t seed)
      : is_fp8_{c.format == Format::fp8},
        tokens_{c.tokens},
        moe_{c.moe},
        x_seed_{stream_of(seed, "x")},
        scale_seed_{stream_of(seed, "scale")},
        choice_{choices_with(expert_counts(moe_, tokens_), tokens_, moe_.top_k)},
        expert_{choice_},
        chunk_counts_{size(chunks_of(choices()) * moe_.experts)},
        offsets_{size(moe_.experts + 1)},
        row_{size(choices())},
        x_{size(tokens_ * row_bytes())},
        y_{size(choices() * row_bytes())},
        x_scale_{size(is_fp8_ ? blocks() * tokens_ : 0)},
        y_scale_{size(is_fp8_ ? blocks() * choices() : 0)} {
    fill_e4m3(x_.data(), tokens_ * row_bytes(), x_seed_);  // any bytes do, bf16 too
    if (is_fp8_) fill_f32(x_scale_.data(), blocks() * tokens_, scale_seed_, 1.0F);
  }
  void launch(Stream s) {
    calibration::launch(
        Dispatch{expert_.data(), x_.data(), is_fp8_ ? x_scale_.data() : nullptr, tokens_,
                 chunk_counts_.data(), offsets_.data(), row_.data(), y_.data(), y_scale_.data(),
                 choices(), tokens_, moe_.experts, moe_.top_k, moe_.hidden},
        s);
  }
  std::vector<const DeviceBytes*> outputs() const {
    return {&chunk_counts_.bytes(), &offsets_.bytes(), &row_.bytes(), &y_.bytes(),
            &y_scale_.bytes()};
  }
  Comparison compare() const {
    Comparison comparison{0};
    const reference::Sorted want = reference::sort_by_expert(choice_, moe_.experts);
    if (offsets_.to_host() != want.offsets) comparison.fail("the offsets of the experts differ");
    if (row_.to_host() != want.row) comparison.fail("the rows of the choices differ");
    const auto y = y_.to_host();
    const auto scale = y_scale_.to_host();
    for (const std::int64_t i : samples(choices(), 512)) {
      const std::int64_t row = want.row[size(i)], token = i / moe_.top_k;
      for (const std::int64_t b : samples(row_bytes(), 64))
        comparison.add(y[size(row * row_bytes() + b)],
                       random_e4m3(x_seed_, static_cast<std::uint64_t>(token * row_bytes() + b)),
                       row, b);
      for (std::int64_t b = 0; is_fp8_ && b < blocks(); ++b)
        comparison.add(static_cast<double>(scale[size(b * choices() + row)]),
                       static_cast<double>(random_value(
                           scale_seed_, static_cast<std::uint64_t>(b * tokens_ + token))),
                       row, -b);
    }
    return comparison;
  }

 private:
  std::int64_t choices() const { return tokens_ * moe_.top_k; }
  std::int64_t blocks() const { return (moe_.hidden + scale_block - 1) / scale_block; }
  std::int64_t row_bytes() const { return std::int64_t{moe_.hidden} * (is_fp8_ ? 1 : 2); }

  bool is_fp8_;
  std::int64_t tokens_;
  MoeShape moe_;
  std::uint64_t x_seed_, scale_seed_;
  std::vector<std::int32_t> choice_;
  DeviceBuffer<std::int32_t> expert_, chunk_counts_, offsets_, row_;
  DeviceBuffer<std::uint8_t> x_, y_;
  DeviceBuffer<float> x_scale_, y_scale_;
};

}  // namespace

Prepared prepare_router(const KernelCase& c, const PrepareOptions& options) {
  if (c.kind == CaseKind::router_topk) return std::make_unique<RotatedCase<TopKSet>>(c, options);
  return std::make_unique<RotatedCase<DispatchSet>>(c, options);
}

}  // namespace jevons::calibration
