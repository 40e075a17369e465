#include "models/llm/kernel_shape.h"

#include <algorithm>
#include <cmath>

#include "sim/ensure.h"

namespace jevons {

namespace {

double log2_of(double x) {
  return std::log2(std::max(x, 1.0));
}

double rounded_up(double rows, double tile) {
  return std::ceil(rows / tile) * tile;
}

// Mean of the largest of 2^j standard normal values, j = 0..8. Source: Harter 1961,
// doi:10.1093/biomet/48.1-2.151.
constexpr std::array mean_largest{0.0,    0.5642, 1.0294, 1.4236, 1.7660,
                                  2.0697, 2.3437, 2.5945, 2.8269};

double mean_largest_of(int ranks) {
  const double x = std::min(log2_of(ranks), 7.999);
  const auto i = static_cast<std::size_t>(x);
  const double f = x - static_cast<double>(i);
  return mean_largest[i] * (1 - f) + mean_largest[i + 1] * f;
}

template <class AnyKernel>
KernelShape worked(const AnyKernel& kernel) {
  KernelShape s;
  s.work = work_of(kernel);
  s.exact_flop = s.work.flop;
  return s;
}

KernelShape shape(const Gemm& g, double tile) {
  const Gemm padded{g.precision, rounded_up(g.m, tile), g.n, g.k};
  KernelShape s = worked(g);
  s.work.flop = work_of(padded).flop;
  constexpr double fill_rows = 128;
  s.at = {log2_of(g.m), log2_of(g.n), log2_of(g.k), g.m / rounded_up(g.m, fill_rows),
          log2_of(g.n * g.k)};
  return s;
}

KernelShape shape(const MoeLayer& l, double tile) {
  const ExpertLoad load = load_of(l);
  const double inner = static_cast<double>(l.inner) / l.tp;
  const double matrix = l.hidden * inner * (l.gated ? 3 : 2);
  // Each active expert's last tile is half empty on average.
  const double rows = load.pairs + load.active * (tile - 1) / 2;
  const double activations = load.pairs * 2 * (4.0 * l.hidden + 4 * inner);
  const double weights = load.active * matrix * bytes_per_element(l.precision);
  KernelShape s{.work = {2 * rows * matrix, weights + activations, 0},
                .exact_flop = 2 * load.pairs * matrix,
                .items = load.active};
  s.at = {log2_of(load.pairs / load.active),
          log2_of(load.active),
          log2_of(inner),
          log2_of(l.hidden),
          log2_of(l.tokens),
          log2_of(static_cast<double>(l.experts) / l.ep),
          l.kernel == MoeKernel::low_latency ? low_latency_variant : (l.gated ? 1.0 : 0.0),
          log2_of(weights)};
  return s;
}

KernelShape shape(const PrefillAttention& a, double) {
  KernelShape s = worked(a);
  const double seen = a.prefix + a.query;
  const bool cut = a.window > 0 && a.window < seen;
  s.at = {log2_of(a.query),        log2_of(a.batch * a.heads),
          log2_of(a.head_dim),     log2_of(static_cast<double>(a.heads) / a.kv_heads),
          log2_of(a.kv_heads),     cut ? log2_of(seen / a.window) : 0.0,
          bytes_per_element(a.kv), a.window > 0 ? 1.0 : 0.0};
  return s;
}

KernelShape shape(const DecodeAttention& a, double) {
  KernelShape s = worked(a);
  const double length = a.kv_tokens / a.batch, group = static_cast<double>(a.heads) / a.kv_heads;
  constexpr double widest_group = 32;  // heads that kernels let share one pass over the cache
  s.at = {log2_of(length),
          log2_of(a.batch * a.heads),
          log2_of(a.kv_heads),
          log2_of(group),
          log2_of(a.head_dim),
          group > widest_group ? 1.0 : 0.0,
          log2_of(a.batch * a.kv_heads),
          a.windowed ? 1 + log2_of(a.context / length) : 0.0};
  return s;
}

KernelShape shape(const MlaPrefill& a, double) {
  KernelShape s = worked(a);
  s.at = {log2_of(a.query), log2_of(a.batch * a.heads), log2_of(a.batch)};
  return s;
}

KernelShape shape(const MlaDecode& a, double) {
  KernelShape s = worked(a);
  s.at = {log2_of(a.kv_tokens / a.batch), log2_of(a.batch), log2_of(a.heads),
          log2_of(a.batch * a.heads)};
  return s;
}

KernelShape shape(const HeadGemm& g, double) {
  KernelShape s = worked(g);
  s.at = {log2_of(g.tokens), log2_of(g.heads), std::log2(static_cast<double>(g.in) / g.out)};
  return s;
}

KernelShape shape(const Elementwise& e, double) {
  KernelShape s = worked(e);
  s.at = {log2_of(e.bytes)};
  return s;
}

KernelShape shape(const Collective& c, double) {
  KernelShape s = worked(c);
  s.items = c.gpus - 1;
  s.crosses_nodes = c.gpus > c.per_node;
  s.at = {log2_of(c.bytes), log2_of(c.gpus)};
  return s;
}

KernelShape shape(const ExpertExchange& x, double) {
  const double nodes = std::ceil(static_cast<double>(x.gpus) / x.per_node);
  KernelShape s = worked(x);
  s.items = x.gpus - 1;
  s.crosses_nodes = x.gpus > x.per_node;
  s.at = {log2_of(x.tokens),  log2_of(x.hidden), log2_of(x.top_k),
          log2_of(x.experts), log2_of(nodes),    log2_of(x.sms)};
  return s;
}

KernelShape shape(const PointToPoint& p, double) {
  KernelShape s = worked(p);
  s.items = 1;
  s.crosses_nodes = p.crosses_nodes;
  s.at = {log2_of(p.bytes)};
  return s;
}

}  // namespace

KernelShape shape_of(const Kernel& kernel, double tile) {
  return std::visit([tile](const auto& k) { return shape(k, tile); }, kernel);
}

ExpertLoad load_of(const MoeLayer& l) {
  if (l.load.pairs > 0) return l.load;
  ensure(l.skew == 0, "a skewed expert layer carries its load");
  const double local = static_cast<double>(l.experts) / l.ep;
  const double mean = l.tokens * l.top_k / l.ep;
  if (l.even) return {mean, std::clamp(mean, 1.0, local)};
  const double spread = std::sqrt(mean * (1 - 1.0 / l.ep));
  const double pairs =
      std::min(mean + mean_largest_of(l.ep) * spread, l.tokens * std::min<double>(l.top_k, local));
  return {pairs, std::max(1.0, -local * std::expm1(-pairs / local))};
}

}  // namespace jevons
