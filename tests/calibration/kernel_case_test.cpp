#include "calibration/kernels/kernel_case.h"

#include <algorithm>
#include <set>

#include <doctest/doctest.h>

using namespace jevons;
using namespace jevons::calibration;

namespace {

constexpr MoeShape deepseek{.hidden = 7168, .inner = 2048, .experts = 256, .top_k = 8};

KernelCase a_gate_up(std::int64_t tokens, Format format = Format::bf16) {
  return {.kind = CaseKind::grouped_gate_up, .format = format, .tokens = tokens, .moe = deepseek};
}

std::set<std::string> names(const std::vector<KernelCase>& cases) {
  std::set<std::string> out;
  for (const KernelCase& c : cases) out.insert(name_of(c));
  return out;
}

}  // namespace

TEST_CASE("no two cases share a name") {
  const auto all = all_cases(), odd = correctness_cases();
  CHECK(names(all).size() == all.size());
  CHECK(names(odd).size() == odd.size());
  CHECK(all.size() > 2000);
}

TEST_CASE("every kind is measured and every kind is checked") {
  for (const auto& cases : {all_cases(), correctness_cases()}) {
    std::set<CaseKind> kinds;
    for (const KernelCase& c : cases) kinds.insert(c.kind);
    CHECK(kinds.size() == enum_names<CaseKind>.size());
  }
}

TEST_CASE("the models come with every token count and rank count and routing") {
  std::set<std::int64_t> tokens;
  std::set<int> ep;
  std::set<Routing> routing;
  std::set<std::string_view> models;
  for (const KernelCase& c : all_cases()) {
    if (c.kind != CaseKind::grouped_gate_up) continue;
    tokens.insert(c.tokens);
    ep.insert(c.moe.ep);
    routing.insert(c.moe.routing);
    models.insert(c.model);
  }
  CHECK(tokens.size() == 15);
  CHECK(*tokens.rbegin() == 16'384);
  CHECK(ep == std::set<int>{1, 8, 32});
  CHECK(routing.size() == 4);
  CHECK(models.size() == 4);
}

TEST_CASE("a grouped product counts its rows in flop and its active experts in bytes") {
  const CaseWork work = work_of(a_gate_up(1));
  CHECK(work.flop.in(unit::flop) == 2.0 * 8 * 4096 * 7168);
  CHECK(work.read.in(unit::B) == 8 * 4096 * 7168 * 2.0 + 8 * 7168 * 2.0);
  CHECK(work.written.in(unit::B) == 8 * 4096 * 2.0);
}

TEST_CASE("few tokens per expert are judged by bandwidth and many by speed") {
  CHECK(target_of(a_gate_up(64))->bandwidth == 3.8 * unit::TB / unit::s);
  CHECK(!target_of(a_gate_up(8192)));
  CHECK(target_of(a_gate_up(16'384))->speed == 600 * unit::TFLOP / unit::s);
  CHECK(target_of(a_gate_up(16'384, Format::fp8))->speed == 1000 * unit::TFLOP / unit::s);
  CHECK(ceiling_of(a_gate_up(64)) == Ceiling::copy);
  CHECK(ceiling_of(a_gate_up(16'384)) == Ceiling::dense_bf16);
}

TEST_CASE("a kernel below its target is a weak instrument and one above is not") {
  const KernelCase c = a_gate_up(16'384);
  const Time at_target = work_of(c).flop / (600 * unit::TFLOP / unit::s);
  CHECK(is_weak(c, 1.01 * at_target));
  CHECK(!is_weak(c, 0.99 * at_target));
}

TEST_CASE("the first tier is small and has a case of every kind but collectives") {
  const auto all = all_cases();
  std::set<CaseKind> kinds;
  int first = 0;
  for (const KernelCase& c : all) {
    if (tier_of(c) != 0) continue;
    ++first;
    kinds.insert(c.kind);
  }
  CHECK(first < 100);
  CHECK(kinds.size() + 2 >= enum_names<CaseKind>.size());
}

TEST_CASE("a layer is the sum of its parts") {
  KernelCase c{.kind = CaseKind::moe_layer, .tokens = 512, .moe = deepseek};
  Work flop = work_of(c).flop;
  for (const CaseKind part :
       {CaseKind::router_gemm, CaseKind::router_topk, CaseKind::dispatch, CaseKind::grouped_gate_up,
        CaseKind::swiglu, CaseKind::grouped_down, CaseKind::combine}) {
    c.kind = part;
    flop += -work_of(c).flop;
  }
  CHECK(flop.in(unit::flop) == doctest::Approx(0));
}
