#include "models/jobs/training/step.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "models/hardware/power_cap.h"
#include "models/jobs/training/collectives.h"
#include "models/jobs/training/dual_pipe.h"
#include "models/jobs/training/memory.h"
#include "models/jobs/training/schedule.h"
#include "models/jobs/training/stage.h"

namespace jevons {

namespace {

constexpr double bf16 = 2.0;
// Multiprocessors that communication takes from computation beside it under DualPipe: 20 of 132.
// Source: DeepSeek-V3 report, section 3.2.2.
constexpr double communication_share = 20.0 / 132.0;

// What overlapping the communication of TP still costs, in shares of it: half of it are
// reduce-scatters, sent in four pieces of which the last has nothing to hide behind, by 16 of 132
// multiprocessors. All-gathers go by copy engines. Source: Transformer Engine, initialize_ub,
// defaults of num_splits and num_sm for method pipeline.
constexpr double tensor_overlap_cost = 0.5 * (1.0 / 4 + 16.0 / 132);

double beyond(double comm, double computation) {
  return std::max(0.0, comm - computation);
}

// One micro-batch on one stage: computation, and communication that is not hidden within layers.
struct StageCost {
  double f = 0, b = 0, w = 0, r = 0;
  CommSeconds forward_comm, backward_comm;
  double arithmetic_joules = 0, other_joules = 0;
  bool extrapolated = false;

  double forward() const { return f + sum(forward_comm); }
  double backward() const { return b + r + sum(backward_comm); }
  double computation() const { return f + b + w + r; }
  StageTimes times() const { return {forward(), backward(), w}; }
  static double sum(const CommSeconds& c) { return c.tensor + c.context + c.expert; }
};

CommSeconds exposed(const TrainingSetup& s, CommSeconds comm, double computation,
                    double attention) {
  if (s.overlap.tensor)
    comm.tensor =
        beyond(comm.tensor, computation) + tensor_overlap_cost * std::min(comm.tensor, computation);
  if (s.overlap.context && s.context_exchange == ContextExchange::ring)
    comm.context = beyond(comm.context, attention);
  if (s.overlap.expert) comm.expert = beyond(comm.expert, computation);
  return comm;
}

void add(StageCost& stage, const TrainingSetup& s, const LayerCost& layer, double count) {
  if (count == 0) return;
  stage.f += count * layer.forward.seconds;
  stage.b += count * layer.backward.seconds;
  stage.w += count * layer.weight.seconds;
  stage.r += count * layer.recompute.seconds;
  const CommSeconds f =
      exposed(s, layer.forward_comm, layer.forward.seconds, layer.attention_seconds);
  const CommSeconds b =
      exposed(s, layer.backward_comm, layer.backward.seconds + layer.recompute.seconds,
              2.5 * layer.attention_seconds);
  stage.forward_comm.tensor += count * f.tensor;
  stage.forward_comm.context += count * f.context;
  stage.forward_comm.expert += count * f.expert;
  stage.backward_comm.tensor += count * b.tensor;
  stage.backward_comm.context += count * b.context;
  stage.backward_comm.expert += count * b.expert;
  for (const PassCost* pass : {&layer.forward, &layer.backward, &layer.weight, &layer.recompute}) {
    stage.arithmetic_joules += count * pass->arithmetic_joules;
    stage.other_joules += count * pass->other_joules;
  }
  stage.extrapolated |= layer.extrapolated;
}

StageCost stage_cost(const TrainingSetup& s, const LayerCosts& costs, const StageContent& content) {
  StageCost stage;
  add(stage, s, costs[LayerPart::dense_layer], content.dense_layers);
  add(stage, s, costs[LayerPart::moe_layer], content.moe_layers);
  add(stage, s, costs[LayerPart::embedding], content.has_embedding ? 1 : 0);
  add(stage, s, costs[LayerPart::head], content.has_head ? s.prediction_heads : 0);
  return stage;
}

double stream_seconds(const TrainingSetup& s, double bytes) {
  return kernel_time(s.hardware->time, Elementwise{bytes}).seconds;
}

// Gradients are reduced and parameters gathered over the copies of each parameter.
struct DataComm {
  double reduce = 0, gather = 0;
};

DataComm data_comm(const TrainingSetup& s, const StageParameters& n) {
  const RankGroup shared{shared_copies(s.layout), s.layout.tp};
  const RankGroup experts{expert_copies(s.layout), s.layout.ep};
  const bool is_sharded = s.sharding != Sharding::none;
  const CollectiveKind reduce =
      is_sharded ? CollectiveKind::reduce_scatter : CollectiveKind::all_reduce;
  // ZeRO-3 reduces gradients of each micro-batch as they come, in bf16.
  const double gradient = s.sharding == Sharding::parameters ? bf16 : s.optimizer.gradient;
  const auto over = [&](CollectiveKind kind, double bytes) {
    return collective_seconds(s.fabric, kind, n.shared * bytes, shared) +
           collective_seconds(s.fabric, kind, n.experts * bytes, experts);
  };
  const bool gathers = s.adapters_only ? s.sharding == Sharding::parameters : is_sharded;
  return {s.adapters_only ? 0 : over(reduce, gradient),
          gathers ? over(CollectiveKind::all_gather, bf16) : 0};
}

double exposed_data_comm(const TrainingSetup& s, const StageParameters& n, const StageCost& x) {
  const DataComm comm = data_comm(s, n);
  const double m = s.micro_batches();
  // Under the interleaved schedule all chunks but the last are done min(p, m) micro-batches early.
  const double chunks = s.schedule == PipelineSchedule::interleaved ? s.layout.chunks : 1;
  const double early = s.sharding == Sharding::parameters ? 0 : (chunks - 1) / chunks;
  const double window = 1 + early * (std::min<double>(s.layout.pp, m) - 1);
  const double forward = s.overlap.data ? window * x.f : 0;
  // Schedules that put weight gradients off have them at the very end, and little is left to hide
  // behind.
  const bool is_late =
      s.schedule == PipelineSchedule::zero_bubble || s.schedule == PipelineSchedule::dual_pipe;
  const double last = is_late ? x.w : x.b + x.w + x.r;
  const double backward = s.overlap.data ? window * last : 0;
  switch (s.sharding) {
    case Sharding::parameters:
      return m * (beyond(comm.gather, forward) + beyond(comm.gather + comm.reduce, backward));
    case Sharding::gradients:
      return m * beyond(comm.reduce, backward) + beyond(comm.gather, forward);
    case Sharding::none:
    case Sharding::optimizer:
      break;
  }
  return beyond(comm.reduce, backward) + beyond(comm.gather, forward);
}

// Reads gradients twice (norm, update), master copy and moments; writes the latter and the weights.
double optimizer_seconds(const TrainingSetup& s, const StageParameters& n) {
  if (s.adapters_only) return 0;
  const OptimizerState& o = s.optimizer;
  const double held = s.sharding == Sharding::none ? n.shared + n.experts
                                                   : n.shared / shared_copies(s.layout) +
                                                         n.experts / expert_copies(s.layout);
  return stream_seconds(s, held * (2 * o.gradient + 2 * (o.master + o.moments) + bf16));
}

// Activations of a micro-batch, to the next stage.
double stage_send(const TrainingSetup& s) {
  const double bytes = norm_tokens_of(s) * s.model.hidden * bf16;
  return send_seconds(s.fabric, bytes, s.layout.gpus() / s.layout.pp);
}

// Under DualPipe sends are part of the schedule.
double pipeline_comm(const TrainingSetup& s) {
  if (s.layout.pp == 1 || s.schedule == PipelineSchedule::dual_pipe) return 0;
  const double send = stage_send(s);
  const int chunks = s.schedule == PipelineSchedule::interleaved ? s.layout.chunks : 1;
  const double steady = s.overlap.pipeline ? 0 : 2.0 * s.micro_batches() * chunks;
  return send * (2.0 * (s.layout.pp - 1) + steady);
}

void fill_common(StepResult& r, const TrainingSetup& s, const StageCost& x) {
  const double m = s.micro_batches();
  r[StepPhase::forward] = m * x.f;
  r[StepPhase::backward] = m * x.b;
  r[StepPhase::weight_gradient] = m * x.w;
  r[StepPhase::recompute] = m * x.r;
  r[StepPhase::tensor_comm] = m * (x.forward_comm.tensor + x.backward_comm.tensor);
  r[StepPhase::context_comm] = m * (x.forward_comm.context + x.backward_comm.context);
  r[StepPhase::expert_comm] = m * (x.forward_comm.expert + x.backward_comm.expert);
}

// A DualPipe GPU passes each micro-batch through one of its two chunks: half of what it holds.
// Beside a backward, a forward hides its exchange of experts and gives up multiprocessors to it.
struct DualPipeOps : DualPipeRank {
  double computation = 0;         // beside each other
  double exchange = 0, rest = 0;  // communication: of experts, other
  explicit DualPipeOps(const StageCost& both) {
    constexpr double half = 0.5;
    f = half * both.forward(), b = half * both.backward(), w = half * both.w;
    computation = half * both.computation() / (1 - communication_share);
    exchange = half * (both.forward_comm.expert + both.backward_comm.expert);
    rest =
        half * (StageCost::sum(both.forward_comm) + StageCost::sum(both.backward_comm)) - exchange;
    fb = std::max(computation, exchange) + rest;
  }
};

// A rank in the middle of its half stands for all, as the published phases do; what it waits for
// fuller ranks is bubble.
std::size_t middle_rank(const TrainingSetup& s) {
  return static_cast<std::size_t>(s.layout.pp / 4);
}

void fill_dual_pipe(StepResult& r, const TrainingSetup& s, const std::vector<StageCost>& stages) {
  const int m = s.micro_batches();
  const std::vector<DualPipeOps> ops(stages.begin(), stages.end());
  const std::vector<DualPipeRank> ranks(ops.begin(), ops.end());
  const StageCost& both = stages[middle_rank(s)];
  const DualPipeOps& x = ops[middle_rank(s)];
  const DualPipeCounts n = dual_pipe_counts(s.layout.pp, static_cast<int>(middle_rank(s)), m);
  r.dual_pipe.f = n.alone * x.f;
  r.dual_pipe.b = n.alone * x.b + (n.alone - n.weight_alone) * x.w;
  r.dual_pipe.w = n.weight_alone * x.w;
  r.dual_pipe.fb = n.overlapped * x.fb;
  const double busy = r.dual_pipe.f + r.dual_pipe.b + r.dual_pipe.w + r.dual_pipe.fb;
  r.dual_pipe.bubble = beyond(dual_pipe_seconds(ranks, m, stage_send(s)), busy);
  const double slower = 0.5 * (n.alone + n.overlapped / (1 - communication_share));
  r[StepPhase::forward] = slower * both.f;
  r[StepPhase::backward] = slower * both.b;
  r[StepPhase::weight_gradient] = slower * both.w;
  r[StepPhase::recompute] = slower * both.r;
  const double passes = 0.5 * m;
  r[StepPhase::tensor_comm] = passes * (both.forward_comm.tensor + both.backward_comm.tensor);
  r[StepPhase::context_comm] = passes * (both.forward_comm.context + both.backward_comm.context);
  r[StepPhase::expert_comm] =
      n.alone * x.exchange + n.overlapped * beyond(x.exchange, x.computation);
  r[StepPhase::bubble] = r.dual_pipe.bubble;
}

// Joules of one GPU, mean over stages. Kernel times were measured under the board's limit, so the
// limit lowers the joules of arithmetic and adds no time; whatever waits draws static power.
double joules_per_gpu(const TrainingSetup& s, const std::vector<StageCost>& stages,
                      double seconds) {
  const double passes = s.micro_batches() *
                        (s.schedule == PipelineSchedule::dual_pipe ? 0.5 : 1.0) /
                        static_cast<double>(stages.size());
  ClockedWork work;
  for (const StageCost& stage : stages) {
    work.seconds += passes * stage.computation();
    work.arithmetic_joules += passes * stage.arithmetic_joules;
    work.other_joules += passes * stage.other_joules;
  }
  const ChipEnergy& chip = s.hardware->energy;
  work.static_watts = chip.busy_static.in(unit::W);
  const double clock = clock_under(chip.limit.in(unit::W), work, {0.0, 0.05});
  return work.static_watts * seconds + clock * clock * work.arithmetic_joules + work.other_joules;
}

void fill_totals(StepResult& r, const TrainingSetup& s) {
  for (const double phase : r.phases) r.seconds += phase;
  r.exposed_comm_s = r[StepPhase::tensor_comm] + r[StepPhase::context_comm] +
                     r[StepPhase::expert_comm] + r[StepPhase::pipeline_comm] +
                     r[StepPhase::data_comm];
  r.tokens = static_cast<double>(s.global_batch) * s.sequence;
  const double passes = s.adapters_only ? 2 : 3;
  r.model_flop_per_gpu =
      passes * r.tokens * forward_flop_per_token(s.model, s.sequence) / s.layout.gpus();
  r.tflops_per_gpu = r.model_flop_per_gpu / r.seconds * 1e-12;
  r.mfu = r.model_flop_per_gpu / r.seconds / s.chip.peak.bf16->in(unit::flop / unit::s);
}

}  // namespace

LayerCosts layer_costs(const TrainingSetup& s) {
  LayerCosts costs;
  for (std::size_t p = 0; p < layer_part_count; ++p) {
    const auto part = static_cast<LayerPart>(p);
    const int moe = moe_layers(s.model);
    if (part == LayerPart::moe_layer && moe == 0) continue;
    if (part == LayerPart::dense_layer && moe == s.model.layers) continue;
    costs.parts[p] = layer_cost(s, part);
  }
  return costs;
}

StepResult training_step(const TrainingSetup& s) {
  return training_step(s, layer_costs(s));
}

StepResult training_step(const TrainingSetup& s, const LayerCosts& costs) {
  const bool is_dual = s.schedule == PipelineSchedule::dual_pipe;
  const int ranks = is_dual ? s.layout.pp / 2 : s.layout.pp;
  std::vector<StageCost> stages;
  std::vector<StageTimes> times;
  for (int i = 0; i < ranks; ++i) {
    stages.push_back(stage_cost(s, costs, stage_content(s, i)));
    times.push_back(stages.back().times());
  }
  StepResult r;
  std::size_t shown = middle_rank(s);  // whose phases these are
  if (is_dual) {
    fill_dual_pipe(r, s, stages);
  } else {
    const PipelineTime pipeline = pipeline_time(times, s.schedule, s.layout.chunks);
    shown = pipeline.slowest;
    fill_common(r, s, stages[shown]);
    r[StepPhase::bubble] = pipeline.bubble;
  }
  const StageCost& x = stages[shown];
  const StageParameters n = stage_parameters(s, stage_content(s, static_cast<int>(shown)));
  r[StepPhase::pipeline_comm] = pipeline_comm(s);
  r[StepPhase::data_comm] = exposed_data_comm(s, n, x);
  r[StepPhase::optimizer] = optimizer_seconds(s, n);
  r[StepPhase::host] = s.stack.host_per_step_s;
  double sum = 0;
  for (const double phase : r.phases) sum += phase;
  r[StepPhase::data_comm] += sum * s.stack.jitter * std::log2(s.layout.gpus());
  if (is_dual) {
    const DualPipePhases& d = r.dual_pipe;
    for (const double phase : r.phases) r.dual_pipe.optimizer += phase;
    r.dual_pipe.optimizer -= d.f + d.b + d.w + d.fb + d.bubble;
  }
  fill_totals(r, s);
  r.memory = training_memory(s);
  for (const StageCost& stage : stages) r.extrapolated |= stage.extrapolated;
  r.joules_per_gpu = joules_per_gpu(s, stages, r.seconds);
  r.watts_per_gpu = r.joules_per_gpu / r.seconds;
  return r;
}

}  // namespace jevons
