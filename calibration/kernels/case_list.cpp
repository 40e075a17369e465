// The cases: published shapes of four expert models, and small odd ones that find mistakes.
// Shapes: config.json of deepseek-ai/DeepSeek-V3, Qwen/Qwen3-235B-A22B, mistralai/Mixtral-8x7B-v0.1
// and openai/gpt-oss-120b.
#include <algorithm>
#include <cmath>
#include <initializer_list>

#include "calibration/kernels/kernel_case.h"
#include "calibration/kernels/routing.h"

namespace jevons::calibration {

namespace {

using Cases = std::vector<KernelCase>;

struct Model {
  std::string_view name;
  MoeShape moe;
  AttentionShape prefill, decode;
  bool is_latent = false;
};

constexpr std::array models{
    Model{"deepseek-v3",
          {.hidden = 7168,
           .inner = 2048,
           .experts = 256,
           .top_k = 8,
           .rule = RouterRule::grouped_sigmoid,
           .has_shared = true},
          {.heads = 128, .kv_heads = 128, .head_dim = 192, .value_dim = 128},
          {.heads = 128, .kv_heads = 1, .head_dim = 576, .value_dim = 512},
          true},
    Model{"qwen3-235b-a22b",
          {.hidden = 4096, .inner = 1536, .experts = 128, .top_k = 8},
          {.heads = 64, .kv_heads = 4, .head_dim = 128, .value_dim = 128},
          {.heads = 64, .kv_heads = 4, .head_dim = 128, .value_dim = 128}},
    Model{"mixtral-8x7b",
          {.hidden = 4096, .inner = 14336, .experts = 8, .top_k = 2},
          {.heads = 32, .kv_heads = 8, .head_dim = 128, .value_dim = 128},
          {.heads = 32, .kv_heads = 8, .head_dim = 128, .value_dim = 128}},
    Model{"gpt-oss-120b",
          {.hidden = 2880, .inner = 2880, .experts = 128, .top_k = 4},
          {.heads = 64, .kv_heads = 8, .head_dim = 64, .value_dim = 64},
          {.heads = 64, .kv_heads = 8, .head_dim = 64, .value_dim = 64}}};

constexpr std::array routings{Routing::balanced, Routing::power_law_1_01, Routing::power_law_1_2,
                              Routing::one_hot};
constexpr std::array formats{Format::bf16, Format::fp8};
constexpr std::int64_t most_tokens = 16'384;
constexpr double most_bytes =
    60e9;  // operands of a case: more than a GPU of today holds beside others

// Everything that stays in memory: also the weights of experts that nobody chose.
double operand_bytes(const KernelCase& c) {
  const CaseWork work = work_of(c);
  const bool is_grouped = c.kind == CaseKind::grouped_gate_up || c.kind == CaseKind::grouped_down;
  const double matrices = c.kind == CaseKind::grouped_gate_up ? 2 : 1;
  const double weights = is_grouped ? matrices * c.moe.experts / c.moe.ep * c.moe.hidden *
                                          c.moe.inner * (c.format == Format::fp8 ? 1 : 2)
                                    : 0;
  return (work.read + work.written).in(unit::B) + weights;
}

void add(Cases& out, const KernelCase& c) {
  if (operand_bytes(c) <= most_bytes) out.push_back(c);
}

void add_grouped(Cases& out, const Model& model, std::int64_t tokens) {
  for (const CaseKind kind : {CaseKind::grouped_gate_up, CaseKind::grouped_down})
    for (const Format format : formats)
      for (const int ep : {1, 8, 32})
        for (const Routing routing : routings) {
          KernelCase c{.kind = kind,
                       .model = model.name,
                       .format = format,
                       .tokens = tokens,
                       .moe = model.moe};
          c.moe.ep = ep;
          c.moe.routing = routing;
          if (c.moe.experts % ep == 0) add(out, c);
        }
}

// The parts whose work follows from the tokens alone, and the layer as a whole.
void add_parts(Cases& out, const Model& model, std::int64_t tokens) {
  const KernelCase base{.model = model.name, .tokens = tokens, .moe = model.moe};
  const auto put = [&](CaseKind kind, Format format) {
    KernelCase c = base;
    c.kind = kind;
    c.format = format;
    add(out, c);
  };
  put(CaseKind::router_gemm, Format::bf16);
  put(CaseKind::router_topk, Format::bf16);
  put(CaseKind::combine, Format::bf16);
  put(CaseKind::rms_norm, Format::bf16);
  put(CaseKind::quantize, Format::fp8);
  for (const Format format : formats) {
    put(CaseKind::dispatch, format);
    put(CaseKind::swiglu, format);
    put(CaseKind::moe_layer, format);
    if (model.moe.has_shared) put(CaseKind::shared_expert, format);
  }
}

// Projections around attention, the language head, and two squares as ceilings.
void add_dense(Cases& out, std::int64_t tokens) {
  constexpr std::array<std::array<int, 2>, 10> in_out{{{8192, 8192},
                                                       {4096, 4096},
                                                       {7168, 2112},
                                                       {1536, 24'576},
                                                       {16'384, 7168},
                                                       {4096, 9216},
                                                       {8192, 4096},
                                                       {4096, 6144},
                                                       {2880, 5120},
                                                       {7168, 129'280}}};
  for (const auto [in, width] : in_out)
    for (const Format format : formats)
      add(out, {.kind = CaseKind::dense_gemm,
                .format = format,
                .tokens = tokens,
                .moe = {.hidden = in, .inner = width}});
}

void add_attention(Cases& out, const Model& model) {
  for (std::int64_t context = 128; context <= 131'072; context *= 2) {
    for (std::int64_t batch = 1; batch <= 256; batch *= 4) {
      KernelCase prefill{.kind = CaseKind::prefill_attention,
                         .model = model.name,
                         .tokens = batch,
                         .attention = model.prefill};
      prefill.attention.context = context;
      if (context * batch <= 32'768) add(out, prefill);
      KernelCase decode{.kind = model.is_latent ? CaseKind::mla_decode : CaseKind::gqa_decode,
                        .model = model.name,
                        .tokens = batch,
                        .attention = model.decode};
      decode.attention.context = context;
      if (context >= 512) add(out, decode);
    }
  }
}

void add_collectives(Cases& out, const Model& model, std::int64_t tokens) {
  for (const CaseKind kind : {CaseKind::all_reduce, CaseKind::all_to_all})
    for (const int gpus : {2, 4, 8})
      add(out, {.kind = kind,
                .model = model.name,
                .tokens = tokens,
                .moe = {.hidden = model.moe.hidden},
                .gpus = gpus});
}

bool is_grouped(CaseKind kind) {
  return kind == CaseKind::grouped_gate_up || kind == CaseKind::grouped_down;
}

bool is_elementwise(CaseKind kind) {
  return kind == CaseKind::quantize || kind == CaseKind::swiglu || kind == CaseKind::combine ||
         kind == CaseKind::rms_norm || kind == CaseKind::dispatch;
}

bool is_attention(CaseKind kind) {
  return kind == CaseKind::prefill_attention || kind == CaseKind::gqa_decode ||
         kind == CaseKind::mla_decode;
}

bool is_anchor(const KernelCase& c) {
  if (c.kind == CaseKind::copy) return c.tokens >= 1 << 28;
  if (is_attention(c.kind)) return c.tokens * c.attention.context == 32'768 && c.tokens >= 4;
  if (c.kind == CaseKind::dense_gemm)
    return c.moe.hidden == 8192 && c.moe.inner == 8192 && c.tokens == 8192;
  const bool is_first_model = c.model == models.front().name;
  return is_first_model && c.moe.routing == Routing::balanced && c.moe.ep != 32 &&
         (c.tokens == 64 || c.tokens == 4096);
}

Target speed(double tflops) {
  return {.speed = tflops * unit::TFLOP / unit::s, .bandwidth = std::nullopt};
}
Target bandwidth(double tbs) {
  return {.speed = std::nullopt, .bandwidth = tbs * unit::TB / unit::s};
}

// At 512 and more rows per expert the products decide, at 64 and fewer the weights; between them
// both do, and nothing is asked.
std::optional<Target> grouped_target(const KernelCase& c, Bytes moved) {
  const LocalLoad load = local_load(c.moe, c.tokens);
  if (load.rows >= 512 * load.active) return speed(c.format == Format::fp8 ? 1000 : 600);
  if (load.rows <= 64 * load.active && moved >= 256 * unit::MB) return bandwidth(3.8);
  return std::nullopt;
}

}  // namespace

std::vector<KernelCase> all_cases() {
  Cases out;
  for (std::int64_t bytes = 1 << 20; bytes <= std::int64_t{1} << 32; bytes *= 4)
    add(out, {.kind = CaseKind::copy, .tokens = bytes});
  for (std::int64_t tokens = 1; tokens <= most_tokens; tokens *= 2) {
    add_dense(out, tokens);
    for (const Model& model : models) {
      add_parts(out, model, tokens);
      add_grouped(out, model, tokens);
      add_collectives(out, model, tokens);
    }
  }
  for (const Model& model : models) add_attention(out, model);
  return out;
}

int tier_of(const KernelCase& c) {
  if (is_anchor(c)) return 0;
  const bool is_coarse_routing =
      c.moe.routing == Routing::balanced || c.moe.routing == Routing::power_law_1_2;
  const std::int64_t size = is_attention(c.kind) ? c.tokens * c.attention.context : c.tokens;
  const auto octave = static_cast<int>(std::lround(std::log2(static_cast<double>(size))));
  return is_coarse_routing && octave % 4 == 0 ? 1 : 2;
}

Ceiling ceiling_of(const KernelCase& c) {
  if (c.gpus > 1) return Ceiling::link;
  // The ridge of an H200: 740 (fp8: 1,000) TFLOP/s over 4.1 TB/s. Source: the targets below.
  const CaseWork work = work_of(c);
  const bool is_fp8 = c.format == Format::fp8;
  const double ridge = (is_fp8 ? 1000 : 740) / 4.1;
  const bool is_compute = work.flop.in(unit::flop) > ridge * (work.read + work.written).in(unit::B);
  if (!is_compute) return Ceiling::copy;
  return is_fp8 ? Ceiling::dense_fp8 : Ceiling::dense_bf16;
}

std::optional<Target> target_of(const KernelCase& c) {
  const CaseWork work = work_of(c);
  const Bytes moved = work.read + work.written;
  const bool is_large = moved >= 256 * unit::MB;  // 60 us at 4 TB/s, ten launches' worth
  if (is_grouped(c.kind)) return grouped_target(c, moved);
  if (c.kind == CaseKind::copy && is_large) return bandwidth(4.1);
  if (is_elementwise(c.kind) && is_large) return bandwidth(3.8);
  if (c.kind == CaseKind::gqa_decode && is_large) return bandwidth(3.6);
  if (c.kind == CaseKind::mla_decode && work.flop >= 0.1 * unit::TFLOP) return speed(450);
  if (c.kind == CaseKind::prefill_attention && c.attention.context >= 4096) return speed(550);
  const bool is_big = std::min<std::int64_t>({c.tokens, c.moe.hidden, c.moe.inner}) >= 4096;
  if (c.kind == CaseKind::dense_gemm && is_big) return speed(c.format == Format::fp8 ? 1000 : 740);
  return std::nullopt;
}

bool is_weak(const KernelCase& c, Time measured) {
  const std::optional<Target> target = target_of(c);
  if (!target) return false;
  const CaseWork work = work_of(c);
  if (target->speed) return work.flop / measured < *target->speed;
  return (work.read + work.written) / measured < *target->bandwidth;
}

}  // namespace jevons::calibration
