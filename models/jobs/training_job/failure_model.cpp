#include "models/jobs/training_job/failure_model.h"

#include <algorithm>

#include "sim/ensure.h"

namespace jevons {

namespace {

// Counts of table 5 by cause: faulty GPU 148, SRAM 19, system processor 17, thermal and sensor 6;
// HBM3 72; silent data corruption 6; switch or cable 35, NIC 7; SSD 3, power supply 3, chassis 2,
// expansion board 2, CPU 2, system memory 2; host maintenance 32. Of software (bug 54, watchdog 7,
// dependency 2) there are 63 more.
constexpr std::array<double, failure_cause_count> machine_counts{190, 72, 6, 42, 14, 32, 0};
constexpr double machine_total = 356;

}  // namespace

double machine_failures_per_hour(const FailureModel& model, int gpus) {
  return gpus / model.gpu_hours_per_failure;
}

double software_failures_per_hour(const FailureModel& model, int gpus) {
  return std::min(gpus, model.software_grows_to) / model.gpu_hours_per_software_failure;
}

Time mean_time_to_failure(const FailureModel& model, int gpus) {
  ensure(gpus > 0, "a job has GPUs");
  const double rate =
      machine_failures_per_hour(model, gpus) + software_failures_per_hour(model, gpus);
  return unit::h / rate;
}

double share_of_machine_failures(FailureCause cause) {
  return machine_counts[static_cast<std::size_t>(cause)] / machine_total;
}

FailureCause draw_cause(const FailureModel& model, int gpus, Rng& rng) {
  const double machine = machine_failures_per_hour(model, gpus);
  double x = rng.uniform() * (machine + software_failures_per_hour(model, gpus));
  for (std::size_t c = 0; c + 1 < failure_cause_count; ++c) {
    const auto cause = static_cast<FailureCause>(c);
    x -= machine * share_of_machine_failures(cause);
    if (x < 0) return cause;
  }
  return FailureCause::software;
}

}  // namespace jevons
