#include "studies/validate_training.h"

#include <cstdint>
#include <map>
#include <string>

#include "models/jobs/training/step.h"
#include "models/llm/captured_kernels.h"
#include "scenarios/profiles.h"
#include "studies/stack_fit.h"

namespace jevons {

namespace {

StackFreedom freedom_of(const std::string& table) {
  if (table == "Megatron-Bridge") return {.expert_slowdown = true, .host_per_kernel = true};
  if (table == "llm-foundry") return {.attention_slowdown = true, .host_per_kernel = true};
  if (table == "iteration times on 2-8 A100")
    return {.host_per_kernel = true, .host_per_step = true};
  return {};
}

using Steps = std::vector<const MeasuredStep*>;

// A fixed half: neighbours in a table are alike, so the half is drawn by a hash of the row's name
// (FNV-1a).
bool is_for_fit(const MeasuredStep& row) {
  std::uint32_t hash = 2166136261U;
  for (const char c : row.id) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return ((hash >> 16) & 1U) == 0;
}

void compare(ErrorTables& errors, const std::string& table, const Steps& rows,
             const StackFit* fit) {
  for (const MeasuredStep* row : rows) {
    TrainingSetup setup = row->setup;
    if (fit != nullptr) fit->apply(row->stack, setup);
    errors.add(table, setup.chip.id, "steps per second", 1 / training_step(setup).seconds,
               1 / row->seconds, [row] { return row->id; });
  }
}

}  // namespace

std::vector<ErrorTable> validate_training(const std::filesystem::path& published,
                                          const std::filesystem::path& profiles,
                                          const Catalogues& catalogues) {
  TrainingRows rows = read_training_rows(published, catalogues);
  const ProfileLibrary library{profiles, catalogues};
  std::map<std::string, HardwareProfile> hardware;
  std::map<std::string, std::map<std::string, Steps>> tables;  // by name and chip
  for (MeasuredStep& row : rows.steps) {
    const ChipSpec& chip = row.setup.chip;
    if (!hardware.contains(chip.id)) {
      HardwareProfile profile = library.profile_for(chip);
      profile.time = captured(std::move(profile.time));
      hardware.emplace(chip.id, std::move(profile));
    }
    row.setup.hardware = &hardware.at(chip.id);
    tables[row.table][chip.id].push_back(&row);
  }
  ErrorTables errors;
  for (const auto& [table, chips] : tables)
    for (const auto& [chip, steps] : chips) {
      compare(errors, table + ", uncorrected", steps, nullptr);
      if (steps.size() < 2) continue;
      Steps fitted, tested;
      for (const MeasuredStep* row : steps) (is_for_fit(*row) ? fitted : tested).push_back(row);
      const StackFit fit{fitted, freedom_of(table)};
      compare(errors, table + ", fitted", fitted, &fit);
      compare(errors, table + ", tested", tested, &fit);
    }
  for (const auto& [reason, count] : rows.refused)
    for (int i = 0; i < count; ++i) errors.refuse("Megatron-Bridge, uncorrected", "", "", reason);
  return errors.summary();
}

}  // namespace jevons
