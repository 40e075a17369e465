#pragma once
// The words of a command line, understood.
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/overrides.h"

namespace jevons {

struct CommandLine {
  std::string command;
  std::vector<std::string> words;  // what follows it, without the options
  std::vector<Setting> settings;   // --set and --seed, in this order
  std::optional<std::string> data, slo, out, trace;
  std::optional<std::string> checkpoint_every;      // a time with its unit
  std::optional<std::string> wish, deadline, chip;  // --for, --deadline, --chip
  bool resume = false;
  std::map<std::string, std::string> choices;  // options of single commands; flags are ""
  bool json = false;
  bool quiet = false;

  bool has(const std::string& option) const { return choices.contains(option); }
  std::string choice(const std::string& option, const std::string& otherwise = "") const {
    const auto found = choices.find(option);
    return found != choices.end() ? found->second : otherwise;
  }
};

// How a command is written: its name and the words it takes, such as "FILE" or "[WHAT]", separated
// by spaces.
struct Usage {
  std::string_view name;
  std::string_view words;
};

// Throws ScenarioError for unknown commands and options and for missing or needless words.
// "--help" and "--version" stand for the commands of that name.
CommandLine read_command_line(std::span<const std::string> arguments, std::span<const Usage> known);

// The options as a table for `help`.
std::string options_text();

}  // namespace jevons
