#include "apps/hindcast_command.h"

#include <charconv>
#include <optional>

#include "scenarios/catalogue.h"
#include "scenarios/json_text.h"
#include "scenarios/years_scenario.h"
#include "studies/hindcast_answer.h"
#include "studies/hindcast_rates.h"
#include "studies/years_rates.h"

namespace jevons {
namespace {

constexpr int default_samples = 400, most_samples = 100'000;

int samples_of(const CommandLine& line) {
  const std::string text = line.choice("samples", std::to_string(default_samples));
  int n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error == std::errc{} && end == text.data() + text.size() && n >= 20 && n <= most_samples)
    return n;
  throw ScenarioError{Mistake{"--samples", 0, "",
                              "a whole number from 20 to " + std::to_string(most_samples),
                              in_quotes(text), ""}};
}

// The forward base case: arm C of the shipped scenario.
BaseCase shipped_base_case(const std::filesystem::path& data, const Workbench& bench) {
  CommandLine line;
  line.words = {(bench.parts.parent_path() / "efficiency_paradox.json").string()};
  const Scenario scenario = load_scenario(line, bench);
  const World world = filled<YearsScenario>(scenario.document).world;
  return base_case(
      {.world = world, .rates = years_rates(world), .later_from = 0, .later_rates = {}},
      read_published_energy(data));
}

}  // namespace

Answer hindcast_command(const CommandLine& line, const Workbench& bench) {
  const std::filesystem::path root = bench.parts.parent_path().parent_path();
  const std::filesystem::path data =
      line.data ? std::filesystem::path{*line.data} : root / "calibration" / "economics";
  std::optional<OutputDir> out;
  HindcastAnswer hindcast;
  hindcast.samples = samples_of(line);
  hindcast.facts = read_build_out(data);
  hindcast.shown = read_shown(data);
  if (line.out) out.emplace(*line.out);
  const RatesByChip rates = hindcast_rates(hindcast.facts, catalogues_in({bench.parts}));
  bench.progress(0.3);
  hindcast.report = jevons::hindcast({hindcast.facts, rates, hindcast.samples});
  bench.progress(0.7);
  hindcast.base = shipped_base_case(data, bench);
  Answer answer = to_answer(hindcast);
  if (!out) return answer;
  out->write("hindcast.csv", hindcast_csv(hindcast.report));
  out->write("summary.json", to_text(answer.summary));
  out->commit();
  answer.text += "\nresults in " + out->final_path().string() + "\n";
  return answer;
}

}  // namespace jevons
