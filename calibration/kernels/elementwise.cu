// Kernels that do little arithmetic per byte; maths and shapes: elementwise.h, references:
// reference.h. Versions: one value per thread -> 16 bytes per thread and access, several accesses
// in flight, every input byte read once.
#include <algorithm>

#include "calibration/kernels/device.h"
#include "calibration/kernels/elementwise.h"
#include "calibration/kernels/number_formats.h"
#include "calibration/kernels/vector8.cuh"

namespace jevons::calibration {

namespace {

constexpr int block = 256;                       // threads
constexpr int copies_in_flight = 4;              // per thread, 16 bytes each
constexpr int lanes_of_block = scale_block / 8;  // threads that share a scale: 8 values each
constexpr int norm_vectors = 4;                  // 8 x 256 x 4 = 8192 values in registers

unsigned blocks_for(std::int64_t items, std::int64_t per_block) {
  return static_cast<unsigned>(std::max<std::int64_t>(1, (items + per_block - 1) / per_block));
}

__global__ void copy_kernel(const uint4* from, uint4* to, std::int64_t n) {
  const std::int64_t first =
      static_cast<std::int64_t>(blockIdx.x) * block * copies_in_flight + threadIdx.x;
  uint4 held[copies_in_flight];
#pragma unroll
  for (int i = 0; i < copies_in_flight; ++i)
    if (first + i * block < n) held[i] = __ldcs(from + first + i * block);
#pragma unroll
  for (int i = 0; i < copies_in_flight; ++i)
    if (first + i * block < n) __stcs(to + first + i * block, held[i]);
}

// Sum over all threads of the block, in the same order at every launch.
__device__ float block_sum(float x) {
  __shared__ float part[block / 32];
  for (int step = 16; step > 0; step /= 2) x += __shfl_xor_sync(~0U, x, step);
  if (threadIdx.x % 32 == 0) part[threadIdx.x / 32] = x;
  __syncthreads();
  float sum = 0;
  for (const float p : part) sum += p;
  return sum;
}

__global__ void __launch_bounds__(block) rms_norm_kernel(RmsNorm n) {
  const std::int64_t row = static_cast<std::int64_t>(blockIdx.x) * n.width;
  Floats8 held[norm_vectors];
  float squares = 0;
#pragma unroll
  for (int i = 0; i < norm_vectors; ++i) {
    const int c = (i * block + static_cast<int>(threadIdx.x)) * 8;
    if (c >= n.width) continue;
    held[i] = load8(n.x + row + c);
    for (const float v : held[i].v) squares += v * v;
  }
  const float mean = block_sum(squares) / static_cast<float>(n.width);
  const float factor = rsqrtf(mean + rms_norm_epsilon);
#pragma unroll
  for (int i = 0; i < norm_vectors; ++i) {
    const int c = (i * block + static_cast<int>(threadIdx.x)) * 8;
    if (c >= n.width) continue;
    const Floats8 gain = load8(n.gain + c);
    for (int j = 0; j < 8; ++j) held[i].v[j] *= factor * gain.v[j];
    store8(n.y + row + c, held[i]);
  }
}

// Where 16 neighbouring threads work: 128 columns of a row.
struct Piece {
  std::int64_t row;
  int scale_column, column;
  bool is_inside;
};
__device__ Piece piece_at(std::int64_t i, int width) {
  const int blocks = (width + scale_block - 1) / scale_block;
  const std::int64_t unit = i / lanes_of_block;
  const int b = static_cast<int>(unit % blocks);
  const int column = b * scale_block + static_cast<int>(i % lanes_of_block) * 8;
  return {unit / blocks, b, column, column < width};
}

// Quantises the 128 values of 16 neighbouring threads. Every thread of the warp must call it.
__device__ void store_quantized(const Floats8& x, const Piece& at, std::uint8_t* y, int width,
                                float* scales, std::int64_t stride, bool is_real) {
  float largest = at.is_inside ? largest8(x) : 0.0F;
  for (int step = lanes_of_block / 2; step > 0; step /= 2)
    largest = fmaxf(largest, __shfl_xor_sync(~0U, largest, step));
  largest = fmaxf(largest, least_block_maximum);
  if (!is_real || !at.is_inside) return;
  store8_e4m3(y + at.row * width + at.column, x, e4m3_max / largest);
  if (at.column % scale_block == 0) scales[at.scale_column * stride + at.row] = largest / e4m3_max;
}

__global__ void __launch_bounds__(block) quantize_kernel(Quantize q) {
  const Piece at = piece_at(static_cast<std::int64_t>(blockIdx.x) * block + threadIdx.x, q.width);
  const bool is_real = at.row < q.rows;
  Floats8 x{};
  if (is_real && at.is_inside) x = load8(q.x + at.row * q.width + at.column);
  store_quantized(x, at, q.y, q.width, q.scales, q.scale_stride, is_real);
}

__device__ float silu(float g) {
  return g / (1.0F + __expf(-g));
}

__global__ void __launch_bounds__(block) swiglu_kernel(SwiGlu s) {
  const Piece at = piece_at(static_cast<std::int64_t>(blockIdx.x) * block + threadIdx.x, s.width);
  const bool is_real = at.row < *s.rows;
  Floats8 x{};
  if (is_real && at.is_inside) {
    const std::uint16_t* gate = s.x + at.row * 2 * s.width + at.column;
    x = load8(gate);
    const Floats8 up = load8(gate + s.width);
#pragma unroll
    for (int i = 0; i < 8; ++i) x.v[i] = silu(x.v[i]) * up.v[i];
  }
  if (s.scales != nullptr)
    store_quantized(x, at, static_cast<std::uint8_t*>(s.y), s.width, s.scales, s.scale_stride,
                    is_real);
  else if (is_real && at.is_inside)
    store8(static_cast<std::uint16_t*>(s.y) + at.row * s.width + at.column, x);
}

__global__ void __launch_bounds__(block) combine_kernel(Combine m) {
  const std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * block + threadIdx.x;
  const int vectors = m.width / 8;
  const std::int64_t token = i / vectors;
  if (token >= m.tokens) return;
  const int column = static_cast<int>(i % vectors) * 8;
  Floats8 sum{};
  if (m.shared != nullptr) sum = load8(m.shared + token * m.width + column);
#pragma unroll 4
  for (int k = 0; k < m.top_k; ++k) {
    const std::int64_t row = m.row[token * m.top_k + k];
    const float weight = m.weight[token * m.top_k + k];
    const Floats8 x = load8(m.x + row * m.width + column);
#pragma unroll
    for (int j = 0; j < 8; ++j) sum.v[j] = fmaf(weight, x.v[j], sum.v[j]);
  }
  store8(m.y + token * m.width + column, sum);
}

// One value per thread and step; filling is not timed.
template <class T, class Value>
__global__ void fill_kernel(T* p, std::int64_t n, Value value) {
  const std::int64_t step = static_cast<std::int64_t>(gridDim.x) * block;
  for (std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * block + threadIdx.x; i < n;
       i += step)
    p[i] = value(static_cast<std::uint64_t>(i));
}

template <class T, class Value>
void fill(T* p, std::int64_t n, Value value) {
  fill_kernel<<<std::min(blocks_for(n, block), 8192U), block>>>(p, n, value);
  CUDA_TRY(cudaGetLastError());
}

struct RandomBf16 {
  std::uint64_t seed;
  float amplitude;
  __device__ std::uint16_t operator()(std::uint64_t i) const {
    return random_bf16(seed, i, amplitude);
  }
};
struct RandomE4m3 {
  std::uint64_t seed;
  __device__ std::uint8_t operator()(std::uint64_t i) const { return random_e4m3(seed, i); }
};
struct RandomScale {
  std::uint64_t seed;
  float amplitude;
  __device__ float operator()(std::uint64_t i) const { return random_scale(seed, i, amplitude); }
};
struct RandomF32 {
  std::uint64_t seed;
  float amplitude;
  __device__ float operator()(std::uint64_t i) const { return amplitude * random_value(seed, i); }
};

}  // namespace

void launch(const Copy& c, Stream stream) {
  const std::int64_t n = c.bytes / 16;
  copy_kernel<<<blocks_for(n, block * copies_in_flight), block, 0, stream>>>(
      static_cast<const uint4*>(c.from), static_cast<uint4*>(c.to), n);
  CUDA_TRY(cudaGetLastError());
}

void launch(const RmsNorm& n, Stream stream) {
  rms_norm_kernel<<<static_cast<unsigned>(n.rows), block, 0, stream>>>(n);
  CUDA_TRY(cudaGetLastError());
}

void launch(const Quantize& q, Stream stream) {
  const std::int64_t pieces = (q.width + scale_block - 1) / scale_block * q.rows;
  quantize_kernel<<<blocks_for(pieces * lanes_of_block, block), block, 0, stream>>>(q);
  CUDA_TRY(cudaGetLastError());
}

void launch(const SwiGlu& s, Stream stream) {
  const std::int64_t pieces = (s.width + scale_block - 1) / scale_block * s.row_capacity;
  swiglu_kernel<<<blocks_for(pieces * lanes_of_block, block), block, 0, stream>>>(s);
  CUDA_TRY(cudaGetLastError());
}

void launch(const Combine& c, Stream stream) {
  combine_kernel<<<blocks_for(c.tokens * (c.width / 8), block), block, 0, stream>>>(c);
  CUDA_TRY(cudaGetLastError());
}

void fill_bf16(std::uint16_t* p, std::int64_t n, std::uint64_t seed, float amplitude) {
  fill(p, n, RandomBf16{seed, amplitude});
}
void fill_e4m3(std::uint8_t* p, std::int64_t n, std::uint64_t seed) {
  fill(p, n, RandomE4m3{seed});
}
void fill_scales(float* p, std::int64_t n, std::uint64_t seed, float amplitude) {
  fill(p, n, RandomScale{seed, amplitude});
}
void fill_f32(float* p, std::int64_t n, std::uint64_t seed, float amplitude) {
  fill(p, n, RandomF32{seed, amplitude});
}

}  // namespace jevons::calibration
