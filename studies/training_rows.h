#pragma once
// Published training runs as setups of the step model.
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "models/jobs/training/training_setup.h"
#include "scenarios/catalogue_entries.h"

namespace jevons {

struct MeasuredStep {
  std::string table, id;
  std::string stack;    // software whose age or kind a factor may be fitted for
  TrainingSetup setup;  // without its hardware profile
  double seconds = 0;   // one step; tables of throughput and utilisation are turned into it
};

struct TrainingRows {
  std::vector<MeasuredStep> steps;
  std::map<std::string, int> refused;  // "table: reason" -> rows
};

// The tables of <folder>: Megatron on A100 and H100, llm-foundry, Megatron-Bridge, small GPTs on up
// to 8 GPUs, Llama 3, DeepSeek-V3. Files that are not there give no rows. Throws ScenarioError.
TrainingRows read_training_rows(const std::filesystem::path& folder, const Catalogues& catalogues);

// The network of a published cluster, one NIC per GPU. Rates: datasheets; efficiencies are assumed.
FabricTiers training_fabric(const ChipSpec& chip);

}  // namespace jevons
