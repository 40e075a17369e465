#include "studies/validate.h"

#include <utility>

#include "scenarios/diagnostics.h"
#include "studies/deployment_rows.h"

namespace jevons {

namespace {

constexpr std::string_view steady_table = "mlenergy_llm_energy.csv";

struct Metric {
  std::string_view name;
  std::optional<double> ServingFigures::*value;
};
constexpr std::array metrics{
    Metric{"ttft", &ServingFigures::ttft_s},
    Metric{"tpot", &ServingFigures::tpot_s},
    Metric{"itl", &ServingFigures::itl_s},
    Metric{"throughput", &ServingFigures::output_tokens_per_s},
    Metric{"energy", &ServingFigures::joules_per_token},
    Metric{"power", &ServingFigures::watts_per_gpu},
};

class Validation {
 public:
  explicit Validation(const ValidationInput& input)
      : input_{input}, parts_{input.catalogues, input.calibration / "profiles"} {}

  void compare(const std::string& table, const MeasuredDeployment& row,
               const EngineOverhead& overhead);
  void mlenergy();
  void end_to_end();
  ValidationReport report() const { return {errors_.summary(), skipped_}; }

 private:
  bool is_there(const std::filesystem::path& part) {
    if (std::filesystem::exists(input_.data / part)) return true;
    skipped_.push_back(part.string());
    return false;
  }
  void refuse(const std::string& table, const MeasuredDeployment& row, Refusal reason);

  const ValidationInput& input_;
  ReplayParts parts_;
  ErrorTables errors_;
  std::vector<std::string> skipped_;
};

void Validation::refuse(const std::string& table, const MeasuredDeployment& row, Refusal reason) {
  for (const auto& [name, value] : metrics)
    if (row.measured.*value) errors_.refuse(table, row.deployment.chip, name, name_of(reason));
}

void Validation::compare(const std::string& table, const MeasuredDeployment& row,
                         const EngineOverhead& overhead) {
  if (row.refusal) return refuse(table, row, *row.refusal);
  const auto outcome = replay(row.deployment, overhead, parts_);
  if (const auto* refusal = std::get_if<Refusal>(&outcome)) return refuse(table, row, *refusal);
  const auto& figures = std::get<ServingFigures>(outcome);
  for (const auto& [name, value] : metrics) {
    const auto& measured = row.measured.*value;
    const auto& predicted = figures.*value;
    if (!measured || !predicted) continue;
    errors_.add(table, row.deployment.chip, name, *predicted, *measured,
                [&row] { return row.deployment.id; });
    input_.row(
        {table, row.deployment.chip, std::string{name}, row.deployment.id, *predicted, *measured});
  }
}

void Validation::mlenergy() {
  const std::filesystem::path part = std::filesystem::path{"energy"} / steady_table;
  if (!is_there(part)) return;
  for (const MeasuredDeployment& row :
       read_mlenergy((input_.data / part).string(), parts_.catalogues())) {
    const bool is_old = row.deployment.table == "mlenergy_v2";
    compare(std::string{steady_table} + (is_old ? " (v2)" : ""), row, EngineOverhead{});
  }
}

void Validation::end_to_end() {
  const std::filesystem::path part = "serving/end_to_end.csv.gz";
  if (!is_there(part)) return;
  const std::string table = part.filename().string();
  for (const MeasuredDeployment& row :
       read_end_to_end((input_.data / part).string(), parts_.catalogues())) {
    compare(table + (row.deployment.is_precision_stated ? "" : " (precision not stated)"), row,
            EngineOverhead{});
  }
}

}  // namespace

ValidationReport validate(const ValidationInput& input) {
  if (!std::filesystem::is_directory(input.data))
    throw ScenarioError{Mistake{input.data.string(), 0, "", "a directory of measurements", "none",
                                "give one with --data DIR"}};
  Validation validation{input};
  validation.mlenergy();
  validation.end_to_end();
  return validation.report();
}

}  // namespace jevons
