#pragma once
// Eight bf16 values in one 16-byte access.
#include <cstdint>

#include <cuda_bf16.h>
#include <cuda_fp8.h>

namespace jevons::calibration {

// 2^x to 2 ulp, 0 for x below -126: one instruction.
__device__ inline float power_of_2(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

struct Floats8 {
  float v[8];
};

__device__ inline Floats8 unpack8(uint4 raw) {
  const std::uint32_t word[4] = {raw.x, raw.y, raw.z, raw.w};
  Floats8 out;
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    out.v[2 * i] = __uint_as_float(word[i] << 16);
    out.v[2 * i + 1] = __uint_as_float(word[i] & 0xffff0000U);
  }
  return out;
}
__device__ inline Floats8 load8(const std::uint16_t* p) {
  return unpack8(*reinterpret_cast<const uint4*>(p));
}
__device__ inline std::uint32_t packed(float low, float high) {
  const __nv_bfloat162 pair = __floats2bfloat162_rn(low, high);
  return *reinterpret_cast<const std::uint32_t*>(&pair);
}
__device__ inline void store8(std::uint16_t* p, const Floats8& x) {
  *reinterpret_cast<uint4*>(p) = make_uint4(packed(x.v[0], x.v[1]), packed(x.v[2], x.v[3]),
                                            packed(x.v[4], x.v[5]), packed(x.v[6], x.v[7]));
}
// Eight e4m3 codes of x times `factor`, in one 8-byte access.
__device__ inline void store8_e4m3(std::uint8_t* p, const Floats8& x, float factor) {
  std::uint64_t codes = 0;
#pragma unroll
  for (int i = 0; i < 8; ++i)
    codes |= static_cast<std::uint64_t>(
                 __nv_cvt_float_to_fp8(x.v[i] * factor, __NV_SATFINITE, __NV_E4M3))
             << (8 * i);
  *reinterpret_cast<std::uint64_t*>(p) = codes;
}
__device__ inline float largest8(const Floats8& x) {
  float m = 0;
#pragma unroll
  for (int i = 0; i < 8; ++i) m = fmaxf(m, fabsf(x.v[i]));
  return m;
}

}  // namespace jevons::calibration
