// What the kernels of a layer cost in time and energy, and the communication around them.
#include "models/jobs/training/layer_pass.h"

#include <algorithm>
#include <cmath>

#include "models/jobs/training/collectives.h"

namespace jevons {

namespace {

constexpr double bf16 = 2.0;  // bytes of an element

// Kernels that the host launches for one of ours. An expert layer sorts, counts and permutes tokens
// around its products, and in training multiplies and casts expert by expert.
// Source of the latter: GroupedLinear of Transformer Engine 2.x, one product per expert on several
// streams.
constexpr double assumed_expert_launches = 10;
double launches(const TrainingSetup& s, const Kernel& kernel) {
  if (s.graphs == GraphCapture::layers) return 0;
  const auto* experts = std::get_if<MoeLayer>(&kernel);
  if (experts == nullptr) return s.graphs == GraphCapture::none ? 1 : 0;
  constexpr double products = 2;
  const double each = is_narrow(s.precision) ? 2 : 1;  // with a cast
  return assumed_expert_launches + products * each * experts->experts / experts->ep;
}

bool is_flash(const Kernel& kernel) {
  return std::holds_alternative<PrefillAttention>(kernel) ||
         std::holds_alternative<MlaPrefill>(kernel);
}

double stack_slowdown(const TrainingStack& stack, const Kernel& kernel) {
  if (std::holds_alternative<MoeLayer>(kernel)) return stack.slowdown * stack.expert_slowdown;
  return stack.slowdown * (is_flash(kernel) ? stack.attention_slowdown : 1);
}

struct Price {
  PassCost cost;
  bool extrapolated = false;
};

Price price(const TrainingSetup& s, const TrainingKernels& kernels) {
  Price p;
  double launched = 0;
  for (const TrainingKernel& k : kernels) {
    const KernelTime t = kernel_time(s.hardware->time, k.kernel);
    p.cost.seconds += k.count * k.slow_down * t.seconds * stack_slowdown(s.stack, k.kernel);
    p.extrapolated |= t.extrapolated && !std::holds_alternative<Elementwise>(k.kernel);
    const DynamicJoules e = dynamic_joules(s.hardware->energy, k.kernel);
    p.cost.arithmetic_joules += k.count * e.arithmetic;
    p.cost.other_joules += k.count * e.other;
    if (k.share > 0) launched += k.share * std::ceil(k.count / k.share) * launches(s, k.kernel);
  }
  p.cost.seconds = std::max(p.cost.seconds, launched * s.stack.host_per_kernel_s);
  return p;
}

// One all-gather and one reduce-scatter around a block, or one all-reduce without sequence
// parallelism; measured laws inside a scale-up domain, the closed form beyond it.
double tensor_seconds(const TrainingSetup& s, CollectiveKind kind) {
  const int tp = s.layout.tp;
  const double bytes = tokens_of(s) * s.model.hidden * bf16;
  if (tp > s.fabric.domain()) return collective_seconds(s.fabric, kind, bytes, {tp, 1});
  return kernel_time(s.hardware->time, Collective{kind, bytes, tp, s.fabric.domain()}).seconds;
}

void add_tensor_comm(const TrainingSetup& s, double blocks, bool recomputes, LayerCost& cost) {
  if (s.layout.tp == 1 || blocks == 0) return;
  if (!s.sequence_parallel) {
    const double reduce = blocks * tensor_seconds(s, CollectiveKind::all_reduce);
    cost.forward_comm.tensor = reduce;
    cost.backward_comm.tensor = reduce * (recomputes ? 2 : 1);
    return;
  }
  const double gather = blocks * tensor_seconds(s, CollectiveKind::all_gather);
  const double scatter = blocks * tensor_seconds(s, CollectiveKind::reduce_scatter);
  cost.forward_comm.tensor = gather + scatter;
  // Inputs are gathered once more for the gradients of weights, beside those of activations.
  cost.backward_comm.tensor = (gather + scatter) * (recomputes ? 2 : 1);
}

void add_context_comm(const TrainingSetup& s, bool recomputes, LayerCost& cost) {
  const int cp = s.layout.cp;
  if (cp == 1) return;
  const AttentionDims& a = s.model.attention;
  const double row =
      a.mla ? a.heads / static_cast<double>(s.layout.tp) *
                  (a.mla->nope_dim + a.mla->rope_dim + a.mla->value_dim)
            : 2.0 * std::ceil(static_cast<double>(a.kv_heads) / s.layout.tp) * a.head_dim;
  const double bytes = s.micro_batch * static_cast<double>(s.sequence) * row * bf16;
  const double t =
      collective_seconds(s.fabric, CollectiveKind::all_gather, bytes, {cp, s.layout.tp});
  cost.forward_comm.context = t;
  cost.backward_comm.context = t * (recomputes ? 3 : 2);
}

// Dispatch in the format of the products, combine in bf16; back the same.
void add_expert_comm(const TrainingSetup& s, bool recomputes, LayerCost& cost) {
  if (s.layout.ep == 1) return;
  const double element =
      s.dispatch.is_narrow ? std::max(1.0, bytes_per_element(s.precision)) : bf16;
  const double width = expert_shape(s.model).hidden;
  TokenExchange x{norm_tokens_of(s), width * element,       s.model.moe->top_k,
                  s.expert_nodes,    s.hottest_expert_rank, s.dispatch.deduplicates};
  const RankGroup group{s.layout.ep, 1};
  const double dispatch = exchange_seconds(s.fabric, x, group);
  x.row_bytes = width * bf16;
  const double combine = exchange_seconds(s.fabric, x, group);
  cost.forward_comm.expert = dispatch + combine;
  cost.backward_comm.expert = dispatch + combine + (recomputes ? dispatch + combine : 0);
}

}  // namespace

PassCost& PassCost::operator+=(const PassCost& o) {
  seconds += o.seconds;
  arithmetic_joules += o.arithmetic_joules;
  other_joules += o.other_joules;
  return *this;
}

LayerCost layer_cost(const TrainingSetup& s, LayerPart part) {
  LayerKernels kernels = layer_kernels(s, part);
  if (s.adapters_only) kernels.weight.clear();
  LayerCost cost;
  Price p = price(s, kernels.forward);
  cost.forward = p.cost;
  cost.extrapolated = p.extrapolated;
  cost.backward = price(s, kernels.backward).cost;
  cost.weight = price(s, kernels.weight).cost;
  cost.recompute = price(s, kernels.recompute).cost;
  for (const TrainingKernel& k : kernels.forward)
    if (is_flash(k.kernel))
      cost.attention_seconds += k.count * kernel_time(s.hardware->time, k.kernel).seconds *
                                stack_slowdown(s.stack, k.kernel);
  const bool recomputes = s.recompute == Recompute::full;
  const bool is_layer = part == LayerPart::dense_layer || part == LayerPart::moe_layer;
  const bool repeats_exchange = recomputes || s.recompute == Recompute::experts;
  if (part == LayerPart::moe_layer) add_expert_comm(s, repeats_exchange, cost);
  if (is_layer) add_context_comm(s, recomputes, cost);
  const bool has_tensor_ffn = part == LayerPart::dense_layer ||
                              (part == LayerPart::moe_layer && s.model.moe->shared_inner > 0);
  add_tensor_comm(s, is_layer ? 1 + (has_tensor_ffn ? 1 : 0) : 0.5, is_layer && recomputes, cost);
  return cost;
}

}  // namespace jevons
