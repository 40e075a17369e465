#include "models/facility/power_flow.h"

#include <initializer_list>

namespace jevons {

namespace {

// One after another, each stage passes on what the next one takes.
Nanowatts pass(std::initializer_list<const PowerStage*> stages, Power rated, Nanowatts power) {
  for (const PowerStage* stage : stages)
    power += nanowatts(loss(*stage, stage->headroom * rated, from_nanowatts(power)));
  return power;
}

}  // namespace

PowerPlant::PowerPlant(const PowerChain& chain, const Cooling& cooling, Power rated)
    : chain_{chain}, cooling_{cooling}, rated_{rated} {
  rated_heat_ = from_nanowatts(
      pass({&chain_.supply, &chain_.distribution, &chain_.ups}, rated_, nanowatts(rated_)));
}

PowerFlow PowerPlant::flow(const MachinePower& machines, const Outside& outside) const {
  PowerFlow f{machines};
  f.plug = pass({&chain_.supply}, rated_, machines.total());
  const Nanowatts heat = pass({&chain_.distribution, &chain_.ups}, rated_, f.plug);
  const CoolingDraw cooling = cooling_draw(cooling_, from_nanowatts(heat), rated_heat_, outside);
  f.cooling = nanowatts(cooling.power);
  f.litres_per_s = cooling.litres_per_s;
  f.grid = pass({&chain_.transformer}, rated_heat_, heat + f.cooling);
  f.loss = heat - machines.total() + (f.grid - heat - f.cooling);
  return f;
}

}  // namespace jevons
