#include "apps/commands.h"

#include <array>
#include <optional>
#include <utility>

#include "apps/claims_command.h"
#include "apps/hindcast_command.h"
#include "apps/policy_commands.h"
#include "apps/serve_commands.h"
#include "apps/train_commands.h"
#include "apps/validate.h"
#include "scenarios/catalogue.h"
#include "scenarios/json_text.h"
#include "scenarios/resolved.h"
#include "scenarios/schema.h"
#include "scenarios/sha256.h"
#include "scenarios/unit_text.h"
#include "studies/compare.h"
#include "studies/years_study.h"

namespace jevons {
namespace {

JsonValue text(std::string value) {
  return {std::move(value), {}};
}

Catalogues catalogues_for(const std::filesystem::path& scenario, const Workbench& bench) {
  return catalogues_in(part_folders(scenario, bench.parts));
}

// Throws ScenarioError where an option has no meaning for the kind, or lacks its place.
void put_rests(const CommandLine& line, const Scenario& scenario, const JsonValue& manifest,
               RunContext& context) {
  const auto refuse = [](std::string expected, std::string got) {
    throw ScenarioError{Mistake{"jevons run", 0, "", std::move(expected), std::move(got), ""}};
  };
  const bool has_rests = line.checkpoint_every || line.resume;
  if ((has_rests || line.trace) && !scenario.kind.is_resumable)
    refuse("--trace, --checkpoint-every and --resume with kind site only",
           std::string{scenario.kind.name});
  if (line.trace) context.trace = *line.trace;
  if (!has_rests) return;
  if (!line.out) refuse("--out DIR, beside which checkpoints are kept", "none");
  context.checkpoint = {*line.out + ".checkpoint", sha256(to_text(manifest))};
  context.resumes = line.resume;
  if (!line.checkpoint_every) return;
  const auto every = read_span(*line.checkpoint_every);
  if (!std::holds_alternative<Span>(every) || std::get<Span>(every) <= Span{})
    refuse("--checkpoint-every as a time such as \"7 day\"", in_quotes(*line.checkpoint_every));
  context.checkpoint_every = std::get<Span>(every);
}

Answer run(const CommandLine& line, const Workbench& bench) {
  const Scenario scenario = load_scenario(line, bench);
  std::optional<OutputDir> out;
  if (line.out) out.emplace(*line.out);
  RunContext context{out ? &*out : nullptr, bench.progress, compare_answer, years_answer};
  put_rests(line, scenario, manifest(scenario, bench.build), context);
  Answer answer = scenario.kind.run(scenario.document, context);
  if (!out) return answer;
  out->write("manifest.json", to_text(manifest(scenario, bench.build)));
  const JsonValue resolved = scenario.kind.resolve(scenario.document);
  out->write("scenario.resolved.json", to_text(with_origins(resolved, scenario.document)));
  out->write("summary.json", to_text(answer.summary));
  out->commit();
  if (!context.checkpoint.file.empty()) std::filesystem::remove(context.checkpoint.file);
  answer.text += "\nresults in " + out->final_path().string() + "\n";
  return answer;
}

// Like run, of scenarios that compare chips; --samples is short for a setting.
Answer compare_command(const CommandLine& line, const Workbench& bench) {
  CommandLine asked = line;
  if (line.has("samples"))
    asked.settings.push_back({"/samples=" + line.choice("samples"), "--samples"});
  const Scenario scenario = load_scenario(asked, bench);
  if (scenario.kind.name != CompareScenario::name)
    throw ScenarioError{mistake_at(scenario.document, "/kind", in_quotes(CompareScenario::name),
                                   in_quotes(scenario.kind.name),
                                   "jevons compare is about scenarios of that kind")};
  return run(asked, bench);
}

// Like run, of scenarios over years, with all that is known of their rebound.
Answer rebound_command(const CommandLine& line, const Workbench& bench) {
  CommandLine asked = line;
  const auto set = [&asked](const std::string& setting, const std::string& option) {
    asked.settings.push_back({setting, option});
  };
  set("/detail=true", "--detail");
  if (line.has("samples")) set("/samples=" + line.choice("samples"), "--samples");
  if (line.has("levers")) set("/ranks_levers=true", "--levers");
  if (line.has("maps")) set("/draws_maps=true", "--maps");
  const Scenario scenario = load_scenario(line, bench);
  if (scenario.kind.name != YearsScenario::name)
    throw ScenarioError{mistake_at(scenario.document, "/kind", in_quotes(YearsScenario::name),
                                   in_quotes(scenario.kind.name),
                                   "jevons rebound is about scenarios of that kind")};
  return run(asked, bench);
}

Answer check(const CommandLine& line, const Workbench& bench) {
  const Scenario scenario = load_scenario(line, bench);
  const std::string kind{scenario.kind.name};
  return {
      line.words.front() + ": no mistakes, kind " + kind + "\n",
      {JsonValue::Object{{"file", text(line.words.front()), {}}, {"kind", text(kind), {}}}, {}}};
}

Answer schema(const CommandLine&, const Workbench& bench) {
  const std::string schema = schema_text(bench.known, catalogues_for("any", bench));
  return {schema, parse_json("schema", schema).root};
}

Answer reference(const CommandLine&, const Workbench& bench) {
  const std::string page = reference_text(bench.known);
  return {page, {JsonValue::Object{{"markdown", text(page), {}}}, {}}};
}

Answer list(const CommandLine& line, const Workbench& bench) {
  const std::vector<std::string> names = catalogue_names();
  const std::string& name = line.words.front();
  if (std::find(names.begin(), names.end(), name) == names.end())
    throw ScenarioError{Mistake{"jevons list", 0, "", "one of " + joined(names), in_quotes(name),
                                did_you_mean(name, names, "catalogues")}};
  const Listing listing = list_catalogue(catalogues_for("any", bench), name);
  JsonValue::List rows;
  for (const auto& row : listing.rows) {
    JsonValue::Object members;
    for (std::size_t i = 0; i < row.size(); ++i)
      members.push_back({listing.columns[i], text(row[i]), {}});
    rows.push_back({std::move(members), {}});
  }
  return {to_text(listing), {JsonValue::Object{{name, {std::move(rows), {}}, {}}}, {}}};
}

Answer version(const CommandLine&, const Workbench& bench) {
  const auto& [number, revision] = bench.build;
  return {"jevons " + std::string{number} + " (" + std::string{revision} + ")\n",
          {JsonValue::Object{{"version", text(std::string{number}), {}},
                             {"revision", text(std::string{revision}), {}}},
           {}}};
}

Answer help(const CommandLine&, const Workbench& bench);

constexpr std::array all{
    Command{{"run", "FILE"}, "run a scenario and print the answer", run},
    Command{
        {"size", "FILE"}, "replicas for a load and its SLO, or GPUs for a deadline", size_command},
    Command{
        {"explain", "FILE"}, "time and joules of an iteration or step by kernel", explain_command},
    Command{{"plan", "FILE"}, "the ten best layouts of a training run", plan_command},
    Command{{"twin", "MODEL"}, "the dense model of equal capability", twin_command},
    Command{{"compare", "FILE"}, "chips and fleets at the same work, with ranges", compare_command},
    Command{{"rebound", "FILE"}, "what comes back of a saving, over years", rebound_command},
    Command{{"check", "FILE"}, "name every mistake of a scenario", check},
    Command{{"schema", ""}, "JSON Schema of scenarios, for editors", schema},
    Command{{"reference", ""}, "every key of a scenario, as Markdown", reference},
    Command{{"list", "WHAT"}, "entries of a catalogue: chips, models, traces ...", list},
    Command{{"validate", ""}, "errors of the model against measurements", validate_command},
    Command{
        {"hindcast", ""}, "past forecasts of the build-out against what came", hindcast_command},
    Command{{"claims", "[FILE]"}, "claims of the debate, with a verdict on each", claims_command},
    Command{{"policy", "chip|timeline|access|design [ID]"},
            "who may buy a chip, when, and why; the best chip under a rule",
            policy_command},
    Command{{"version", ""}, "version and revision of this program", version},
    Command{{"help", ""}, "this text", help},
};

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

Answer help(const CommandLine&, const Workbench& bench) {
  std::string page =
      "jevons simulates AI datacenters: what a workload costs in time, energy and money.\n\n"
      "usage: jevons COMMAND [options]\n\ncommands:\n";
  JsonValue::List names;
  for (const auto& [usage, help, run] : all) {
    const std::string form = std::string{usage.name} + " " + std::string{usage.words};
    page += "  " + padded(form, 16) + std::string{help} + "\n";
    names.push_back(text(std::string{usage.name}));
  }
  page += "\n" + options_text() + "\nkinds of scenario:\n";
  for (const Kind& kind : bench.known)
    page += "  " + padded(std::string{kind.name}, 16) + std::string{kind.help} + "\n";
  page += "\nexit status: 0 done, 1 failed, 2 bad input or usage, 130 interrupted\n";
  return {page, {JsonValue::Object{{"commands", {std::move(names), {}}, {}}}, {}}};
}

}  // namespace

Scenario load_scenario(const CommandLine& line, const Workbench& bench) {
  const std::string& path = line.words.front();
  return load_scenario(path, line.settings, {disk(), catalogues_for(path, bench), bench.known});
}

std::span<const Command> commands() {
  return all;
}

}  // namespace jevons
