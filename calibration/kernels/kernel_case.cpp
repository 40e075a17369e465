#include "calibration/kernels/kernel_case.h"

#include <cmath>

#include "calibration/kernels/routing.h"

namespace jevons::calibration {

namespace {

bool has_routing(CaseKind kind) {
  return kind == CaseKind::dispatch || kind == CaseKind::grouped_gate_up ||
         kind == CaseKind::swiglu || kind == CaseKind::grouped_down || kind == CaseKind::moe_layer;
}

bool is_attention(CaseKind kind) {
  return kind == CaseKind::prefill_attention || kind == CaseKind::gqa_decode ||
         kind == CaseKind::mla_decode;
}

double element(Format format) {
  return format == Format::fp8 ? 1 : 2;
}

// Bytes of n values with their scales: one f32 for every 128.
double stored(Format format, double n) {
  return format == Format::fp8 ? n * (1 + 4.0 / 128) : 2 * n;
}

// Plain numbers while adding up; quantities at the border.
struct Count {
  double flop = 0, read = 0, written = 0, link = 0;
};

Count operator+(Count a, Count b) {
  return {a.flop + b.flop, a.read + b.read, a.written + b.written, a.link + b.link};
}

// y[m, n] = x[m, k] w[n, k]^T of which `matrices` different w are read.
Count product(Format format, double m, double n, double k, double matrices, double out_bytes) {
  return {2 * m * n * k, stored(format, m * k) + matrices * n * k * element(format),
          m * n * out_bytes, 0};
}

Count grouped(const KernelCase& c, double n, double k) {
  const LocalLoad load = local_load(c.moe, c.tokens);
  return product(c.format, static_cast<double>(load.rows), n, k, static_cast<double>(load.active),
                 2);
}

Count activated(Format format, double rows, double inner) {
  return {5 * rows * inner, 4 * rows * inner, stored(format, rows * inner), 0};
}

Count shared(const KernelCase& c) {
  const double t = static_cast<double>(c.tokens), h = c.moe.hidden, i = c.moe.inner;
  return product(c.format, t, 2 * i, h, 1, 2) + activated(c.format, t, i) +
         product(c.format, t, h, i, 1, 2);
}

// The parts' work, summed: what moe_layer runs, in its order.
Count layer(const KernelCase& c);

Count attention(const KernelCase& c) {
  const AttentionShape& a = c.attention;
  const auto batch = static_cast<double>(c.tokens), ctx = static_cast<double>(a.context);
  const double dims = a.head_dim + a.value_dim;
  if (c.kind == CaseKind::prefill_attention) {
    const double pairs = ctx * (ctx + 1) / 2;
    return {2 * batch * a.heads * pairs * dims,
            2 * batch * ctx * (a.heads * a.head_dim + a.kv_heads * dims),
            2 * batch * ctx * a.heads * a.value_dim, 0};
  }
  // The latent row of MLA is key and value at once and is read once.
  const double cached = c.kind == CaseKind::mla_decode ? a.head_dim : a.kv_heads * dims;
  return {2 * batch * a.heads * ctx * dims, 2 * batch * (ctx * cached + a.heads * a.head_dim),
          2 * batch * a.heads * a.value_dim, 0};
}

Count collective(const KernelCase& c) {
  const double bytes = 2.0 * static_cast<double>(c.tokens) * c.moe.hidden, g = c.gpus;
  const double factor = c.kind == CaseKind::all_reduce ? 2 : 1;
  return {0, bytes, bytes, factor * (g - 1) / g * bytes};
}

Count count_of(const KernelCase& c) {
  const double t = static_cast<double>(c.tokens), h = c.moe.hidden, i = c.moe.inner;
  const double experts = c.moe.experts, k = c.moe.top_k;
  switch (c.kind) {
    case CaseKind::copy:
      return {0, t, t, 0};
    case CaseKind::dense_gemm:
      return product(c.format, t, i, h, 1, 2);
    case CaseKind::router_gemm:
      return product(Format::bf16, t, experts, h, 1, 4);
    case CaseKind::router_topk:
      return {4 * t * experts, 4 * t * experts, 8 * t * k, 0};
    case CaseKind::dispatch:
      return {0, stored(c.format, t * h) + 8 * t * k, stored(c.format, t * k * h) + 4 * t * k, 0};
    case CaseKind::quantize:
      return {3 * t * h, 2 * t * h, stored(Format::fp8, t * h), 0};
    case CaseKind::grouped_gate_up:
      return grouped(c, 2 * i, h);
    case CaseKind::swiglu:
      return activated(c.format, static_cast<double>(local_load(c.moe, c.tokens).rows), i);
    case CaseKind::grouped_down:
      return grouped(c, h, i);
    case CaseKind::combine:
      return {2 * t * k * h, 2 * t * k * h + 8 * t * k, 2 * t * h, 0};
    case CaseKind::shared_expert:
      return shared(c);
    case CaseKind::moe_layer:
      return layer(c);
    case CaseKind::rms_norm:
      return {4 * t * h, 2 * t * h + 2 * h, 2 * t * h, 0};
    case CaseKind::prefill_attention:
    case CaseKind::gqa_decode:
    case CaseKind::mla_decode:
      return attention(c);
    case CaseKind::all_reduce:
    case CaseKind::all_to_all:
      return collective(c);
  }
  return {};
}

Count layer(const KernelCase& c) {
  Count sum;
  for (const CaseKind kind :
       {CaseKind::router_gemm, CaseKind::router_topk, CaseKind::dispatch, CaseKind::grouped_gate_up,
        CaseKind::swiglu, CaseKind::grouped_down, CaseKind::combine}) {
    KernelCase part = c;
    part.kind = kind;
    sum = sum + count_of(part);
  }
  if (c.format == Format::fp8) {
    // Rows are quantised once per token, before they are copied to their experts.
    KernelCase part = c;
    part.kind = CaseKind::quantize;
    sum = sum + count_of(part);
  }
  if (c.moe.has_shared) sum = sum + shared(c);
  return sum;
}

std::string number(std::string_view key, std::int64_t value) {
  return "/" + std::string{key} + "=" + std::to_string(value);
}

}  // namespace

std::string name_of(const KernelCase& c) {
  std::string name{jevons::name_of(c.kind)};
  if (!c.model.empty()) name += "/" + std::string{c.model};
  name += "/" + std::string{jevons::name_of(c.format)};
  name += number(c.kind == CaseKind::copy ? "bytes" : "tokens", c.tokens);
  if (is_attention(c.kind)) {
    const AttentionShape& a = c.attention;
    return name + number("context", a.context) + number("heads", a.heads) +
           number("kv_heads", a.kv_heads) + number("dim", a.head_dim) +
           number("value_dim", a.value_dim);
  }
  if (c.moe.hidden > 0) name += number("hidden", c.moe.hidden);
  if (c.moe.inner > 0) name += number("inner", c.moe.inner);
  if (c.moe.experts > 0) name += number("experts", c.moe.experts) + number("top_k", c.moe.top_k);
  if (has_routing(c.kind))
    name += number("ep", c.moe.ep) + "/" + std::string{jevons::name_of(c.moe.routing)};
  if (c.gpus > 1) name += number("gpus", c.gpus);
  return name;
}

CaseWork work_of(const KernelCase& c) {
  const Count n = count_of(c);
  return {n.flop * unit::flop, n.read * unit::B, n.written * unit::B, n.link * unit::B};
}

}  // namespace jevons::calibration
