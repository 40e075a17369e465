#include <numeric>
#include <vector>

#include <doctest/doctest.h>

#include "models/jobs/training/collectives.h"
#include "models/jobs/training/dual_pipe.h"
#include "models/jobs/training/memory.h"
#include "models/jobs/training/schedule.h"
#include "models/jobs/training/stage.h"
#include "models/jobs/training/step.h"
#include "tests/models/training_setups.h"

namespace jevons {

namespace {

constexpr double GB_s = 1e9;

double sum(const StepResult& r) {
  return std::accumulate(r.phases.begin(), r.phases.end(), 0.0);
}

std::vector<TrainingSetup> many_setups() {
  std::vector<TrainingSetup> all;
  for (const PipelineSchedule schedule :
       {PipelineSchedule::one_f_one_b, PipelineSchedule::interleaved, PipelineSchedule::zero_bubble,
        PipelineSchedule::dual_pipe})
    for (const Recompute recompute : {Recompute::none, Recompute::selective, Recompute::full})
      for (const Sharding sharding :
           {Sharding::none, Sharding::optimizer, Sharding::gradients, Sharding::parameters}) {
        TrainingSetup s = small_setup(all.size() % 2 == 0 ? small_model() : small_moe());
        s.layout.ep = s.model.moe ? 8 : 1;
        s.layout.chunks = 2;
        s.schedule = schedule;
        s.recompute = recompute;
        s.sharding = sharding;
        s.precision = all.size() % 3 == 0 ? Precision::fp8 : Precision::bf16;
        s.stack.jitter = 0.001;
        all.push_back(s);
      }
  return all;
}

}  // namespace

TEST_CASE("the phases of a step sum to it under every schedule") {
  for (const TrainingSetup& s : many_setups()) {
    const StepResult r = training_step(s);
    CHECK(r.seconds == doctest::Approx(sum(r)).epsilon(1e-12));
    for (const double phase : r.phases) CHECK(phase >= 0);
    if (s.schedule != PipelineSchedule::dual_pipe) continue;
    const DualPipePhases& d = r.dual_pipe;
    CHECK(d.f + d.b + d.w + d.fb + d.bubble + d.optimizer ==
          doctest::Approx(r.seconds).epsilon(1e-9));
  }
}

// Layers with a fixed-size state, each with experts of two matrices in a latent, and some layers of
// attention alone.
ModelCard small_hybrid() {
  ModelCard card = small_moe();
  card.has_gated_ffn = false;
  card.ffn_inner = 0;
  card.layers_without_ffn = 8;
  card.attention.linear_layers = 24;
  card.linear_attention = LinearAttentionDims{.key_heads = 8,
                                              .value_heads = 64,
                                              .key_dim = 128,
                                              .value_dim = 64,
                                              .conv_width = 4,
                                              .gates = 1};
  card.moe->latent = 1024;
  return card;
}

double flop(const TrainingKernels& kernels) {
  double sum = 0;
  for (const TrainingKernel& k : kernels) sum += k.count * work_of(k.kernel).flop;
  return sum;
}

TEST_CASE("the layers of a hybrid together multiply with all of its active parameters") {
  TrainingSetup s = small_setup(small_hybrid());
  s.layout = {.tp = 1, .pp = 1, .cp = 1, .ep = 8, .dp = 8};
  const double moe = moe_layers(s.model);
  const double without = s.model.layers - moe;
  CHECK(moe == 24);
  const double layers = moe * flop(layer_kernels(s, LayerPart::moe_layer).forward) +
                        without * flop(layer_kernels(s, LayerPart::dense_layer).forward);
  const double head = flop(layer_kernels(s, LayerPart::head).forward);
  // Products within chunks of the scan and of 128 tokens' scores come on top: a few hundredths.
  const double counted = s.sequence * forward_flop_per_token(s.model, s.sequence);
  CHECK((layers + head) / counted > 0.99);
  CHECK((layers + head) / counted < 1.05);
}

TEST_CASE("recomputing the experts takes the time of their forward and frees their inputs") {
  TrainingSetup kept = small_setup(small_moe());
  kept.layout.ep = 8;
  kept.recompute = Recompute::selective;
  TrainingSetup again = kept;
  again.recompute = Recompute::experts;
  CHECK(training_memory(again).activations < training_memory(kept).activations);
  const LayerCost a = layer_cost(again, LayerPart::moe_layer);
  const LayerCost k = layer_cost(kept, LayerPart::moe_layer);
  CHECK(a.recompute.seconds > k.recompute.seconds);
  CHECK(a.recompute.seconds < k.recompute.seconds + a.forward.seconds);
  CHECK(a.backward_comm.expert == doctest::Approx(2 * a.forward_comm.expert));
}

TEST_CASE("adapters leave out gradients of weights and the optimizer") {
  TrainingSetup all = small_setup();
  TrainingSetup adapters = all;
  adapters.adapters_only = true;
  const StepResult few = training_step(adapters), many = training_step(all);
  CHECK(few[StepPhase::weight_gradient] == 0);
  CHECK(few[StepPhase::optimizer] == 0);
  CHECK(few[StepPhase::forward] == many[StepPhase::forward]);
  CHECK(few.memory.optimizer == 0);
  CHECK(few.model_flop_per_gpu == doctest::Approx(many.model_flop_per_gpu * 2 / 3));
}

TEST_CASE("overlapped communication of tensor parallelism still costs a part of itself") {
  TrainingSetup apart = small_setup();
  apart.layout = {.tp = 4, .pp = 1, .cp = 1, .ep = 1, .dp = 8};
  TrainingSetup beside = apart;
  beside.overlap.tensor = true;
  const double all = training_step(apart)[StepPhase::tensor_comm];
  const double left = training_step(beside)[StepPhase::tensor_comm];
  CHECK(left > 0);
  CHECK(left < 0.25 * all);
}

TEST_CASE("a ring all-reduce inside a domain takes twice its share over the link") {
  const double t = collective_seconds(two_tiers(), CollectiveKind::all_reduce, 8e9, {8, 1});
  CHECK(t == doctest::Approx(2 * 8e9 * (7.0 / 8) / (450 * GB_s)));
}

TEST_CASE("a gather over whole nodes uses all their network cards") {
  FabricTiers fabric = two_tiers();
  fabric.tiers[1].rate = 20 * unit::GB / unit::s;
  const double t = collective_seconds(fabric, CollectiveKind::all_gather, 8e9, {32, 1});
  CHECK(t == doctest::Approx(8e9 * (24.0 / 32) / (8 * 20 * GB_s)));
  const double one = collective_seconds(fabric, CollectiveKind::all_gather, 8e9, {4, 8});
  CHECK(one == doctest::Approx(8e9 * (3.0 / 4) / (20 * GB_s)));
}

TEST_CASE("switches that add up halve an all-reduce and leave gathers alone") {
  FabricTiers sharp = two_tiers();
  sharp.tiers[1].reduces = true;
  const RankGroup group{64, 8};
  const auto t = [&](const FabricTiers& f, CollectiveKind kind) {
    return collective_seconds(f, kind, 1e9, group);
  };
  CHECK(t(sharp, CollectiveKind::all_reduce) ==
        doctest::Approx(t(two_tiers(), CollectiveKind::all_reduce) / 2));
  CHECK(t(sharp, CollectiveKind::all_gather) == t(two_tiers(), CollectiveKind::all_gather));
}

TEST_CASE("a limit on nodes bounds what a token sends over the network") {
  TokenExchange x{4096, 7168, 8, 0, 1};
  const double free = exchange_seconds(two_tiers(), x, {64, 1});
  x.max_nodes = 4;
  const double limited = exchange_seconds(two_tiers(), x, {64, 1});
  CHECK(limited < free);
  CHECK(limited == doctest::Approx(4096 * 7168 * 4 * (7.0 / 8) / (50 * GB_s)));
}

TEST_CASE("the bubble of equal stages is the textbook share of the step") {
  const std::vector<StageTimes> stages(8, StageTimes{1, 1, 1});
  const int m = 32;
  const auto bubble = [&](PipelineSchedule schedule, int chunks) {
    return pipeline_time(stages, schedule, chunks).bubble;
  };
  CHECK(bubble(PipelineSchedule::one_f_one_b, 1) / (3 * m) == doctest::Approx(7.0 / m));
  CHECK(bubble(PipelineSchedule::interleaved, 4) / (3 * m) == doctest::Approx(7.0 / m / 4));
  CHECK(bubble(PipelineSchedule::zero_bubble, 1) == doctest::Approx(7.0));
}

TEST_CASE("a DualPipe runs every forward once alone or overlapped") {
  for (int rank = 0; rank < 8; ++rank) {
    const DualPipeCounts n = dual_pipe_counts(16, rank, 120);
    CHECK(n.alone + n.overlapped == 120);
    CHECK(n.weight_alone <= n.alone);
  }
  CHECK(dual_pipe_counts(16, 0, 120).overlapped == 97);
}

TEST_CASE("stages hold every layer and every parameter once") {
  for (const PipelineSchedule schedule :
       {PipelineSchedule::one_f_one_b, PipelineSchedule::interleaved}) {
    TrainingSetup s = small_setup(small_moe());
    s.model.layers = 35;
    s.model.moe->dense_layers = 3;
    s.layout.chunks = 2;
    s.layout.tp = 1;
    s.schedule = schedule;
    int dense = 0, moe = 0;
    double held = 0;
    for (int stage = 0; stage < s.layout.pp; ++stage) {
      const StageContent c = stage_content(s, stage);
      dense += c.dense_layers;
      moe += c.moe_layers;
      const StageParameters p = stage_parameters(s, c);
      held += p.shared + p.experts;
    }
    CHECK(dense == 3);
    CHECK(moe == 32);
    CHECK(held == doctest::Approx(parameters(s.model).total()).epsilon(1e-3));  // last norm
  }
}

TEST_CASE("recomputation trades memory for time") {
  TrainingSetup s = small_setup();
  double seconds = 0, memory = 1e300;
  for (const Recompute r : {Recompute::none, Recompute::selective, Recompute::full}) {
    s.recompute = r;
    const StepResult step = training_step(s);
    CHECK(step.seconds > seconds);
    CHECK(step.memory.activations < memory);
    seconds = step.seconds;
    memory = step.memory.activations;
  }
}

TEST_CASE("each stage of sharding holds less") {
  TrainingSetup s = small_setup();
  double held = 1e300;
  for (const Sharding z :
       {Sharding::none, Sharding::optimizer, Sharding::gradients, Sharding::parameters}) {
    s.sharding = z;
    const TrainingMemory m = training_memory(s);
    CHECK(m.weights + m.gradients + m.optimizer < held);
    held = m.weights + m.gradients + m.optimizer;
  }
}

TEST_CASE("a slower network never makes a step faster and a stack that adds nothing is the floor") {
  for (TrainingSetup s : many_setups()) {
    const double before = training_step(s).seconds;
    s.fabric.tiers[1].rate = 0.25 * s.fabric.tiers[1].rate;
    CHECK(training_step(s).seconds >= before);
    s.stack.host_per_kernel_s = 20e-6;
    CHECK(training_step(s).seconds >= before);
  }
}

TEST_CASE("utilisation stays below one and joules follow power and time") {
  for (const TrainingSetup& s : many_setups()) {
    const StepResult r = training_step(s);
    CHECK(r.mfu > 0);
    CHECK(r.mfu < 1);
    CHECK(r.joules_per_gpu == doctest::Approx(r.watts_per_gpu * r.seconds));
    CHECK(r.watts_per_gpu >= s.hardware->energy.busy_static.in(unit::W));
    CHECK(r.watts_per_gpu <= s.chip.tdp->in(unit::W)*1.001);
  }
}

TEST_CASE("useful work of a dense model is six FLOP per parameter and token plus attention") {
  const ModelCard card = small_model();
  const double attention = 2.0 * 2 * 32 * 128 * (4097.0 / 2) * card.layers;
  CHECK(forward_flop_per_token(card, 4096) ==
        doctest::Approx(2 * active_parameters(card) + attention));
}

}  // namespace jevons
