#pragma once
// What can be measured on a GPU: one kernel (or a fused sequence) at one shape. Plain values; the
// kernels behind them are started through prepared_case.h.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/fields.h"
#include "sim/quantity.h"

namespace jevons::calibration {

enum class CaseKind {
  copy,               // device memory to device memory
  dense_gemm,         // y[tokens, inner] = x[tokens, hidden] w[inner, hidden]^T, cuBLASLt
  router_gemm,        // logits[tokens, experts], bf16 to f32, cuBLASLt
  router_topk,        // logits to top_k experts and weights per token
  dispatch,           // histogram, scan and permutation of tokens by expert
  quantize,           // bf16 rows to fp8 with one scale per 128 values
  grouped_gate_up,    // per expert: [rows, hidden] to [rows, 2 inner]
  swiglu,             // silu(gate) * up, quantised where the format is fp8
  grouped_down,       // per expert: [rows, inner] to [rows, hidden]
  combine,            // weighted sum of every token's top_k expert rows
  shared_expert,      // gate|up, SwiGLU and down for every token, cuBLASLt
  moe_layer,          // all parts of the layer in one sequence, as production runs it
  prefill_attention,  // causal, cuDNN
  gqa_decode,         // one query token per sequence, grouped heads
  mla_decode,         // one query token per sequence, absorbed latent form
  rms_norm,
  all_reduce,  // NCCL, more than one GPU
  all_to_all,
};

// bf16: operands and results in bf16. fp8: operands e4m3 with block scales (one f32 per 1 x 128
// activations and per 128 x 128 weights), results bf16; attention and norms have bf16 alone.
enum class Format { bf16, fp8 };

// How tokens choose experts. The power laws draw an expert's load with density x^-a, as the
// imported benchmark tables do; one_hot sends every token to the same top_k experts.
enum class Routing { balanced, power_law_1_01, power_law_1_2, one_hot };

// How a router scores. softmax: top_k of the probabilities, renormalised. grouped_sigmoid
// (DeepSeek-V3): sigmoid + bias chooses, first groups by their two best, then experts within the
// kept groups; the weight is the sigmoid without bias, renormalised and scaled by 2.5.
enum class RouterRule { softmax, grouped_sigmoid };

struct MoeShape {
  int hidden = 0, inner = 0, experts = 0, top_k = 0;
  int ep = 1;  // ranks that share the experts; each sends `tokens` tokens
  Routing routing = Routing::balanced;
  RouterRule rule = RouterRule::softmax;
  bool has_shared = false;  // one shared expert of the same inner size
};

// prefill: `context` new tokens per sequence. decode: `context` cached tokens per sequence.
// MLA decode: head_dim = rank + rope, value_dim = rank, kv_heads = 1.
struct AttentionShape {
  int heads = 0, kv_heads = 0, head_dim = 0, value_dim = 0;
  std::int64_t context = 0;
};

struct KernelCase {
  CaseKind kind = CaseKind::copy;
  std::string_view model{};  // whose shapes these are; empty: nobody's
  Format format = Format::bf16;
  std::int64_t tokens = 0;  // rows per rank; attention: sequences in the batch; copy: bytes
  MoeShape moe{};           // dense_gemm, rms_norm and quantize use hidden and inner alone
  AttentionShape attention{};
  int gpus = 1;  // collectives: of one node; tokens x hidden bf16 values per GPU
};

// "grouped_down/deepseek-v3/fp8/tokens=512/ep=8/power_law_1.2": the same for the same case in every
// version, different for different cases. The key of a row.
std::string name_of(const KernelCase& c);

// Everything the project wants measured, about 4,300 cases in a fixed order.
std::vector<KernelCase> all_cases();

// Smaller and odder ones that find mistakes: odd sizes, empty experts, one-hot routing, tails.
std::vector<KernelCase> correctness_cases();

// What is worth the first minutes: 0 ceilings and anchors of every kind, 1 the coarse grid (every
// fourth power of two, balanced and power law 1.2), 2 the rest.
int tier_of(const KernelCase& c);

// What one execution asks of a GPU, each operand moved once; link bytes leave the GPU.
struct CaseWork {
  Work flop;
  Bytes read, written, link;
};
CaseWork work_of(const KernelCase& c);

// Which measured ceiling of the same run bounds the case on a roofline.
enum class Ceiling { copy, dense_bf16, dense_fp8, link };
Ceiling ceiling_of(const KernelCase& c);

// What the kernel should reach on an H200 with random data; exactly one is set. A kernel below it
// is a weak instrument: its rows are marked and say more about us than about the chip. Nothing is
// asked of cases so small that starting them takes most of the time, nor of collectives.
struct Target {
  std::optional<Speed> speed;
  std::optional<Bandwidth> bandwidth;
};
std::optional<Target> target_of(const KernelCase& c);
bool is_weak(const KernelCase& c, Time measured);

}  // namespace jevons::calibration

namespace jevons {

template <>
inline constexpr std::array enum_names<calibration::CaseKind>{
    EnumName{calibration::CaseKind::copy, "copy"},
    EnumName{calibration::CaseKind::dense_gemm, "dense_gemm"},
    EnumName{calibration::CaseKind::router_gemm, "router_gemm"},
    EnumName{calibration::CaseKind::router_topk, "router_topk"},
    EnumName{calibration::CaseKind::dispatch, "dispatch"},
    EnumName{calibration::CaseKind::quantize, "quantize"},
    EnumName{calibration::CaseKind::grouped_gate_up, "grouped_gate_up"},
    EnumName{calibration::CaseKind::swiglu, "swiglu"},
    EnumName{calibration::CaseKind::grouped_down, "grouped_down"},
    EnumName{calibration::CaseKind::combine, "combine"},
    EnumName{calibration::CaseKind::shared_expert, "shared_expert"},
    EnumName{calibration::CaseKind::moe_layer, "moe_layer"},
    EnumName{calibration::CaseKind::prefill_attention, "prefill_attention"},
    EnumName{calibration::CaseKind::gqa_decode, "gqa_decode"},
    EnumName{calibration::CaseKind::mla_decode, "mla_decode"},
    EnumName{calibration::CaseKind::rms_norm, "rms_norm"},
    EnumName{calibration::CaseKind::all_reduce, "all_reduce"},
    EnumName{calibration::CaseKind::all_to_all, "all_to_all"},
};
template <>
inline constexpr std::array enum_names<calibration::Format>{
    EnumName{calibration::Format::bf16, "bf16"},
    EnumName{calibration::Format::fp8, "fp8"},
};
template <>
inline constexpr std::array enum_names<calibration::Routing>{
    EnumName{calibration::Routing::balanced, "balanced"},
    EnumName{calibration::Routing::power_law_1_01, "power_law_1.01"},
    EnumName{calibration::Routing::power_law_1_2, "power_law_1.2"},
    EnumName{calibration::Routing::one_hot, "one_hot"},
};

}  // namespace jevons
