#include "apps/claims_command.h"

#include <algorithm>
#include <map>
#include <utility>

#include "scenarios/catalogue.h"
#include "scenarios/compare_scenario.h"
#include "scenarios/file_path.h"
#include "scenarios/json_text.h"
#include "scenarios/output_dir.h"
#include "scenarios/years_scenario.h"
#include "studies/claims.h"
#include "studies/compare.h"
#include "studies/years_study.h"

namespace jevons {
namespace {

// Runs scenarios of claims, each once.
class ClaimRuns {
 public:
  ClaimRuns(const Workbench& bench, std::string file, int samples)
      : bench_{bench}, file_{std::move(file)}, samples_{samples} {}

  JsonValue summary_of(const std::string& name, const std::vector<std::string>& settings) {
    const auto key = std::pair{name, settings};
    const auto known = summaries_.find(key);
    if (known != summaries_.end()) return known->second;
    const Scenario scenario = loaded(name, settings);
    RunContext context;
    context.compare = compare_answer;
    context.years = years_answer;
    context.progress = [this](double) { bench_.progress(share_); };
    return summaries_[key] = scenario.kind.run(scenario.document, context).summary;
  }
  void tell(double share) {
    share_ = share;
    bench_.progress(share);
  }

 private:
  // How many draws a scenario makes is the command's business, unless the claim says it.
  Scenario loaded(const std::string& name, const std::vector<std::string>& settings) const {
    const std::string path = seen_from(file_, name).string();
    std::vector<Setting> all;
    all.reserve(settings.size());
    for (const std::string& text : settings) all.push_back({text, "settings of a claim"});
    const Surroundings around{disk(), catalogues_in(part_folders(path, bench_.parts)),
                              bench_.known};
    Scenario scenario = load_scenario(path, all, around);
    const bool is_drawn =
        scenario.kind.name == YearsScenario::name || scenario.kind.name == CompareScenario::name;
    const bool says = std::any_of(settings.begin(), settings.end(), [](const std::string& text) {
      return text.starts_with("/samples=");
    });
    if (!is_drawn || says) return scenario;
    all.push_back({"/samples=" + std::to_string(samples_), "--samples"});
    return load_scenario(path, all, around);
  }

  const Workbench& bench_;
  std::string file_;
  int samples_;
  double share_ = 0;
  std::map<std::pair<std::string, std::vector<std::string>>, JsonValue> summaries_;
};

}  // namespace

Answer claims_command(const CommandLine& line, const Workbench& bench) {
  const std::string path = line.words.empty()
                               ? (bench.parts.parent_path() / "claims" / "claims.json").string()
                               : line.words.front();
  JsonDocument document = load_document(path, disk());
  for (const Setting& setting : line.settings) override_value(document, setting);
  if (line.has("samples"))
    override_value(document, {"/samples=" + line.choice("samples"), "--samples"});
  const ClaimsTable table = read_claims(document);
  std::optional<OutputDir> out;
  if (line.out) out.emplace(*line.out);
  ClaimRuns runs{bench, path, table.samples};
  Answer answer = claims_answer(
      table, judged(
                 table, document,
                 [&runs](const std::string& name, const std::vector<std::string>& settings) {
                   return runs.summary_of(name, settings);
                 },
                 [&runs](double share) { runs.tell(share); }));
  if (!out) return answer;
  out->write("summary.json", to_text(answer.summary));
  out->commit();
  answer.text += "\nresults in " + out->final_path().string() + "\n";
  return answer;
}

}  // namespace jevons
