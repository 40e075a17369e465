#include "models/jobs/training_job/job_of_step.h"

#include <algorithm>
#include <cmath>

#include "models/llm/transformer.h"
#include "sim/ensure.h"

namespace jevons {

TrainingJob job_of_step(const TrainingSetup& setup, const StepResult& step, double tokens,
                        Power host_per_node) {
  ensure(step.seconds > 0 && step.tokens > 0, "a step takes time and learns from tokens");
  const ChipEnergy& chip = setup.hardware->energy;
  TrainingJob job;
  job.gpus = setup.layout.gpus();
  job.gpus_per_node = std::min(job.gpus, setup.fabric.domain());
  job.parameters = parameters(setup.model).total();
  job.step = step.seconds * unit::s;
  job.steps = std::max<std::int64_t>(1, std::llround(std::ceil(tokens / step.tokens)));
  job.tokens_per_step = step.tokens;
  job.power = {.training = step.watts_per_gpu * unit::W,
               .waiting = chip.busy_static,
               .idle = chip.idle,
               .host_per_node = host_per_node};
  job.checkpoint.bytes_per_parameter = 2 + setup.optimizer.master + setup.optimizer.moments;
  return job;
}

}  // namespace jevons
