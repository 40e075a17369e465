#pragma once
// The words of a command line, understood.
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
  std::optional<std::string> data, slo, out;
  bool json = false;
  bool quiet = false;
};

// How a command is written: its name and the words it takes, such as "FILE" or "[WHAT]".
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
