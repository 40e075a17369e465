#include "models/llm/kernel.h"

#include <algorithm>
#include <cmath>

namespace jevons {

namespace {

KernelWork of(const Gemm& g) {
  const double e = bytes_per_element(g.precision);
  return {2 * g.m * g.n * g.k, e * (g.m * g.k + g.n * g.k) + 2 * g.m * g.n, 0};
}

KernelWork of(const MoeLayer& l) {
  const double pairs = l.tokens * l.top_k / l.ep;  // (token, expert) visits on this GPU
  const double inner = static_cast<double>(l.inner) / l.tp;
  const double active = expected_active_experts(l.tokens, l.experts, l.top_k, l.ep);
  const double matrices = l.gated ? 3 : 2;
  const double weights = active * matrices * l.hidden * inner * bytes_per_element(l.precision);
  // Activations: read and write of the permuted rows, gate|up, product, down, combine; bf16.
  const double activations = pairs * 2 * (4.0 * l.hidden + 4 * inner);
  return {pairs * 2 * matrices * l.hidden * inner, weights + activations, 0};
}

KernelWork of(const PrefillAttention& a) {
  const double pairs = a.batch * attended_pairs(a.query, a.prefix, a.window);
  const double seen =
      a.window > 0 ? std::min(a.prefix + a.query, a.window + a.query) : a.prefix + a.query;
  const double io =
      a.batch * a.head_dim *
      (2.0 * 2 * a.heads * a.query + 2.0 * a.kv_heads * seen * bytes_per_element(a.kv));
  return {4 * pairs * a.heads * a.head_dim, io, 0};
}

KernelWork of(const DecodeAttention& a) {
  const double io = a.kv_tokens * 2 * a.kv_heads * a.head_dim * bytes_per_element(a.kv) +
                    a.batch * 2 * 2 * a.heads * a.head_dim;
  return {4 * a.kv_tokens * a.heads * a.head_dim, io, 0};
}

KernelWork of(const MlaPrefill& a) {
  const double pairs = a.batch * attended_pairs(a.query, a.prefix, 0);
  const double per_head = a.nope_dim + a.rope_dim + a.value_dim;
  const double io =
      a.batch * 2.0 * a.heads * (per_head * (a.prefix + a.query) + (per_head)*a.query);
  return {2 * pairs * a.heads * per_head, io, 0};
}

KernelWork of(const MlaDecode& a) {
  const double row = a.kv_rank + a.rope_dim;
  const double io =
      a.kv_tokens * row * bytes_per_element(a.kv) + a.batch * 2 * a.heads * (row + a.kv_rank);
  return {2 * a.kv_tokens * a.heads * (row + a.kv_rank), io, 0};
}

KernelWork of(const HeadGemm& g) {
  const double e = bytes_per_element(g.precision);
  const double weights = static_cast<double>(g.in) * g.out * g.heads;
  return {2 * g.tokens * weights, e * weights + 2 * g.tokens * g.heads * (g.in + g.out), 0};
}

KernelWork of(const Elementwise& e) {
  return {0, e.bytes, 0};
}

KernelWork of(const Collective& c) {
  const double share = c.gpus > 1 ? static_cast<double>(c.gpus - 1) / c.gpus : 0.0;
  const bool reduces =
      c.kind == CollectiveKind::all_reduce || c.kind == CollectiveKind::peer_all_reduce;
  const double factor = reduces ? 2.0 : 1.0;
  return {0, 2 * factor * share * c.bytes, factor * share * c.bytes};
}

KernelWork of(const ExpertExchange& x) {
  const double share = x.gpus > 1 ? static_cast<double>(x.gpus - 1) / x.gpus : 0.0;
  const double bytes = x.tokens * x.top_k * x.hidden * bytes_per_element(x.precision);
  return {0, 2 * bytes, share * bytes};
}

KernelWork of(const PointToPoint& p) {
  return {0, 2 * p.bytes, p.bytes};
}

}  // namespace

KernelKind kind_of(const Kernel& kernel) {
  struct Visitor {
    KernelKind operator()(const Gemm&) const { return KernelKind::gemm; }
    KernelKind operator()(const MoeLayer&) const { return KernelKind::moe; }
    KernelKind operator()(const PrefillAttention&) const { return KernelKind::prefill_attention; }
    KernelKind operator()(const DecodeAttention&) const { return KernelKind::decode_attention; }
    KernelKind operator()(const MlaPrefill&) const { return KernelKind::mla_prefill; }
    KernelKind operator()(const MlaDecode&) const { return KernelKind::mla_decode; }
    KernelKind operator()(const HeadGemm&) const { return KernelKind::head_gemm; }
    KernelKind operator()(const Elementwise&) const { return KernelKind::elementwise; }
    KernelKind operator()(const Collective& c) const {
      switch (c.kind) {
        case CollectiveKind::all_reduce:
          return KernelKind::all_reduce;
        case CollectiveKind::all_gather:
          return KernelKind::all_gather;
        case CollectiveKind::reduce_scatter:
          return KernelKind::reduce_scatter;
        case CollectiveKind::all_to_all:
          return KernelKind::all_to_all;
        case CollectiveKind::peer_all_reduce:
          return KernelKind::peer_all_reduce;
      }
      return KernelKind::all_reduce;
    }
    KernelKind operator()(const ExpertExchange& x) const {
      if (x.phase == ExchangePhase::dispatch)
        return x.low_latency ? KernelKind::dispatch_low_latency : KernelKind::dispatch;
      return x.low_latency ? KernelKind::combine_low_latency : KernelKind::combine;
    }
    KernelKind operator()(const PointToPoint&) const { return KernelKind::point_to_point; }
  };
  return std::visit(Visitor{}, kernel);
}

Precision precision_of(const Kernel& kernel) {
  struct Visitor {
    Precision operator()(const Gemm& g) const { return g.precision; }
    Precision operator()(const MoeLayer& l) const { return l.precision; }
    Precision operator()(const PrefillAttention& a) const { return a.math; }
    Precision operator()(const DecodeAttention& a) const { return a.kv; }
    Precision operator()(const MlaPrefill& a) const { return a.kv; }
    Precision operator()(const MlaDecode& a) const { return a.kv; }
    Precision operator()(const HeadGemm& g) const { return g.precision; }
    Precision operator()(const Elementwise&) const { return Precision::bf16; }
    Precision operator()(const Collective&) const { return Precision::bf16; }
    Precision operator()(const ExpertExchange& x) const { return x.precision; }
    Precision operator()(const PointToPoint&) const { return Precision::bf16; }
  };
  return std::visit(Visitor{}, kernel);
}

KernelWork work_of(const Kernel& kernel) {
  return std::visit([](const auto& k) { return of(k); }, kernel);
}

double expected_active_experts(double tokens, int experts, int top_k, int ep) {
  const double local = static_cast<double>(experts) / ep;
  const double miss = 1.0 - static_cast<double>(top_k) / experts;
  if (miss <= 0) return tokens > 0 ? local : 0.0;
  return local * -std::expm1(tokens * std::log(miss));
}

double attended_pairs(double query, double prefix, int window) {
  const double all = query * prefix + query * (query + 1) / 2;
  if (window <= 0) return all;
  const double w = window;
  if (prefix >= w) return query * w;
  const double growing = std::min(query, std::max(0.0, w - prefix));
  return growing * prefix + growing * (growing + 1) / 2 + (query - growing) * w;
}

}  // namespace jevons
