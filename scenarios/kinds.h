#pragma once
// A scenario says its "kind"; the kind says how it is read, what must hold between its fields and
// how it is run. To add one: write a struct with `name`, `help` and fields(), beside it
//   Answer run(const S& scenario, RunContext& context);
//   Mistakes laws(const S& scenario, const JsonDocument& document);   // optional, see mistake_at
// and name it in kinds.cpp.
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/catalogue_entries.h"
#include "scenarios/output_dir.h"
#include "scenarios/overrides.h"
#include "scenarios/reader.h"

namespace jevons {

// What a run found: for people, and for programs (summary.json).
struct Answer {
  std::string text;
  JsonValue summary;
};

struct CompareScenario;
struct YearsScenario;
struct RunContext;

// Where a run writes itself down, and what it is: its scenario, its files and the program.
struct CheckpointPlace {
  std::filesystem::path file;
  std::string identity;
};

// What a run may use of the world outside. Tables that are too long for memory are written to
// `out` as they arise; summary and manifest are not the kind's business.
struct RunContext {
  const OutputDir* out = nullptr;  // null when no files are wanted
  // To be called now and then with the share that is done, 0..1; throws when the user has had
  // enough.
  std::function<void(double share)> progress = [](double) {};
  // Comparisons are studies, of which this layer knows nothing: whoever runs a kind brings them.
  Answer (*compare)(const CompareScenario&, RunContext&) = nullptr;
  // The same of years, which need load surfaces of every chip.
  Answer (*years)(const YearsScenario&, RunContext&) = nullptr;
  // Of kinds that are `resumable`: simulated time between checkpoints, and whether to begin at the
  // last one; and a file for a picture of the schedule.
  std::optional<Span> checkpoint_every{};
  CheckpointPlace checkpoint{};
  bool resumes = false;
  std::optional<std::filesystem::path> trace{};
};

struct Surroundings;

struct Kind {
  std::string_view name;
  std::string_view help;
  Shape (*shape)();
  // These expect a document that matches the shape.
  Mistakes (*laws)(const JsonDocument& document);
  JsonValue (*resolve)(const JsonDocument& document);  // every value, defaults included
  Answer (*run)(const JsonDocument& document, RunContext& context);
  // For kinds that hold scenarios: completes them, before laws are asked. Throws ScenarioError.
  void (*complete)(JsonDocument& document, const Surroundings& surroundings) = nullptr;
  bool is_resumable = false;  // takes the last fields of RunContext
};

// The value of a document that is known to match its shape.
template <class S>
S filled(const JsonDocument& document) {
  S value{};
  Filler{document.files}.fill(value, document.root);
  return value;
}

template <class S>
Kind kind_of() {
  return {S::name,
          S::help,
          [] { return describe(S{}); },
          [](const JsonDocument& document) {
            if constexpr (requires(const S& s) { laws(s, document); })
              return laws(filled<S>(document), document);
            return Mistakes{};
          },
          [](const JsonDocument& document) {
            JsonValue::Object members{{"kind", JsonValue{std::string{S::name}, {}}, {}}};
            append_fields(members, filled<S>(document));
            return JsonValue{std::move(members), {}};
          },
          [](const JsonDocument& document, RunContext& context) {
            return run(filled<S>(document), context);
          }};
}

// The kinds of this program.
std::span<const Kind> kinds();

// All of them as one shape: an object whose "kind" decides.
Shape scenario_shape(std::span<const Kind> known);

// What reading a scenario needs beside its path.
struct Surroundings {
  TextFiles files;
  Catalogues catalogues;
  std::span<const Kind> known;
  int depth = 0;  // scenarios around the one that is read
};

struct Scenario {
  JsonDocument document;  // merged, overridden, complete; matches the shape of its kind
  Kind kind;
};

// The kind of a scenario that was completed.
const Kind& kind_of_document(const JsonValue& root, std::span<const Kind> known);

// From a document as it was written, or made by a program, to a scenario that can be run with
// `scenario.kind.run(scenario.document, context)`: catalogue entries are put in, everything is
// checked. Throws ScenarioError with every mistake.
Scenario complete_scenario(JsonDocument document, const Surroundings& surroundings);

// The same of a file.
Scenario load_scenario(const std::string& path, std::span<const Setting> settings,
                       const Surroundings& surroundings);

}  // namespace jevons
