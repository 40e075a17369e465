// How many GPUs train: a budget, what innovations leave of it, and what their savings add.
#include "models/demand/years_state.h"

namespace jevons::years {
namespace {

// Of a lab's mean GPU in training.
struct MeanGpu {
  double flop = 0;                  // per second, algorithms not included
  double usd = 0, usd_without = 0;  // per year
};

MeanGpu mean_gpu(const State& state, const LabState& lab) {
  MeanGpu mean;
  double gpus = 0;
  for (std::size_t c = 0; c < lab.fleet.size(); ++c) {
    const Holding& held = lab.fleet[c];
    if (held.gpus <= 0) continue;
    const TrainingRate& rate = state.rates[c].training;
    const double watts = rate.watts + state.world().chips[c].host_watts;
    const double energy = watts * state.power_price(lab) * seconds_per_year;
    const double capital = state.annuity(c);
    gpus += held.gpus;
    mean.flop += held.gpus * rate.flop_per_s;
    mean.usd += held.gpus * (capital * held.dollars + energy * held.joules);
    mean.usd_without += held.gpus * (capital + energy * held.joules_without);
  }
  if (gpus <= 0) return mean;
  return {mean.flop / gpus, mean.usd / gpus, mean.usd_without / gpus};
}

// USD per year. What an innovation saves is spent on training for the share `reinvestment`.
double budget(const State& state, const LabState& lab, const MeanGpu& gpu, double reinvestment) {
  const double base = lab.training_budget(state.year);
  const double same_result = base * gpu.usd / (gpu.usd_without * lab.training_level);
  return same_result + reinvestment * (base - same_result + lab.serving_saving);
}

}  // namespace

void plan_training(State& state) {
  for (std::size_t l = 0; l < state.labs.size(); ++l) {
    LabState& lab = state.labs[l];
    const MeanGpu gpu = mean_gpu(state, lab);
    double gpus = 0;
    for (const Holding& held : lab.fleet) gpus += held.gpus;
    const double effective = gpu.flop * state.training_trend * lab.training_level;
    lab.wanted_training = 0;
    if (gpu.usd > 0 && effective > 0) {
      if (const TickDecisions* replay = state.replayed(Response::reinvestment))
        lab.wanted_training = replay->training[l] / effective;
      else
        lab.wanted_training = budget(state, lab, gpu, lab.reinvestment(state.year)) / gpu.usd;
    }
    const double limit = state.conduct().max_training_share;
    lab.training_share = gpus > 0 ? std::min(limit, lab.wanted_training / gpus) : 0;
    lab.training_flop_per_s = lab.training_share * gpus * effective;
  }
}

}  // namespace jevons::years
