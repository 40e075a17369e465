#pragma once
// Fits what engines cost besides their kernels to a fixed half of measured deployments.
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "scenarios/engine_overheads.h"
#include "studies/replay.h"

namespace jevons {

// Names what was run, not what came out of it, nor under which of its names the model stands.
// The same run published twice has one key.
std::string key_of(const Deployment& deployment);
// The half that is fitted.
bool is_fitted_half(const std::string& key);

// Of the rows that can be replayed, those of the fitted half make the entries. Deterministic.
// `said` hears of each entry when it is done.
EngineOverheads fit_overheads(const std::vector<MeasuredDeployment>& rows, ReplayParts& parts,
                              const std::function<void(const EngineOverhead&)>& said);

// The same from the measurements that the project ships, ready to be written.
EngineOverheads fit_overhead_files(const std::filesystem::path& calibration,
                                   const Catalogues& catalogues,
                                   const std::function<void(const EngineOverhead&)>& said);

}  // namespace jevons
