#include "models/facility/power_chain.h"

namespace jevons {

Power loss(const PowerStage& stage, Power rating, Power passed_on) {
  if (rating <= Power{}) return {};
  const double x = passed_on / rating;
  return (stage.no_load + stage.proportional * x + stage.square * x * x) * rating;
}

}  // namespace jevons
