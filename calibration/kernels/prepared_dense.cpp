#include <cstring>

#include "calibration/kernels/dense_gemm.h"
#include "calibration/kernels/number_formats.h"
#include "calibration/kernels/prepared_kinds.h"
#include "calibration/kernels/reference.h"
#include "calibration/kernels/rotated_case.h"
#include "calibration/kernels/shared_expert.h"

namespace jevons::calibration {

namespace {

std::size_t size(std::int64_t n) {
  return static_cast<std::size_t>(n);
}

// dense_gemm: y [tokens, inner] bf16; router_gemm: y [tokens, experts] f32.
class DenseSet {
 public:
  DenseSet(const KernelCase& c, const DeviceFacts&, std::uint64_t seed)
      : is_router_{c.kind == CaseKind::router_gemm},
        tokens_{c.tokens},
        rows_{padded_rows(c.format, c.tokens)},
        n_{is_router_ ? c.moe.experts : c.moe.inner},
        k_{c.moe.hidden},
        x_{c.format, RandomMatrix::Scales::per_row, rows_, k_, stream_of(seed, "x"), 1.0F},
        w_{c.format, RandomMatrix::Scales::per_tile, n_, k_, stream_of(seed, "w"), 0.05F},
        y_{size(rows_ * n_ * (is_router_ ? 4 : 2))},
        gemm_{{.format = c.format,
               .is_f32_result = is_router_,
               .m = rows_,
               .n = n_,
               .k = k_,
               .x = x_.values(),
               .w = w_.values(),
               .x_scale = x_.scales(),
               .w_scale = w_.scales(),
               .y = y_.data()}} {}
  void launch(Stream s) { gemm_.launch(s); }
  std::vector<const DeviceBytes*> outputs() const { return {&y_.bytes()}; }
  Comparison compare() const {
    Comparison comparison{0.01};
    const auto got = y_.to_host();
    for (const std::int64_t r : samples(tokens_, 32))
      for (const std::int64_t column : samples(n_, 64)) {
        const double want = reference::dot(
            k_, [&](std::int64_t i) { return x_.at(r, i); },
            [&](std::int64_t i) { return w_.at(column, i); });
        comparison.add(value(got, r * n_ + column), want, r, column);
      }
    return comparison;
  }

 private:
  double value(const std::vector<std::uint8_t>& got, std::int64_t i) const {
    float out = 0;
    if (is_router_) {
      std::memcpy(&out, got.data() + 4 * i, 4);
      return static_cast<double>(out);
    }
    Bf16Bits bits = 0;
    std::memcpy(&bits, got.data() + 2 * i, 2);
    return static_cast<double>(from_bf16(bits));
  }

  bool is_router_;
  std::int64_t tokens_, rows_, n_, k_;
  RandomMatrix x_, w_;
  DeviceBuffer<std::uint8_t> y_;
  DenseGemm gemm_;
};

class SharedExpertSet {
 public:
  SharedExpertSet(const KernelCase& c, const DeviceFacts&, std::uint64_t seed)
      : format_{c.format},
        tokens_{c.tokens},
        hidden_{c.moe.hidden},
        x_{c.format, RandomMatrix::Scales::per_row, padded_rows(c.format, c.tokens),
           hidden_,  stream_of(seed, "x"),          1.0F},
        expert_{c.format, c.tokens, hidden_, c.moe.inner, x_.values(), x_.scales(), seed} {}
  void launch(Stream s) { expert_.launch(s); }
  std::vector<const DeviceBytes*> outputs() const { return expert_.outputs(); }
  Comparison compare() const {
    Comparison comparison{format_ == Format::fp8 ? 0.05 : 0.02};  // two products, rounded between
    const auto got = expert_.y().to_host();
    const std::vector<std::int64_t> columns = samples(hidden_, 64);
    for (const std::int64_t t : few_samples(tokens_)) {
      std::vector<double> x;
      for (std::int64_t i = 0; i < hidden_; ++i) x.push_back(x_.at(t, i));
      const auto want = shared_expert_row(expert_, x, columns, format_);
      for (std::size_t i = 0; i < columns.size(); ++i)
        comparison.add(static_cast<double>(from_bf16(got[size(t * hidden_ + columns[i])])), want[i],
                       t, columns[i]);
    }
    return comparison;
  }

 private:
  Format format_;
  std::int64_t tokens_, hidden_;
  RandomMatrix x_;
  SharedExpert expert_;
};

}  // namespace

Prepared prepare_dense(const KernelCase& c, const PrepareOptions& options) {
  if (c.kind == CaseKind::shared_expert)
    return std::make_unique<RotatedCase<SharedExpertSet>>(c, options);
  return std::make_unique<RotatedCase<DenseSet>>(c, options);
}

}  // namespace jevons::calibration
