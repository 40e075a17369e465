#include "models/jobs/training/dual_pipe.h"

#include <algorithm>
#include <vector>

#include <doctest/doctest.h>

#include "models/jobs/training/stage.h"
#include "models/jobs/training/step.h"
#include "tests/models/training_setups.h"

namespace jevons {

namespace {

double busy(const DualPipeRank& x, int stages, int rank, int micro_batches) {
  const DualPipeCounts n = dual_pipe_counts(stages, rank, micro_batches);
  return n.alone * (x.f + x.b) + (n.alone - n.weight_alone) * x.w + n.weight_alone * x.w +
         n.overlapped * x.fb;
}

}  // namespace

TEST_CASE("equal ranks of a DualPipe wait as long as its report says") {
  const DualPipeRank x{0.058, 0.085, 0.042, 0.139};
  for (const int stages : {4, 8, 16}) {
    const int half = stages / 2, m = 8 * stages;
    const std::vector<DualPipeRank> ranks(static_cast<std::size_t>(half), x);
    const double bubble = dual_pipe_seconds(ranks, m, 0) - busy(x, stages, half - 1, m);
    // Table 2 of arXiv:2412.19437, its B with the gradients of weights.
    CHECK(bubble == doctest::Approx((half - 1) * (x.fb + (x.b + x.w) - 3 * x.w)));
  }
}

TEST_CASE("the published phases of DeepSeek-V3 leave its bubble only where a rank is fuller") {
  // Seconds per op that give 1.13 s of 1F, 1.99 s of 1B, 0.48 s of 1W, 13.95 s of 1F1B; the step
  // took 19.9 s. Source: arXiv:2505.09343, table 4.
  const DualPipeRank x{0.058, 0.085, 0.042, 0.139};
  std::vector<DualPipeRank> ranks(8, x);
  const double equal = dual_pipe_seconds(ranks, 120, 1.5e-3);
  CHECK(equal < 18.8);
  for (double DualPipeRank::*op :
       {&DualPipeRank::f, &DualPipeRank::b, &DualPipeRank::w, &DualPipeRank::fb})
    ranks[0].*op *= 1.1;
  CHECK(dual_pipe_seconds(ranks, 120, 1.5e-3) == doctest::Approx(19.9).epsilon(0.01));
}

TEST_CASE("a DualPipe is never faster than its fullest rank and slower sends cost time") {
  std::vector<DualPipeRank> ranks(4, DualPipeRank{1, 1, 1, 2.5});
  ranks[2] = {2, 2, 2, 5};
  const double free = dual_pipe_seconds(ranks, 40, 0);
  CHECK(free >= busy(ranks[2], 8, 2, 40));
  CHECK(dual_pipe_seconds(ranks, 40, 0.1) > free);
}

TEST_CASE("layers that the last stage is spared are held by others") {
  TrainingSetup s = small_setup();
  s.model.layers = 32;
  s.last_stage_fewer = 3;
  int sum = 0, most = 0;
  for (int stage = 0; stage < s.layout.pp; ++stage) {
    const int layers = stage_content(s, stage).dense_layers;
    sum += layers;
    most = std::max(most, layers);
  }
  CHECK(sum == 32);
  CHECK(most == 9);
  CHECK(stage_content(s, 3).dense_layers == 5);
}

TEST_CASE("a second prediction head costs a second pass through the output matrix") {
  TrainingSetup s = small_setup();
  s.layout = {.tp = 2, .pp = 1, .cp = 1, .ep = 1, .dp = 32};
  const double one = training_step(s).seconds;
  s.prediction_heads = 2;
  const LayerCost head = layer_costs(s)[LayerPart::head];
  const double more =
      s.micro_batches() * (head.forward.seconds + head.backward.seconds + head.weight.seconds +
                           head.forward_comm.tensor + head.backward_comm.tensor);
  CHECK(training_step(s).seconds - one == doctest::Approx(more));
}

}  // namespace jevons
