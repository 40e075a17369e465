#pragma once
// A training job from the step it repeats: pace, power and what a checkpoint holds.
#include "models/jobs/training/training_setup.h"
#include "models/jobs/training_job/job_run.h"

namespace jevons {

// A job that trains on `tokens`, in whole steps. Failures, checkpoints, spares and stragglers are
// the defaults of TrainingJob.
TrainingJob job_of_step(const TrainingSetup& setup, const StepResult& step, double tokens,
                        Power host_per_node);

}  // namespace jevons
