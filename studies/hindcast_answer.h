#pragma once
// A hindcast as a page and as summary.json.
#include "scenarios/kinds.h"
#include "studies/hindcast.h"
#include "studies/hindcast_base.h"

namespace jevons {

struct HindcastAnswer {
  BuildOutFacts facts;
  HindcastReport report;
  std::vector<ShownFigure> shown;
  BaseCase base;
  int samples = 0;
};

Answer to_answer(const HindcastAnswer& hindcast);

// hindcast.csv: every origin, quarter and metric.
std::string hindcast_csv(const HindcastReport& report);

}  // namespace jevons
