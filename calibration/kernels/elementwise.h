#pragma once
// Kernels that do little arithmetic per byte. All run on sm_80 and newer. Rows lie one behind the
// other; widths are multiples of 8. Where `rows` is a device pointer, the number of rows is read at
// every launch, so that a captured graph follows the routing.
#include <cstdint>

#include "calibration/kernels/definitions.h"
#include "calibration/kernels/prepared_case.h"

namespace jevons::calibration {

// to[0, bytes) = from[0, bytes); bytes a multiple of 16.
struct Copy {
  const void* from;
  void* to;
  std::int64_t bytes;
};
void launch(const Copy& copy, Stream stream);

// y[r, c] = x[r, c] gain[c] / sqrt(mean over c of x[r, c]^2 + 1e-6), bf16; width at most 8192.
struct RmsNorm {
  const std::uint16_t* x;
  const std::uint16_t* gain;
  std::uint16_t* y;
  std::int64_t rows;
  int width;
};
void launch(const RmsNorm& norm, Stream stream);

// fp8 rows with one f32 scale for every 128 values: value = code x scale, scale = max |x| / 448.
//   scales [ceil(width/128)][scale_stride], rows fastest, as the grouped GEMM reads them.
struct Quantize {
  const std::uint16_t* x;
  std::uint8_t* y;
  float* scales;
  std::int64_t scale_stride;
  std::int64_t rows;
  int width;
};
void launch(const Quantize& quantize, Stream stream);

// y[r, c] = silu(x[r, c]) x[r, width + c], silu(g) = g / (1 + exp(-g)); x rows are gate|up of 2
// width. y is bf16 (scales null) or fp8 with scales as above.
struct SwiGlu {
  const std::uint16_t* x;
  void* y;
  float* scales;
  std::int64_t scale_stride;
  const std::int32_t* rows;   // on the device
  std::int64_t row_capacity;  // sizes the grid
  int width;
};
void launch(const SwiGlu& swiglu, Stream stream);

// y[t, :] = sum over k of weight[t, k] x[row[t, k], :] (+ shared[t, :] unless null), bf16.
struct Combine {
  const std::uint16_t* x;
  const std::int32_t* row;
  const float* weight;
  const std::uint16_t* shared;
  std::uint16_t* y;
  std::int64_t tokens;
  int top_k, width;
};
void launch(const Combine& combine, Stream stream);

// Random operands, as number_formats.h defines them.
void fill_bf16(std::uint16_t* p, std::int64_t n, std::uint64_t seed, float amplitude);
void fill_e4m3(std::uint8_t* p, std::int64_t n, std::uint64_t seed);
void fill_scales(float* p, std::int64_t n, std::uint64_t seed, float amplitude);
void fill_f32(float* p, std::int64_t n, std::uint64_t seed, float amplitude);

}  // namespace jevons::calibration
