#include "scenarios/train_text.h"

namespace jevons {

std::string layout_text(const TrainingSetup& s) {
  const TrainingLayout& l = s.layout;
  std::string text = "tp " + std::to_string(l.tp);
  const auto add = [&text](std::string_view name, int ways) {
    if (ways > 1) text += ", " + std::string{name} + " " + std::to_string(ways);
  };
  add("pp", l.pp);
  add("cp", l.cp);
  add("ep", l.ep);
  add("dp", l.dp);
  if (l.pp > 1) text += "; " + std::string{name_of(s.schedule)};
  if (s.schedule == PipelineSchedule::interleaved)
    text += " with " + std::to_string(l.chunks) + " chunks";
  text += "; micro-batch " + std::to_string(s.micro_batch);
  text += "; recompute " + std::string{name_of(s.recompute)};
  text += "; sharding " + std::string{name_of(s.sharding)};
  if (s.graphs != GraphCapture::none) text += "; CUDA graphs of " + std::string{name_of(s.graphs)};
  return text;
}

std::string phase_text(StepPhase phase) {
  switch (phase) {
    case StepPhase::forward:
      return "forward";
    case StepPhase::backward:
      return "backward";
    case StepPhase::weight_gradient:
      return "weight gradients";
    case StepPhase::recompute:
      return "recomputation";
    case StepPhase::tensor_comm:
      return "exposed communication, TP";
    case StepPhase::context_comm:
      return "exposed communication, CP";
    case StepPhase::expert_comm:
      return "exposed communication, EP";
    case StepPhase::pipeline_comm:
      return "exposed communication, PP";
    case StepPhase::data_comm:
      return "exposed communication, DP";
    case StepPhase::bubble:
      return "pipeline bubble";
    case StepPhase::optimizer:
      return "optimizer";
    case StepPhase::host:
      return "host";
  }
  return "?";
}

}  // namespace jevons
