#pragma once
// A deployment through the serving model, as its benchmark drove it.
#include <filesystem>
#include <map>
#include <string>
#include <variant>

#include "models/jobs/inference/serving_config.h"
#include "scenarios/catalogue_entries.h"
#include "scenarios/engine_overheads.h"
#include "scenarios/profiles.h"
#include "studies/deployment.h"

namespace jevons {

// Cards and profiles, read once each.
class ReplayParts {
 public:
  // `profiles`: folder of calibrated chips.
  ReplayParts(Catalogues catalogues, std::filesystem::path profiles)
      : catalogues_{std::move(catalogues)}, profiles_{std::move(profiles), catalogues_} {}

  const ModelCard& model(const std::string& id);
  const ChipSpec& chip(const std::string& id);
  const HardwareProfile& hardware(const std::string& chip);
  const Catalogues& catalogues() const { return catalogues_; }

 private:
  Catalogues catalogues_;
  ProfileLibrary profiles_;
  std::map<std::string, ModelCard> models_;
  std::map<std::string, ChipSpec> chips_;
  std::map<std::string, HardwareProfile> hardware_;
};

ServingConfig serving_config(const Deployment& deployment, const EngineOverhead& overhead,
                             ReplayParts& parts);

// The figures of one configuration of a deployment; its model fits.
ServingFigures run_deployment(const Deployment& deployment, const ServingConfig& config);

std::variant<ServingFigures, Refusal> replay(const Deployment& deployment,
                                             const EngineOverhead& overhead, ReplayParts& parts);

}  // namespace jevons
