#include "studies/fit_plan.h"

namespace jevons {

namespace {

using Knots = std::vector<double>;

const Knots unused{0};
const Knots flag{0, 1};

Knots every(int step, int first, int last) {
  Knots knots;
  for (int x = first; x <= last; x += step) knots.push_back(x);
  return knots;
}

FitPlan gemm_plan() {
  const Knots m{0, 4, 5, 6, 7, 8, 9, 10, 10.6, 11, 11.6, 12, 13, 15};
  const Knots sizes{5, 7, 9, 10, 11, 12, 13, 14, 16}, rows{0, 3, 4, 5, 6, 7, 8, 10, 12};
  const Knots fill{0.5, 0.75, 1}, tiles{5, 6, 7, 8, 9, 10, 11, 12}, columns{7, 10, 12, 14, 16};
  // Weights that fit in the cache are not read from memory again: an edge at a size n k.
  const Knots weights{10, 14,   17, 19,   20, 21,   22, 23, 23.5,
                      24, 24.5, 25, 25.5, 26, 26.5, 27, 28, 30};
  return {.uses_flop = true,
          .uses_bytes = true,
          .tiles = {1, 16, 32, 64, 128},
          .tables = {{{0, 1, 2}, {m, sizes, sizes}},
                     {{3, 0, 1}, {fill, tiles, columns}},
                     {{4, 0, 0}, {weights, rows, unused}}},
          .smoothness = 0.03};
}

FitPlan head_gemm_plan() {
  return {.uses_flop = true,
          .uses_bytes = true,
          .tables = {{{0, 1, 2}, {every(1, 0, 15), every(1, 0, 7), {-2, 2}}}}};
}

FitPlan moe_plan() {
  const Knots rows{0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12}, active{0, 1, 2, 4, 6, 8};
  const Knots inner{4, 6, 7, 8, 9, 10, 11, 12, 13, 14}, hidden{10, 11, 11.5, 12, 12.5, 13};
  const Knots variant{0, 1, 2}, tokens{0, 2, 4, 6, 8, 10, 12, 14}, local{0, 2, 4, 6, 8, 9};
  // Weights that fit in the cache are not read from memory again.
  const Knots weights{16, 20, 22, 23, 24, 25, 25.5, 26, 26.3, 26.6, 27, 27.5, 28, 30, 34};
  return {.uses_flop = true,
          .uses_bytes = true,
          .uses_items = true,
          .tiles = {1, 16, 32, 64, 128},
          .tables = {{{0, 1, 2}, {rows, active, inner}},
                     {{2, 3, 0}, {inner, hidden, rows}},
                     {{4, 5, 3}, {tokens, local, hidden}},
                     {{6, 0, 1}, {variant, rows, active}},
                     {{6, 4, 5}, {variant, tokens, local}},
                     {{6, 2, 3}, {variant, {6, 8, 10, 12, 14}, hidden}},
                     {{7, 0, 0}, {weights, {0, 2, 4, 6, 8, 10}, unused}}},
          .smoothness = 0.3};
}

FitPlan prefill_plan() {
  const Knots query{0, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}, rows = every(2, 0, 14);
  const Knots dims{6, 7, 7.585, 8, 9}, heads = every(1, 0, 7), past{0, 1, 2, 4, 7};
  const Knots kv_bytes{1, 2};
  return {.uses_flop = true,
          .uses_bytes = true,
          .tables = {{{0, 1, 2}, {query, rows, dims}},
                     {{0, 3, 4}, {query, heads, heads}},
                     {{5, 1, 2}, {past, rows, dims}},
                     {{6, 0, 1}, {kv_bytes, query, rows}},
                     {{7, 0, 1}, {flag, query, rows}},
                     {{6, 5, 0}, {kv_bytes, past, query}},
                     {{6, 7, 2}, {kv_bytes, flag, dims}},
                     {{7, 2, 0}, {flag, dims, query}},
                     {{6, 2, 1}, {kv_bytes, dims, rows}},
                     {{6, 3, 4}, {kv_bytes, heads, heads}},
                     {{7, 6, 0}, {flag, kv_bytes, query}},
                     {{7, 6, 1}, {flag, kv_bytes, rows}},
                     {{7, 3, 0}, {flag, heads, query}}},
          .smoothness = 0.03};
}

FitPlan decode_plan() {
  const Knots length{0, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17},
      rows = every(1, 0, 14);
  const Knots dims{6, 7, 7.585, 8, 9}, heads = every(1, 0, 7);
  const Knots window{0, 1, 2, 3, 5, 8, 11}, coarse{0, 5, 8, 9, 10, 11, 13, 17};
  return {.uses_flop = true,
          .uses_bytes = true,
          .tables = {{{0, 6, 4}, {length, rows, dims}},
                     {{0, 6, 2}, {length, rows, heads}},
                     {{3, 0, 2}, {heads, length, heads}},
                     {{7, 6, 0}, {window, rows, coarse}},
                     {{7, 1, 0}, {window, rows, coarse}},
                     {{5, 6, 0}, {flag, rows, length}},
                     {{5, 4, 0}, {flag, dims, coarse}},
                     {{3, 6, 0}, {heads, rows, coarse}},
                     {{0, 1, 0}, {length, every(1, 0, 18), {0}}}}};
}

FitPlan mla_prefill_plan() {
  const Knots query{0, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  return {.uses_flop = true,
          .uses_bytes = true,
          .tables = {{{0, 1, 2}, {query, every(1, 0, 15), every(2, 0, 8)}}},
          .smoothness = 0.03};
}

FitPlan mla_decode_plan() {
  const Knots length{0, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17};
  return {.uses_flop = true,
          .uses_bytes = true,
          .tables = {{{0, 1, 2}, {length, every(1, 0, 10), every(1, 0, 7)}}},
          .smoothness = 0.03};
}

FitPlan collective_plan() {
  return {.uses_link = true,
          .uses_items = true,
          .tables = {{{0, 1, 0}, {every(1, 8, 30), every(1, 1, 3), unused}}},
          .smoothness = 0.03,
          .pull = 0.01};
}

FitPlan exchange_plan() {
  const Knots tokens = every(1, 0, 17), nodes{0, 1, 2, 3}, sms{2, 3, 3.6, 4, 4.6};
  const Knots hidden{11, 12, 12.8}, top_k{0, 1, 2, 3, 3.5, 4.5}, few{0, 4, 8, 12, 17};
  const Knots experts{3, 4, 7, 8, 9};
  return {.uses_bytes = true,
          .tables = {{{0, 4, 5}, {tokens, nodes, sms}},
                     {{1, 2, 0}, {hidden, top_k, few}},
                     {{3, 2, 0}, {experts, top_k, few}}},
          .smoothness = 0.03};
}

}  // namespace

FitPlan fit_plan(KernelKind kind) {
  switch (kind) {
    case KernelKind::gemm:
      return gemm_plan();
    case KernelKind::head_gemm:
      return head_gemm_plan();
    case KernelKind::moe:
      return moe_plan();
    case KernelKind::prefill_attention:
      return prefill_plan();
    case KernelKind::decode_attention:
      return decode_plan();
    case KernelKind::mla_prefill:
      return mla_prefill_plan();
    case KernelKind::mla_decode:
      return mla_decode_plan();
    case KernelKind::all_reduce:
    case KernelKind::all_gather:
    case KernelKind::reduce_scatter:
    case KernelKind::all_to_all:
    case KernelKind::peer_all_reduce:
      return collective_plan();
    case KernelKind::dispatch:
    case KernelKind::combine:
    case KernelKind::dispatch_low_latency:
    case KernelKind::combine_low_latency:
      return exchange_plan();
    case KernelKind::elementwise: {
      FitPlan plan;
      plan.uses_bytes = true;
      return plan;
    }
    case KernelKind::point_to_point:
      break;
  }
  return {};
}

}  // namespace jevons
