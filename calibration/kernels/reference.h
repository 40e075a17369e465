#pragma once
// What the kernels compute, on the CPU in double precision: one output, row or block at a time, as
// the definitions have it. Plain C++; tested against still simpler definitions.
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "calibration/kernels/kernel_case.h"
#include "calibration/kernels/number_formats.h"

namespace jevons::calibration::reference {

// Value i of an operand.
using Values = std::function<double(std::int64_t)>;

// sum over i < n of a(i) b(i). Scaled fp8 operands multiply by their scales inside of a and b.
double dot(std::int64_t n, const Values& a, const Values& b);

struct Choice {
  std::vector<std::int32_t> expert;
  std::vector<double> weight;
};
// Experts and weights of one token; see router_topk.h. bias may be empty for softmax.
Choice choose(std::span<const float> logits, std::span<const float> bias, int top_k,
              RouterRule rule);

struct Sorted {
  std::vector<std::int32_t> offsets;  // [experts + 1]
  std::vector<std::int32_t> row;      // of every choice: stable by expert
};
Sorted sort_by_expert(std::span<const std::int32_t> choice, int experts);

struct Block {
  float scale = 0;
  std::vector<E4m3Bits> codes;
};
// At most 128 values with one scale; see elementwise.h. In f32, since codes must agree to the bit.
Block quantize(std::span<const float> x);
// What a row is after it was quantised block by block and read back.
void round_to_blocks(std::vector<double>& row);

double swiglu(double gate, double up);

std::vector<double> rms_norm(std::span<const double> x, std::span<const double> gain);

// Attention of one query over n keys: softmax(scale q . k_j) weighted sum of v_j.
//   k(j, d) and v(j, d) give single values.
using Values2 = std::function<double(std::int64_t, std::int64_t)>;
std::vector<double> attend(std::span<const double> q, std::int64_t n, const Values2& k,
                           const Values2& v, int value_dim, double scale);

}  // namespace jevons::calibration::reference
