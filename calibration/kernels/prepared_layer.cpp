// A whole expert layer as production runs it on one GPU: router product, top-k, dispatch, gate|up,
// SwiGLU, down, combine, and the shared expert where the model has one; fp8: tokens are quantised
// first and their rows dispatched as fp8. The router's choice is computed and its weights are used;
// the rows are dispatched by the choice that the case's routing prescribes, since random logits
// know no skew.
#include <optional>

#include "calibration/kernels/dense_gemm.h"
#include "calibration/kernels/dispatch.h"
#include "calibration/kernels/elementwise.h"
#include "calibration/kernels/grouped_gemm.h"
#include "calibration/kernels/prepared_kinds.h"
#include "calibration/kernels/reference.h"
#include "calibration/kernels/rotated_case.h"
#include "calibration/kernels/router_topk.h"
#include "calibration/kernels/routing.h"
#include "calibration/kernels/shared_expert.h"

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

// The experts' weights of one product: [experts, n, k], fp8 with one scale per 128 x 128.
class ExpertWeights {
 public:
  ExpertWeights(Format format, std::int64_t experts, std::int64_t n, std::int64_t k,
                std::uint64_t seed)
      : is_fp8_{format == Format::fp8},
        n_{n},
        k_{k},
        seed_{seed},
        values_{size(experts * n * k * (is_fp8_ ? 1 : 2))},
        scales_{size(is_fp8_ ? experts * blocks_of(n) * blocks_of(k) : 0)} {
    if (!is_fp8_) {
      fill_bf16(reinterpret_cast<std::uint16_t*>(values_.data()), experts * n * k, seed, amplitude);
      return;
    }
    fill_e4m3(values_.data(), experts * n * k, seed);
    fill_scales(scales_.data(), experts * blocks_of(n) * blocks_of(k), mix(seed), amplitude);
  }
  double at(std::int64_t expert, std::int64_t column, std::int64_t i) const {
    const std::uint64_t where = index((expert * n_ + column) * k_ + i);
    if (!is_fp8_) return static_cast<double>(from_bf16(random_bf16(seed_, where, amplitude)));
    const std::int64_t block =
        (expert * blocks_of(n_) + column / scale_block) * blocks_of(k_) + i / scale_block;
    return static_cast<double>(from_e4m3(random_e4m3(seed_, where))) *
           static_cast<double>(random_scale(mix(seed_), index(block), amplitude));
  }
  const void* values() const { return values_.data(); }
  const float* scales() const { return scales_.data(); }

 private:
  static constexpr float amplitude = 0.05F;
  bool is_fp8_;
  std::int64_t n_, k_;
  std::uint64_t seed_;
  DeviceBuffer<std::uint8_t> values_;
  DeviceBuffer<float> scales_;
};

class LayerSet {
 public:
  LayerSet(const KernelCase& c, const DeviceFacts& facts, std::uint64_t seed)
      : format_{c.format},
        tokens_{c.tokens},
        moe_{c.moe},
        x_seed_{stream_of(seed, "x")},
        choice_{choices_with(expert_counts(moe_, tokens_), tokens_, moe_.top_k)},
        expert_{choice_},
        x_{size(rows() * moe_.hidden)},
        router_{Format::bf16, RandomMatrix::Scales::per_tile, moe_.experts,
                moe_.hidden,  stream_of(seed, "router"),      0.02F},
        gate_up_{format_, moe_.experts, std::int64_t{2} * moe_.inner, moe_.hidden,
                 stream_of(seed, "gate up")},
        down_{format_, moe_.experts, moe_.hidden, moe_.inner, stream_of(seed, "down")},
        bias_{size(moe_.experts)} {
    fill_bf16(x_.data(), rows() * moe_.hidden, x_seed_, 1.0F);
    fill_f32(bias_.data(), moe_.experts, stream_of(seed, "bias"), 0.1F);
    make_room();
    plan(facts, seed);
  }

  void launch(Stream s) {
    router_gemm_->launch(s);
    calibration::launch(RouterTopK{logits_.data(), bias_.data(), routed_.data(), weight_.data(),
                                   tokens_, moe_.experts, moe_.top_k, moe_.rule},
                        s);
    if (is_fp8())
      calibration::launch(
          Quantize{x_.data(), x_codes_.data(), x_scale_.data(), rows(), rows(), moe_.hidden}, s);
    calibration::launch(
        Dispatch{expert_.data(), is_fp8() ? static_cast<const void*>(x_codes_.data()) : x_.data(),
                 is_fp8() ? x_scale_.data() : nullptr, rows(), chunk_counts_.data(),
                 offsets_.data(), row_.data(), sorted_.data(), sorted_scale_.data(), choices(),
                 tokens_, moe_.experts, moe_.top_k, moe_.hidden},
        s);
    calibration::launch(gate_up_gemm_, s);
    calibration::launch(
        SwiGlu{inner_.data(), activated_.data(), is_fp8() ? activated_scale_.data() : nullptr,
               choices(), offsets_.data() + moe_.experts, choices(), moe_.inner},
        s);
    calibration::launch(down_gemm_, s);
    if (shared_) shared_->launch(s);
    calibration::launch(Combine{result_.data(), row_.data(), weight_.data(),
                                shared_ ? shared_->y().data() : nullptr, y_.data(), tokens_,
                                moe_.top_k, moe_.hidden},
                        s);
  }

  std::vector<const DeviceBytes*> outputs() const {
    std::vector<const DeviceBytes*> out{
        &logits_.bytes(),  &routed_.bytes(),    &weight_.bytes(),          &chunk_counts_.bytes(),
        &offsets_.bytes(), &row_.bytes(),       &sorted_.bytes(),          &sorted_scale_.bytes(),
        &inner_.bytes(),   &activated_.bytes(), &activated_scale_.bytes(), &result_.bytes(),
        &y_.bytes(),       &x_codes_.bytes(),   &x_scale_.bytes()};
    if (shared_)
      for (const DeviceBytes* more : shared_->outputs()) out.push_back(more);
    return out;
  }

  Comparison compare() const {
    Comparison comparison{is_fp8() ? 0.06 : 0.03};  // rounded after every part
    const auto got = y_.to_host();
    const auto logits = logits_.to_host(), bias = bias_.to_host(), weight = weight_.to_host();
    expect_written(comparison, got, got.size());
    const std::vector<std::int64_t> columns = samples(moe_.hidden, 16);
    // Of a large model one token costs some 10^9 operations of the reference.
    const bool is_large = std::int64_t{moe_.hidden} * moe_.inner > 1 << 22;
    for (const std::int64_t t : is_large ? std::vector{tokens_ - 1} : few_samples(tokens_)) {
      const std::vector<double> x = token(t);
      check_router(comparison, t, x, logits, bias, weight);
      std::vector<double> want(columns.size(), 0.0);
      if (shared_) want = shared_expert_row(*shared_, x, columns, format_);
      for (int k = 0; k < moe_.top_k; ++k) {
        const std::size_t at = size(t * moe_.top_k + k);
        const std::vector<double> part = expert_row(choice_[at], x, columns);
        for (std::size_t i = 0; i < want.size(); ++i)
          want[i] += static_cast<double>(weight[at]) * part[i];
      }
      for (std::size_t i = 0; i < columns.size(); ++i)
        comparison.add(static_cast<double>(from_bf16(got[size(t * moe_.hidden + columns[i])])),
                       want[i], t, columns[i]);
    }
    return comparison;
  }

 private:
  bool is_fp8() const { return format_ == Format::fp8; }
  std::int64_t choices() const { return tokens_ * moe_.top_k; }
  std::int64_t rows() const { return padded_rows(format_, tokens_); }
  std::int64_t element() const { return is_fp8() ? 1 : 2; }

  void make_room() {
    const std::int64_t hidden = moe_.hidden, inner = moe_.inner;
    logits_ = DeviceBuffer<float>{size(tokens_ * moe_.experts)};
    routed_ = DeviceBuffer<std::int32_t>{size(choices())};
    weight_ = DeviceBuffer<float>{size(choices())};
    chunk_counts_ = DeviceBuffer<std::int32_t>{size(chunks_of(choices()) * moe_.experts)};
    offsets_ = DeviceBuffer<std::int32_t>{size(moe_.experts + 1)};
    row_ = DeviceBuffer<std::int32_t>{size(choices())};
    sorted_ = DeviceBuffer<std::uint8_t>{size(choices() * hidden * element())};
    inner_ = DeviceBuffer<std::uint16_t>{size(choices() * 2 * inner)};
    activated_ = DeviceBuffer<std::uint8_t>{size(choices() * inner * element())};
    result_ = DeviceBuffer<std::uint16_t>{size(choices() * hidden)};
    y_ = DeviceBuffer<std::uint16_t>{size(tokens_ * hidden)};
    if (!is_fp8()) return;
    x_codes_ = DeviceBuffer<std::uint8_t>{size(rows() * hidden)};
    x_scale_ = DeviceBuffer<float>{size(blocks_of(hidden) * rows())};
    sorted_scale_ = DeviceBuffer<float>{size(blocks_of(hidden) * choices())};
    activated_scale_ = DeviceBuffer<float>{size(blocks_of(inner) * choices())};
  }

  void plan(const DeviceFacts& facts, std::uint64_t seed) {
    router_gemm_.emplace(DenseOperands{.is_f32_result = true,
                                       .m = tokens_,
                                       .n = moe_.experts,
                                       .k = moe_.hidden,
                                       .x = x_.data(),
                                       .w = router_.values(),
                                       .y = logits_.data()});
    const LocalLoad load = local_load(moe_, tokens_);
    GroupedOperands o{
        .format = format_,
        .experts = moe_.experts,
        .n = 2 * moe_.inner,
        .k = moe_.hidden,
        .row_capacity = choices(),
        .expected_rows = static_cast<double>(load.rows) / static_cast<double>(load.active),
        .x = sorted_.data(),
        .w = gate_up_.values(),
        .x_scale = sorted_scale_.data(),
        .x_scale_stride = choices(),
        .w_scale = gate_up_.scales(),
        .y = inner_.data(),
        .offsets = offsets_.data()};
    gate_up_gemm_ = plan_grouped_gemm(o, facts.multiprocessors);
    o.n = moe_.hidden;
    o.k = moe_.inner;
    o.x = activated_.data();
    o.w = down_.values();
    o.x_scale = activated_scale_.data();
    o.w_scale = down_.scales();
    o.y = result_.data();
    down_gemm_ = plan_grouped_gemm(o, facts.multiprocessors);
    if (moe_.has_shared)
      shared_.emplace(format_, tokens_, moe_.hidden, moe_.inner,
                      is_fp8() ? static_cast<const void*>(x_codes_.data()) : x_.data(),
                      x_scale_.data(), seed);
  }

  // A token's values as the experts see them.
  std::vector<double> token(std::int64_t t) const {
    std::vector<double> x;
    for (std::int64_t i = 0; i < moe_.hidden; ++i)
      x.push_back(
          static_cast<double>(from_bf16(random_bf16(x_seed_, index(t * moe_.hidden + i), 1.0F))));
    if (is_fp8()) reference::round_to_blocks(x);
    return x;
  }

  // Logits against the product in double, weights against the choice that these logits make.
  void check_router(Comparison& comparison, std::int64_t t, const std::vector<double>& x,
                    const std::vector<float>& logits, const std::vector<float>& bias,
                    const std::vector<float>& weight) const {
    const std::span row{logits.data() + t * moe_.experts, size(moe_.experts)};
    const reference::Choice want = reference::choose(row, bias, moe_.top_k, moe_.rule);
    for (int k = 0; k < moe_.top_k; ++k)
      comparison.add(static_cast<double>(weight[size(t * moe_.top_k + k)]), want.weight[size(k)], t,
                     -k);
    if (is_fp8()) return;  // x was rounded since; the bf16 layer runs the same router
    for (const std::int64_t e : samples(moe_.experts, 8))
      comparison.add(static_cast<double>(row[size(e)]),
                     reference::dot(
                         moe_.hidden, [&](std::int64_t i) { return x[size(i)]; },
                         [&](std::int64_t i) { return router_.at(e, i); }),
                     t, -e);
  }

  std::vector<double> expert_row(std::int64_t expert, const std::vector<double>& x,
                                 const std::vector<std::int64_t>& columns) const {
    const auto product = [&](std::int64_t column) {
      return reference::dot(
          moe_.hidden, [&](std::int64_t i) { return x[size(i)]; },
          [&](std::int64_t i) { return gate_up_.at(expert, column, i); });
    };
    std::vector<double> activated;
    for (std::int64_t i = 0; i < moe_.inner; ++i)
      activated.push_back(reference::swiglu(product(i), product(moe_.inner + i)));
    if (is_fp8()) reference::round_to_blocks(activated);
    std::vector<double> out;
    out.reserve(columns.size());
    for (const std::int64_t column : columns)
      out.push_back(reference::dot(
          moe_.inner, [&](std::int64_t i) { return activated[size(i)]; },
          [&](std::int64_t i) { return down_.at(expert, column, i); }));
    return out;
  }

  Format format_;
  std::int64_t tokens_;
  MoeShape moe_;
  std::uint64_t x_seed_;
  std::vector<std::int32_t> choice_;
  DeviceBuffer<std::int32_t> expert_, routed_, chunk_counts_, offsets_, row_;
  DeviceBuffer<std::uint16_t> x_, inner_, result_, y_;
  DeviceBuffer<std::uint8_t> x_codes_, sorted_, activated_;
  DeviceBuffer<float> x_scale_, sorted_scale_, activated_scale_, logits_, weight_;
  RandomMatrix router_;
  ExpertWeights gate_up_, down_;
  DeviceBuffer<float> bias_;
  std::optional<DenseGemm> router_gemm_;
  GroupedGemm gate_up_gemm_, down_gemm_;
  std::optional<SharedExpert> shared_;
};

}  // namespace

Prepared prepare_layer(const KernelCase& c, const PrepareOptions& options) {
  return std::make_unique<RotatedCase<LayerSet>>(c, options);
}

}  // namespace jevons::calibration
