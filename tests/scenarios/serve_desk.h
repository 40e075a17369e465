#pragma once
// A small serving scenario to change, and what comes of it.
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "scenarios/catalogue.h"
#include "scenarios/kinds.h"
#include "scenarios/serve_scenario.h"

namespace jevons::test {

inline const std::filesystem::path project{JEVONS_SOURCE_DIR};

// Fixed lengths, so that expected sums can be counted by hand.
inline constexpr const char* small_scenario = R"({
"kind": "serve",
"model": "qwen3-8b",
"chip": "h100-sxm",
"fleet": {"kind": "colocated", "replicas": 2},
"workload": {"kind": "generated", "arrivals": {"kind": "poisson", "requests_per_s": 20},
"lengths": {"kind": "fixed", "prompt": 500, "output": 100}, "requests": 200}
})";

inline Scenario loaded(const std::vector<Setting>& settings = {},
                       const std::string& text = small_scenario) {
  TextFiles files = disk();
  files.read = [text](const std::string& path) {
    return path == "s/a.json" ? std::optional{text} : disk().read(path);
  };
  return load_scenario("s/a.json", settings,
                       {files, catalogues_in({project / "scenarios/parts"}), kinds()});
}

inline ServeScenario scenario(const std::vector<Setting>& settings = {}) {
  return filled<ServeScenario>(loaded(settings).document);
}

inline Answer answer(const std::vector<Setting>& settings = {}) {
  RunContext context;
  return run(scenario(settings), context);
}

inline double number(const JsonValue& summary, std::string_view pointer) {
  return find_pointer(summary, pointer)->number()->value;
}

inline std::string complaint(const std::function<void()>& call) {
  try {
    call();
  } catch (const ScenarioError& error) {
    return error.what();
  }
  return "";
}

}  // namespace jevons::test
