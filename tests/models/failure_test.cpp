// Failures and checkpoints against published figures and closed forms.
#include <cmath>
#include <cstdlib>

#include <doctest/doctest.h>

#include "models/jobs/training_job/checkpoint.h"
#include "models/jobs/training_job/failure_model.h"

namespace jevons {

namespace {

double hours_to_failure(const FailureModel& model, int gpus) {
  return mean_time_to_failure(model, gpus).in(unit::h);
}

double factor_off(double predicted, double published) {
  return std::exp(std::abs(std::log(predicted / published)));
}

}  // namespace

TEST_CASE("mean time to failure meets the published one from 8 to 131072 GPUs within 1.5") {
  // Kokolis et al., arXiv:2410.21680: 6.5 failures of machines in 1000 node-days of 8 GPUs; 47.7 d
  // and 7.9 h are observed and fixed the law of software, the larger sizes follow from machines.
  FailureModel rsc;
  rsc.gpu_hours_per_failure = 8 * 24 * 1000 / 6.5;
  CHECK(factor_off(hours_to_failure(rsc, 8), 47.7 * 24) < 1.15);
  CHECK(factor_off(hours_to_failure(rsc, 1024), 7.9) < 1.15);
  CHECK(factor_off(hours_to_failure(rsc, 16'384), 1.8) < 1.2);
  CHECK(factor_off(hours_to_failure(rsc, 131'072), 0.23) < 1.1);
}

TEST_CASE("the default rate predicts the failures of Llama 3 within 1.5") {
  // 419 in 54 days on 16,384 GPUs, none of which entered the fit.
  CHECK(factor_off(hours_to_failure(FailureModel{}, 16'384), 54 * 24 / 419.0) < 1.35);
}

TEST_CASE("below a thousand GPUs most failures are those of software and above it of machines") {
  const FailureModel m;
  CHECK(software_failures_per_hour(m, 256) > 2 * machine_failures_per_hour(m, 256));
  CHECK(machine_failures_per_hour(m, 16'384) > 2 * software_failures_per_hour(m, 16'384));
  CHECK(hours_to_failure(m, 65'536) / hours_to_failure(m, 131'072) ==
        doctest::Approx(2).epsilon(0.03));
}

TEST_CASE("causes are drawn in proportion to their counts") {
  const FailureModel m;
  Rng rng{7, "causes"};
  std::array<int, failure_cause_count> counts{};
  const int draws = 200'000, gpus = 16'384;
  for (int i = 0; i < draws; ++i) ++counts[static_cast<std::size_t>(draw_cause(m, gpus, rng))];
  const double machine = machine_failures_per_hour(m, gpus);
  const double all = machine + software_failures_per_hour(m, gpus);
  double shares = 0;
  for (std::size_t c = 0; c < failure_cause_count; ++c) {
    const auto cause = static_cast<FailureCause>(c);
    const double share = cause == FailureCause::software
                             ? 1 - machine / all
                             : machine / all * share_of_machine_failures(cause);
    shares += share;
    // Five standard errors of a count.
    CHECK(std::abs(counts[c] - share * draws) < 5 * std::sqrt(share * draws));
  }
  CHECK(shares == doctest::Approx(1).epsilon(1e-12));
}

TEST_CASE("a checkpoint is written at the rate of storage or of the nodes whichever is less") {
  Checkpointing how;
  const CheckpointCost large = checkpoint_cost(how, 405e9, 16'384, 8);
  CHECK(large.stall.in(unit::s) == doctest::Approx(405e9 * 14 / 2e12));
  const CheckpointCost small = checkpoint_cost(how, 7e9, 8, 8);
  CHECK(small.stall.in(unit::s) == doctest::Approx(7e9 * 14 / 50e9));
  how.is_asynchronous = true;
  const CheckpointCost behind = checkpoint_cost(how, 7e9, 8, 8);
  CHECK(behind.write == small.stall);
  CHECK(behind.stall.in(unit::s) == doctest::Approx(7e9 * 14 / (8 * 25e9)));
}

TEST_CASE("Daly's interval wastes least among all intervals") {
  const Time work = 30 * unit::day, stall = 60 * unit::s, restart = 300 * unit::s;
  const Time mttf = 3 * unit::h;
  const Time best = daly_interval(stall, mttf);
  CHECK(young_interval(stall, mttf).in(unit::s) == doctest::Approx(std::sqrt(2 * 60 * 10'800.0)));
  const double least = daly_wall_time(work, best, stall, restart, mttf).in(unit::s);
  for (const double factor : {0.5, 0.8, 0.9, 1.1, 1.25, 2.0})
    CHECK(daly_wall_time(work, factor * best, stall, restart, mttf).in(unit::s) > least);
  // Tabulated independently: 1,078 s between checkpoints.
  CHECK(daly_wall_time(work, 1078.4 * unit::s, stall, restart, mttf).in(unit::s) ==
        doctest::Approx(2'966'905.3).epsilon(1e-5));
}

}  // namespace jevons
