#include <algorithm>

#include <doctest/doctest.h>

#include "models/jobs/training/memory.h"
#include "models/jobs/training/plan.h"
#include "models/jobs/training/setup_laws.h"
#include "tests/models/training_setups.h"

namespace jevons {

namespace {

bool refuses(const TrainingSetup& s, std::string_view field, double nearest) {
  const std::vector<SetupMistake> all = setup_mistakes(s);
  return std::any_of(all.begin(), all.end(), [&](const SetupMistake& m) {
    return m.field == field && m.nearest == nearest;
  });
}

PlanQuestion small_question(ModelCard model, PlanGoal goal) {
  PlanQuestion q;
  q.setup = small_setup(std::move(model));
  q.setup.model.layers = 8;
  q.setup.global_batch = 64;
  q.gpus = 16;
  q.goal = goal;
  return q;
}

}  // namespace

TEST_CASE("a sound setup breaks no law") {
  CHECK(setup_mistakes(small_setup()).empty());
}

TEST_CASE("broken laws name their field and the nearest valid value") {
  TrainingSetup s = small_setup();
  s.layout.tp = 3;
  CHECK(refuses(s, "layout.tp", 2));
  s = small_setup();
  s.layout.pp = 40;
  CHECK(refuses(s, "layout.pp", 32));
  s = small_setup(small_moe());
  s.layout.ep = 7;
  CHECK(refuses(s, "layout.ep", 8));
  s = small_setup();
  s.layout.ep = 2;
  CHECK(refuses(s, "layout.ep", 1));
  s = small_setup();
  s.global_batch = 250;
  CHECK(refuses(s, "global_batch", 248));
  s = small_setup();
  s.precision = Precision::nvfp4;
  CHECK(refuses(s, "precision", static_cast<double>(Precision::bf16)));
  s = small_setup();
  s.layout.dp = 0;
  CHECK(refuses(s, "layout.dp", 1));
  s = small_setup();
  s.schedule = PipelineSchedule::interleaved;
  s.layout.chunks = 9;
  CHECK(refuses(s, "layout.chunks", 8));
}

TEST_CASE("the nearest valid value is valid") {
  TrainingSetup s = small_setup(small_moe());
  s.layout.ep = 5;
  const std::vector<SetupMistake> mistakes = setup_mistakes(s);
  REQUIRE(mistakes.size() == 1);
  s.layout.ep = static_cast<int>(mistakes.front().nearest);
  CHECK(setup_mistakes(s).empty());
}

TEST_CASE("what does not fit is missing bytes and the nearest that fits misses none") {
  TrainingSetup s = small_setup();
  s.layout = {.tp = 1, .pp = 1, .cp = 1, .ep = 1, .dp = 64};
  s.sharding = Sharding::none;
  const double missing = missing_bytes(s);
  CHECK(missing == doctest::Approx(training_memory(s).total() - usable_bytes(s.chip)));
  REQUIRE(missing > 0);
  const NearestFit near = nearest_that_fits(s);
  REQUIRE(near.found);
  CHECK(missing_bytes(near.setup) == 0);
  CHECK(setup_mistakes(near.setup).empty());
  CHECK(near.setup.layout.gpus() == 64);
}

TEST_CASE("pruning loses none of the best plans") {
  for (const PlanGoal goal : {PlanGoal::fastest, PlanGoal::least_energy})
    for (const ModelCard& model : {small_model(), small_moe()}) {
      PlanQuestion q = small_question(model, goal);
      const PlanAnswer pruned = plan_training(q);
      q.prunes = false;
      const PlanAnswer all = plan_training(q);
      CHECK(pruned.configurations == all.configurations);
      CHECK(pruned.evaluated < all.evaluated);
      REQUIRE(pruned.best.size() == all.best.size());
      for (std::size_t i = 0; i < all.best.size(); ++i) {
        CHECK(score(pruned.best[i].step, goal) == score(all.best[i].step, goal));
        CHECK(pruned.best[i].layout.gpus() == 16);
      }
    }
}

TEST_CASE("the first plan is better than the second in what why_first names") {
  const PlanAnswer answer = plan_training(small_question(small_model(), PlanGoal::fastest));
  REQUIRE(answer.best.size() == 10);
  CHECK(std::is_sorted(answer.best.begin(), answer.best.end(), [](const Plan& a, const Plan& b) {
    return a.step.seconds < b.step.seconds;
  }));
  const Plan& last = answer.best.back();
  for (const StepPhase p : why_first(answer.best.front(), last))
    CHECK(answer.best.front().step[p] < last.step[p]);
}

}  // namespace jevons
