#include "studies/validate.h"

#include <algorithm>
#include <array>
#include <utility>

#include "scenarios/diagnostics.h"
#include "studies/deployment_rows.h"
#include "studies/overhead.h"
#include "studies/validate_jobs.h"
#include "studies/validate_kernels.h"
#include "studies/validate_power.h"
#include "studies/validate_schedules.h"
#include "studies/validate_serving.h"
#include "studies/validate_training.h"
#include "studies/vllm_run.h"

namespace jevons {

namespace {

// Tables bear the names of their files, as they are published and as we ship them.
constexpr std::string_view energy_table = "mlenergy_llm_energy.csv";
constexpr std::string_view deployment_table = "end_to_end.csv.gz";
constexpr std::string_view runs_table = "vllm_runs";

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
      : input_{input}, parts_{input.catalogues, input.calibration / "profiles"} {
    const auto file = input.calibration / "engines" / "overheads.json";
    if (std::filesystem::exists(file)) overheads_ = load_engine_overheads(file);
  }

  void kernels();
  void mlenergy();
  void end_to_end();
  void vllm_runs();
  ValidationReport report() const { return {errors_.summary(), {}, skipped_}; }

 private:
  // The first of these that is there; none: said so, and empty.
  std::filesystem::path find(std::initializer_list<const char*> places);
  EngineOverhead overhead_of(const Deployment& d) const { return overheads_.of(d.engine, d.year); }
  bool was_fitted(const Deployment& d) const {
    return std::binary_search(overheads_.fitted_rows.begin(), overheads_.fitted_rows.end(),
                              key_of(d));
  }
  void refuse(const std::string& table, const MeasuredDeployment& row, Refusal reason);
  void compare(const std::string& table, const MeasuredDeployment& row,
               const EngineOverhead& overhead);
  void compare_run(const VllmRun& run);
  void note(const std::string& table, const std::string& chip, std::string_view metric,
            const std::string& row, double predicted, double measured);

  const ValidationInput& input_;
  ReplayParts parts_;
  EngineOverheads overheads_;
  ErrorTables errors_;
  std::vector<std::string> skipped_;
};

std::filesystem::path Validation::find(std::initializer_list<const char*> places) {
  for (const char* place : places)
    if (std::filesystem::exists(input_.data / place)) return input_.data / place;
  skipped_.emplace_back(*places.begin());
  return {};
}

void Validation::refuse(const std::string& table, const MeasuredDeployment& row, Refusal reason) {
  for (const auto& [name, value] : metrics)
    if (row.measured.*value) errors_.refuse(table, row.deployment.chip, name, name_of(reason));
}

void Validation::note(const std::string& table, const std::string& chip, std::string_view metric,
                      const std::string& row, double predicted, double measured) {
  errors_.add(table, chip, metric, predicted, measured, [&row] { return row; });
  input_.row({table, chip, std::string{metric}, row, predicted, measured});
}

void Validation::compare(const std::string& table, const MeasuredDeployment& row,
                         const EngineOverhead& overhead) {
  if (row.refusal) return refuse(table, row, *row.refusal);
  const auto outcome = replay(row.deployment, overhead, parts_);
  if (const auto* refusal = std::get_if<Refusal>(&outcome)) return refuse(table, row, *refusal);
  const auto& figures = std::get<ServingFigures>(outcome);
  for (const auto& [name, value] : metrics)
    if (row.measured.*value && figures.*value)
      note(table, row.deployment.chip, name, row.deployment.id, *(figures.*value),
           *(row.measured.*value));
}

// Rows whose shape the overheads were fitted to are reported apart, and so are rows that do not
// name their precision. The same rows once more with host time as if nothing were known of engines.
void Validation::end_to_end() {
  const auto file = find({"serving/end_to_end.csv.gz"});
  if (file.empty()) return;
  const std::string table{deployment_table};
  for (const MeasuredDeployment& row : read_end_to_end(file.string(), parts_.catalogues())) {
    const Deployment& d = row.deployment;
    const bool is_new = row.refusal || !was_fitted(d);
    const std::string which = !d.is_precision_stated ? " (precision not stated)"
                              : is_new               ? ""
                                                     : " (rows of the overhead fit)";
    compare(table + which, row, overhead_of(d));
    if (is_new && d.is_precision_stated && !row.refusal)
      compare(table + " (without overhead profile)", row, no_overhead);
  }
}

void Validation::mlenergy() {
  const auto file = find({"energy/mlenergy_llm_energy.csv", "energy/raw/mlenergy_v3.csv.gz"});
  if (file.empty()) return;
  for (const MeasuredDeployment& row : read_mlenergy(file.string(), parts_.catalogues())) {
    const Deployment& d = row.deployment;
    const std::string which = d.table == "mlenergy_v2"        ? " (v2: power reads too low)"
                              : !row.refusal && was_fitted(d) ? " (rows of the overhead fit)"
                                                              : "";
    compare(std::string{energy_table} + which, row, overhead_of(d));
  }
}

void Validation::compare_run(const VllmRun& run) {
  const Deployment& d = run.row.deployment;
  const std::string table{runs_table};
  if (run.row.refusal) {
    errors_.refuse(table, d.chip, "ttft", name_of(*run.row.refusal));
    return;
  }
  const std::vector<ServedRequest> served = replay_run(run, overhead_of(d), parts_);
  for (std::size_t i = 0; i < served.size(); ++i) {
    const ServedRequest& p = served[i];
    const ServedRequest& m = run.requests[i];
    const std::string row = d.id + ", request " + std::to_string(i);
    note(table, d.chip, "ttft", row, p.first_token - p.arrival, m.first_token - m.arrival);
    note(table, d.chip, "time", row, p.last_token - p.arrival, m.last_token - m.arrival);
  }
  const std::vector<double> rate = tokens_per_second(served, run.tokens_per_s.size());
  for (std::size_t s = 0; s < rate.size(); ++s)
    if (run.tokens_per_s[s] > 0)
      note(table, d.chip, "throughput", d.id + ", second " + std::to_string(s + 1), rate[s],
           run.tokens_per_s[s]);
}

void Validation::vllm_runs() {
  const auto folder = find({"serving/vllm_runs"});
  if (folder.empty()) return;
  std::vector<std::filesystem::path> runs;
  for (const auto& entry : std::filesystem::directory_iterator{folder})
    if (entry.is_directory()) runs.push_back(entry.path());
  std::sort(runs.begin(), runs.end());
  for (const auto& run : runs) compare_run(read_vllm_run(run, parts_.catalogues()));
}

// Every row of a directory that was given; of the project's own, those that were not fitted.
void Validation::kernels() {
  const std::filesystem::path profiles = input_.calibration / "profiles";
  const auto judge = [&](const std::filesystem::path& folder, bool is_held_out_only) {
    if (!folder.empty())
      validate_kernels({folder, is_held_out_only}, profiles, parts_.catalogues(), errors_);
  };
  if (std::filesystem::exists(input_.data / "raw" / "h100-sxm"))
    return judge(input_.data / "raw", true);
  judge(find({"kernels"}), false);
  judge(find({"kernels_h20_h800"}), false);
}

// Schedules and powers are few: each is shown, and summed up by table like all others.
void append_figures(const ValidationInput& input, ValidationReport& report) {
  if (std::filesystem::exists(input.data / "jobs"))
    report.figures = validate_schedules(input.data / "jobs");
  else
    report.skipped.emplace_back("jobs");
  for (Comparison& c : validate_power(input.data)) report.figures.push_back(std::move(c));
  for (Comparison& c : validate_serving(input.calibration, input.catalogues))
    report.figures.push_back(std::move(c));
  ErrorTables errors;
  for (const Comparison& c : report.figures) {
    errors.add(c.table, c.chip, c.metric, c.predicted, c.measured, [&c] { return c.row; });
    input.row(c);
  }
  for (ErrorTable& t : errors.summary()) report.tables.push_back(std::move(t));
}

}  // namespace

ValidationReport validate(const ValidationInput& input) {
  if (!std::filesystem::is_directory(input.data))
    throw ScenarioError{Mistake{input.data.string(), 0, "", "a directory of measurements", "none",
                                "give one with --data DIR"}};
  Validation validation{input};
  validation.kernels();
  validation.mlenergy();
  validation.end_to_end();
  validation.vllm_runs();
  ValidationReport report = validation.report();
  const std::filesystem::path profiles = input.calibration / "profiles";
  const auto append = [&report](std::vector<ErrorTable> tables) {
    for (ErrorTable& t : tables) report.tables.push_back(std::move(t));
  };
  if (std::filesystem::exists(input.data / "published"))
    append(validate_training(input.data / "published", profiles, input.catalogues));
  else
    report.skipped.emplace_back("published");
  append(validate_jobs(profiles, input.catalogues));
  append_figures(input, report);
  return report;
}

}  // namespace jevons
