#pragma once
// Readers of published serving measurements. A row that cannot be understood is returned with the
// reason, so that it is counted.
#include <string>
#include <vector>

#include "scenarios/catalogue_entries.h"
#include "studies/deployment.h"

namespace jevons {

// Deployments with TTFT and TPOT, columns as in NVIDIA aiconfigurator's table of end-to-end runs.
// Throws ScenarioError.
std::vector<MeasuredDeployment> read_end_to_end(const std::string& path,
                                                const Catalogues& catalogues);

// Energy and latency of the ML.ENERGY leaderboard, one row per model, chip and batch.
std::vector<MeasuredDeployment> read_mlenergy(const std::string& path,
                                              const Catalogues& catalogues);

}  // namespace jevons
