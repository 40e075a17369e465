#pragma once
// What the program can do, one entry per command. To add one: write its function and name it in
// commands().
#include <filesystem>
#include <functional>
#include <span>
#include <string_view>

#include "apps/cli.h"
#include "scenarios/kinds.h"
#include "scenarios/manifest.h"

namespace jevons {

// What the commands stand on; tests give their own.
struct Workbench {
  std::span<const Kind> known;
  std::filesystem::path parts;  // catalogues of the project
  BuildInfo build;
  std::function<void(double share)> progress = [](double) {};
};

struct Command {
  Usage usage;
  std::string_view help;
  Answer (*run)(const CommandLine& line, const Workbench& bench);
};

// The scenario that a command line names, with its settings. Throws ScenarioError.
Scenario load_scenario(const CommandLine& line, const Workbench& bench);

std::span<const Command> commands();

}  // namespace jevons
