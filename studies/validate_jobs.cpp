#include "studies/validate_jobs.h"

#include <optional>
#include <string>

#include "models/jobs/training_job/job_run.h"
#include "scenarios/engine_overheads.h"
#include "studies/rl_rows.h"

namespace jevons {

namespace {

constexpr std::uint64_t seed = 1;

// Kokolis et al., arXiv:2410.21680, and Llama 3, arXiv:2407.21783. The law of software was fitted
// to the first two.
void add_failures(ErrorTables& errors) {
  FailureModel rsc;
  rsc.gpu_hours_per_failure = 8 * 24 * 1000 / 6.5;  // 6.5 failures in 1000 node-days
  const auto add = [&](std::string_view table, const FailureModel& model, int gpus, double hours) {
    errors.add(table, "gpus", "mttf", mean_time_to_failure(model, gpus).in(unit::h), hours,
               [&] { return std::to_string(gpus) + " GPUs"; });
  };
  add("failures, fitted", rsc, 8, 47.7 * 24);
  add("failures, fitted", rsc, 1024, 7.9);
  add("failures, projected there", rsc, 16'384, 1.8);
  add("failures, projected there", rsc, 131'072, 0.23);
  add("failures, Llama 3", FailureModel{}, 16'384, 54 * 24 / 419.0);
}

// Mean over seeds of 54 days of Llama 3 405B, with and without the stops that were planned.
void add_effective_time(ErrorTables& errors, const std::optional<PlannedStops>& maintenance) {
  constexpr int runs = 40;
  TrainingJob job;
  job.gpus = 16'384;
  job.parameters = 405e9;
  job.step = 4 * unit::s;
  job.steps = 1'000'000'000;
  job.maintenance = maintenance;
  double mean = 0;
  for (std::uint64_t i = 0; i < runs; ++i) {
    JobOptions options;
    options.seed = seed;
    options.index = i;
    options.stop_after = to_span(54 * unit::day);
    mean += run_job(job, options).ettr() / runs;
  }
  const std::string table = maintenance ? "effective training time, Llama 3, with planned stops"
                                        : "effective training time, Llama 3";
  errors.add(table, "h100-sxm", "ettr", mean, 0.90,
             [] { return std::string{"published as more than 90 %"}; });
}

void add_rl(ErrorTables& errors, ReplayParts& parts) {
  const EngineOverhead overhead = project_overheads().of("vllm", 2025);
  for (const RlRow& row : published_rl_rows()) {
    const auto compare = [&](const char* which, const RlSetup& setup) {
      const RlStepResult r = rl_step(setup, 0, seed);
      const std::string table = std::string{"NeMo RL v0.4, "} + which;
      const auto name = [&row] { return std::string{row.id}; };
      errors.add(table, "h100-sxm", "step time", r.seconds, row.seconds, name);
      errors.add(table, "h100-sxm", "tokens/s/GPU", r.tokens_per_s_per_gpu(),
                 row.tokens_per_s_per_gpu, name);
    };
    const RlSetup setup = rl_setup(row, overhead, parts);
    compare(was_fitted(row) ? "fitted" : "tested", setup);
    compare("uncorrected", without_software(setup));
  }
}

}  // namespace

std::vector<ErrorTable> validate_jobs(const std::filesystem::path& profiles,
                                      const Catalogues& catalogues) {
  ErrorTables errors;
  ReplayParts parts{catalogues, profiles};
  add_failures(errors);
  add_effective_time(errors, {});
  add_effective_time(errors, PlannedStops{});
  add_rl(errors, parts);
  return errors.summary();
}

}  // namespace jevons
