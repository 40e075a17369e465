#pragma once
// Published training runs as setups of the step model.
#include <filesystem>
#include <map>
#include <optional>
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
  // What the table states besides, of the same run: model TFLOP/s of a GPU, or utilisation.
  std::optional<double> tflops{}, mfu_percent{};
};

struct TrainingRows {
  std::vector<MeasuredStep> steps;
  std::map<std::string, int> refused;  // "table: reason" -> rows
};

// The tables of <folder>: Megatron on A100 and H100, llm-foundry, Megatron-Bridge, small GPTs on up
// to 8 GPUs, Llama 3, DeepSeek-V3. Files that are not there give no rows. Throws ScenarioError.
TrainingRows read_training_rows(const std::filesystem::path& folder, const Catalogues& catalogues);

// A phase of the DeepSeek-V3 step, in the words of its table.
struct MeasuredPhase {
  std::string name;  // 1F, 1B, 1W, 1F1B, bubble, optimizer
  double seconds = 0;
};
std::vector<MeasuredPhase> read_deepseek_phases(const std::filesystem::path& folder);

// Metered runs, of the GPUs or of whole nodes. Their parallelism is not published; layout and
// micro-batch are left for the plan.
enum class MeteredFigure { joules_per_token, kilowatt_hours, watts_per_node };
struct MeteredRun {
  std::string name, id;      // of the table of errors, of the row
  std::string table, stack;  // whose software is nearest in kind
  TrainingSetup setup;       // without its hardware profile
  int gpus = 0;
  bool is_node = false;
  MeteredFigure figure = MeteredFigure::joules_per_token;
  double value = 0;
  double tokens = 0;  // of the whole run, for kilowatt_hours
};
std::vector<MeteredRun> read_metered_runs(const std::filesystem::path& folder,
                                          const Catalogues& catalogues);

// The network of a published cluster, one NIC per GPU. Rates: datasheets; efficiencies are assumed.
FabricTiers training_fabric(const ChipSpec& chip);

}  // namespace jevons
