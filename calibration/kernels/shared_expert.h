#pragma once
// The expert that every token passes: y = SwiGLU(x w_gate_up^T) w_down^T, two dense products and
// the activation between them. Random weights of its own, filled from `seed`.
#include <cstdint>

#include "calibration/kernels/dense_gemm.h"
#include "calibration/kernels/elementwise.h"

namespace jevons::calibration {

// A matrix [rows, width] as a product reads it: bf16, or e4m3 with block scales (dense_gemm.h).
struct DenseMatrix {
  DeviceBuffer<std::uint8_t> values;
  DeviceBuffer<float> scales;
};

// Activations or weights with random values, and those values again one by one.
class RandomMatrix {
 public:
  enum class Scales { per_row, per_tile };  // 1 x 128 (activations), 128 x 128 (weights)

  RandomMatrix(Format format, Scales scales, std::int64_t rows, std::int64_t width,
               std::uint64_t seed, float amplitude);
  double at(std::int64_t row, std::int64_t column) const;
  const void* values() const { return matrix_.values.data(); }
  const float* scales() const { return matrix_.scales.data(); }

 private:
  std::int64_t scale_index(std::int64_t row, std::int64_t column) const;

  Format format_;
  Scales kind_;
  std::int64_t rows_, width_;
  std::uint64_t seed_;
  float amplitude_;
  DenseMatrix matrix_;
};

class SharedExpert {
 public:
  // x [tokens, hidden] bf16, or fp8 with scales [hidden/128][rows padded to 16].
  SharedExpert(Format format, std::int64_t tokens, std::int64_t hidden, std::int64_t inner,
               const void* x, const float* x_scale, std::uint64_t seed);
  void launch(Stream stream) const;

  std::int64_t inner() const { return inner_; }
  double gate_up_at(std::int64_t row, std::int64_t column) const {
    return gate_up_.at(row, column);
  }
  double down_at(std::int64_t row, std::int64_t column) const { return down_.at(row, column); }
  const DeviceBuffer<std::uint16_t>& y() const { return y_; }
  // What a launch writes.
  std::vector<const DeviceBytes*> outputs() const;

 private:
  Format format_;
  std::int64_t rows_, inner_;  // rows padded as the products want them
  RandomMatrix gate_up_, down_;
  DeviceBuffer<std::uint16_t> hidden_, y_;
  DeviceBuffer<std::uint8_t> activated_;
  DeviceBuffer<float> activated_scale_;
  DeviceBuffer<std::int32_t> row_count_;
  DenseGemm first_, second_;
};

// Rows that the products of this format work on: fp8 wants a multiple of 16.
constexpr std::int64_t padded_rows(Format format, std::int64_t rows) {
  return format == Format::fp8 ? rounded_up(rows, 16) : rows;
}

// The expert's row for one token, in double; `x` gives the token's values.
std::vector<double> shared_expert_row(const SharedExpert& expert, std::span<const double> x,
                                      std::span<const std::int64_t> columns, Format format);

}  // namespace jevons::calibration
