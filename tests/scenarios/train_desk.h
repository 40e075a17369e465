#pragma once
// A small training scenario to change, and what comes of it.
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "scenarios/catalogue.h"
#include "scenarios/kinds.h"
#include "scenarios/train_answer.h"
#include "scenarios/train_scenario.h"

namespace jevons::test {

inline const std::filesystem::path project{JEVONS_SOURCE_DIR};

inline constexpr const char* small_training = R"({
"kind": "train",
"model": "llama-3-8b",
"chip": "h100-sxm",
"cluster": {"gpus": 64},
"parallelism": {"kind": "stated", "tp": 2, "pp": 2, "recompute": "selective"},
"global_batch": 512,
"goal": {"kind": "tokens", "tokens": "200 Gtok"},
"job": {"stragglers": {}}
})";

inline Scenario loaded_training(const std::vector<Setting>& settings = {},
                                const std::string& text = small_training) {
  TextFiles files = disk();
  files.read = [text](const std::string& path) {
    return path == "s/a.json" ? std::optional{text} : disk().read(path);
  };
  return load_scenario("s/a.json", settings,
                       {files, catalogues_in({project / "scenarios/parts"}), kinds()});
}

inline TrainScenario training(const std::vector<Setting>& settings = {}) {
  return filled<TrainScenario>(loaded_training(settings).document);
}

inline TrainOutcome trained(const std::vector<Setting>& settings = {}) {
  RunContext context;
  return train(training(settings), context);
}

inline Answer training_answer(const std::vector<Setting>& settings = {}) {
  RunContext context;
  return run(training(settings), context);
}

inline double figure_at(const JsonValue& summary, std::string_view pointer) {
  return find_pointer(summary, pointer)->number()->value;
}

inline std::string complaint_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const ScenarioError& error) {
    return error.what();
  }
  return "";
}

}  // namespace jevons::test
