#pragma once
// wgmma: d[64, n] (+)= a[64, k] b[k, n], f32 accumulators in registers. b, and a unless said
// otherwise, lie in shared memory, found by descriptors (shared_layout.h).
#include <cstdint>

namespace jevons::calibration::hopper {

// The instruction wants every accumulator by name: lists of 8, doubled. `c`: "+" read and written,
// "=" written alone.
// NOLINTBEGIN(cppcoreguidelines-macro-usage): asm operands cannot be made otherwise
#define JEVONS_D8(c, i)                                                                      \
  c "f"(d[(i)]), c "f"(d[(i) + 1]), c "f"(d[(i) + 2]), c "f"(d[(i) + 3]), c "f"(d[(i) + 4]), \
      c "f"(d[(i) + 5]), c "f"(d[(i) + 6]), c "f"(d[(i) + 7])
#define JEVONS_D16(c, i) JEVONS_D8(c, i), JEVONS_D8(c, (i) + 8)
#define JEVONS_D32(c, i) JEVONS_D16(c, i), JEVONS_D16(c, (i) + 16)
#define JEVONS_D64(c, i) JEVONS_D32(c, i), JEVONS_D32(c, (i) + 32)
#define JEVONS_D128(c, i) JEVONS_D64(c, i), JEVONS_D64(c, (i) + 64)
#define JEVONS_N16 "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15"
#define JEVONS_N32 \
  JEVONS_N16       \
  ", "             \
  "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31"
#define JEVONS_N64                                                                   \
  JEVONS_N32                                                                         \
  ", "                                                                               \
  "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, " \
  "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63"
#define JEVONS_N128                                                                            \
  JEVONS_N64                                                                                   \
  ", "                                                                                         \
  "%64, %65, %66, %67, %68, %69, %70, %71, %72, %73, %74, %75, %76, %77, %78, %79, "           \
  "%80, %81, %82, %83, %84, %85, %86, %87, %88, %89, %90, %91, %92, %93, %94, %95, "           \
  "%96, %97, %98, %99, %100, %101, %102, %103, %104, %105, %106, %107, %108, %109, %110, "     \
  "%111, "                                                                                     \
  "%112, %113, %114, %115, %116, %117, %118, %119, %120, %121, %122, %123, %124, %125, %126, " \
  "%127"

// bf16: k = 16; one overload per n. `keep` 0 starts from zero; `TransposeB` 1 where n is fastest in
// b.
template <int TransposeB>
__device__ inline void multiply_bf16(float (&d)[16], std::uint64_t a, std::uint64_t b, int keep) {
  asm volatile(
      "{.reg .pred p; setp.ne.b32 p, %18, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n32k16.f32.bf16.bf16 {" JEVONS_N16
      "}, %16, %17, p, 1, 1, 0, %19;}\n"
      : JEVONS_D16("+", 0)
      : "l"(a), "l"(b), "r"(keep), "n"(TransposeB));
}
template <int TransposeB>
__device__ inline void multiply_bf16(float (&d)[64], std::uint64_t a, std::uint64_t b, int keep) {
  asm volatile(
      "{.reg .pred p; setp.ne.b32 p, %66, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 {" JEVONS_N64
      "}, %64, %65, p, 1, 1, 0, %67;}\n"
      : JEVONS_D64("+", 0)
      : "l"(a), "l"(b), "r"(keep), "n"(TransposeB));
}
template <int TransposeB>
__device__ inline void multiply_bf16(float (&d)[128], std::uint64_t a, std::uint64_t b, int keep) {
  asm volatile(
      "{.reg .pred p; setp.ne.b32 p, %130, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n256k16.f32.bf16.bf16 {" JEVONS_N128
      "}, %128, %129, p, 1, 1, 0, %131;}\n"
      : JEVONS_D128("+", 0)
      : "l"(a), "l"(b), "r"(keep), "n"(TransposeB));
}

// The same from zero: writes d only, so that its registers hold nothing from one round of a loop to
// the next. Otherwise moving them would interrupt products that still run.
__device__ inline void begin_bf16(float (&d)[16], std::uint64_t a, std::uint64_t b) {
  asm volatile(
      "{.reg .pred p; setp.ne.b32 p, 0, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n32k16.f32.bf16.bf16 {" JEVONS_N16
      "}, %16, %17, p, 1, 1, 0, 0;}\n"
      : JEVONS_D16("=", 0)
      : "l"(a), "l"(b));
}
__device__ inline void begin_bf16(float (&d)[64], std::uint64_t a, std::uint64_t b) {
  asm volatile(
      "{.reg .pred p; setp.ne.b32 p, 0, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 {" JEVONS_N64
      "}, %64, %65, p, 1, 1, 0, 0;}\n"
      : JEVONS_D64("=", 0)
      : "l"(a), "l"(b));
}

// a in registers, as accumulators of a product before lie there; n is fastest in b; adds to d.
__device__ inline void add_bf16(float (&d)[32], const std::uint32_t (&a)[4], std::uint64_t b) {
  asm volatile(
      "{.reg .pred p; setp.ne.b32 p, 1, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 {" JEVONS_N32
      "}, {%32, %33, %34, %35}, %36, p, 1, 1, 1;}\n"
      : JEVONS_D32("+", 0)
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b));
}
__device__ inline void add_bf16(float (&d)[64], const std::uint32_t (&a)[4], std::uint64_t b) {
  asm volatile(
      "{.reg .pred p; setp.ne.b32 p, 1, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 {" JEVONS_N64
      "}, {%64, %65, %66, %67}, %68, p, 1, 1, 1;}\n"
      : JEVONS_D64("+", 0)
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b));
}

// fp8 (e4m3): k = 32, k fastest in both.
__device__ inline void multiply_e4m3(float (&d)[64], std::uint64_t a, std::uint64_t b, int keep) {
  asm volatile(
      "{.reg .pred p; setp.ne.b32 p, %66, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n128k32.f32.e4m3.e4m3 {" JEVONS_N64
      "}, %64, %65, p, 1, 1;}\n"
      : JEVONS_D64("+", 0)
      : "l"(a), "l"(b), "r"(keep));
}

#undef JEVONS_N16
#undef JEVONS_N32
#undef JEVONS_N64
#undef JEVONS_N128
#undef JEVONS_D8
#undef JEVONS_D16
#undef JEVONS_D32
#undef JEVONS_D64
#undef JEVONS_D128
// NOLINTEND(cppcoreguidelines-macro-usage)

}  // namespace jevons::calibration::hopper
