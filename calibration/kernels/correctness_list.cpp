// Small cases that find mistakes: one row, rows beside tile edges, experts without work, all work
// on few experts, widths that no tile divides, contexts that no block divides.
#include "calibration/kernels/kernel_case.h"

namespace jevons::calibration {

namespace {

using Cases = std::vector<KernelCase>;

constexpr std::array routings{Routing::balanced, Routing::power_law_1_01, Routing::power_law_1_2,
                              Routing::one_hot};
constexpr std::array formats{Format::bf16, Format::fp8};

// Widths are multiples of 16, as tensor maps ask; 208, 336 and 2880 are no multiples of a tile.
constexpr std::array shapes{
    MoeShape{.hidden = 256, .inner = 128, .experts = 8, .top_k = 2},
    MoeShape{.hidden = 208, .inner = 336, .experts = 5, .top_k = 3},
    MoeShape{.hidden = 2880, .inner = 2880, .experts = 4, .top_k = 1},
    MoeShape{.hidden = 1024,
             .inner = 512,
             .experts = 256,
             .top_k = 8,
             .rule = RouterRule::grouped_sigmoid,
             .has_shared = true},
};
// Around the tiles of 64 and 128 rows and the chunks of the counting sort.
constexpr std::array<std::int64_t, 7> tokens_of{1, 3, 63, 65, 129, 257, 1025};

void add_moe(Cases& out, const MoeShape& shape, std::int64_t tokens) {
  for (const CaseKind kind : {CaseKind::dispatch, CaseKind::grouped_gate_up, CaseKind::swiglu,
                              CaseKind::grouped_down, CaseKind::moe_layer})
    for (const Format format : formats)
      for (const Routing routing : routings) {
        KernelCase c{.kind = kind, .format = format, .tokens = tokens, .moe = shape};
        c.moe.routing = routing;
        out.push_back(c);
      }
  for (const CaseKind kind :
       {CaseKind::router_gemm, CaseKind::router_topk, CaseKind::combine, CaseKind::rms_norm})
    out.push_back({.kind = kind, .tokens = tokens, .moe = shape});
  out.push_back(
      {.kind = CaseKind::quantize, .format = Format::fp8, .tokens = tokens, .moe = shape});
  for (const Format format : formats) {
    if (shape.has_shared)
      out.push_back(
          {.kind = CaseKind::shared_expert, .format = format, .tokens = tokens, .moe = shape});
    out.push_back({.kind = CaseKind::dense_gemm,
                   .format = format,
                   .tokens = tokens,
                   .moe = {.hidden = shape.hidden, .inner = shape.inner}});
  }
}

void add_local_experts(Cases& out) {
  for (const Format format : formats)
    for (const Routing routing : routings)
      out.push_back({.kind = CaseKind::grouped_gate_up,
                     .format = format,
                     .tokens = 77,
                     .moe = {.hidden = 512,
                             .inner = 256,
                             .experts = 32,
                             .top_k = 4,
                             .ep = 8,
                             .routing = routing}});
}

void add_attention(Cases& out) {
  constexpr std::array grouped{
      AttentionShape{.heads = 32, .kv_heads = 8, .head_dim = 128, .value_dim = 128},
      AttentionShape{.heads = 64, .kv_heads = 4, .head_dim = 128, .value_dim = 128},
      AttentionShape{.heads = 16, .kv_heads = 2, .head_dim = 64, .value_dim = 64}};
  constexpr AttentionShape latent{.heads = 128, .kv_heads = 1, .head_dim = 576, .value_dim = 512};
  constexpr AttentionShape latent_prefill{
      .heads = 4, .kv_heads = 4, .head_dim = 192, .value_dim = 128};
  const auto put = [&out](CaseKind kind, AttentionShape shape, std::int64_t batch,
                          std::int64_t context) {
    shape.context = context;
    out.push_back({.kind = kind, .tokens = batch, .attention = shape});
  };
  for (const std::int64_t context : {1, 5, 63, 64, 65, 200, 1023, 4097})
    for (const std::int64_t batch : {1, 3}) {
      put(CaseKind::mla_decode, latent, batch, context);
      for (const AttentionShape& shape : grouped) put(CaseKind::gqa_decode, shape, batch, context);
    }
  for (const std::int64_t context : {64, 200, 513}) {
    put(CaseKind::prefill_attention, latent_prefill, 2, context);
    for (const AttentionShape& shape : grouped) put(CaseKind::prefill_attention, shape, 2, context);
  }
}

}  // namespace

std::vector<KernelCase> correctness_cases() {
  Cases out;
  for (const std::int64_t bytes : {16, 4096, 1'000'016})
    out.push_back({.kind = CaseKind::copy, .tokens = bytes});
  for (const MoeShape& shape : shapes)
    for (const std::int64_t tokens : tokens_of) add_moe(out, shape, tokens);
  add_local_experts(out);
  add_attention(out);
  for (const CaseKind kind : {CaseKind::all_reduce, CaseKind::all_to_all})
    out.push_back({.kind = kind, .tokens = 96, .moe = {.hidden = 256}, .gpus = 2});
  return out;
}

}  // namespace jevons::calibration
