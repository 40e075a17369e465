#include "apps/cli.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

#include <boost/program_options.hpp>

#include "scenarios/diagnostics.h"
#include "scenarios/json_value.h"

namespace jevons {
namespace {

namespace po = boost::program_options;

// An option that some commands take and others refuse. Without a value it is a flag.
struct CommandOption {
  const char* name;
  const char* value;
  const char* help;
  std::string_view commands;  // separated by spaces
};
constexpr std::array command_options{
    CommandOption{"date", "YYYY-MM-DD", "policy: the day of the deal", "policy"},
    CommandOption{"dest", "CC", "policy: country of destination; absent: CN", "policy"},
    CommandOption{"parent", "CC", "policy: country of the buyer's ultimate parent", "policy"},
    CommandOption{"end-use", "USE", "policy: civil, military or supercomputer", "policy"},
    CommandOption{"exporter", "WHO", "policy: vendor or foundry", "policy"},
    CommandOption{"attested", "", "policy: an approved designer vouches for the chip", "policy"},
    CommandOption{"reexport", "", "policy: from a third country", "policy"},
    CommandOption{"all", "", "policy chip: every chip of the catalogue", "policy"},
    CommandOption{"samples", "N",
                  "compare, rebound: short for --set /samples=N; claims, hindcast: draws",
                  "compare rebound claims hindcast"},
    CommandOption{"levers", "", "rebound: what each lever saves after the answers", "rebound"},
    CommandOption{"maps", "", "rebound: over elasticity, gain and energy's share", "rebound"},
    CommandOption{"region", "ID", "policy access: which region; absent: CN", "policy"},
    CommandOption{"max", "GOAL", "policy design: decode, training or prefill", "policy"},
    CommandOption{"rule", "ID", "policy design: this rule alone; absent: all of the day", "policy"},
    CommandOption{"die", "ID", "policy design: chip to cut down; absent: measured ones", "policy"},
    CommandOption{"status", "STATUS",
                  "policy design: strictest that is sold; absent: not_controlled", "policy"},
    CommandOption{"model", "ID", "policy design: what is served or trained", "policy"},
    CommandOption{"chips", "a,b,c", "policy timeline: which chips; absent: all", "policy"},
};

bool is_among(std::string_view word, std::string_view list) {
  const std::string padded = " " + std::string{list} + " ";
  return padded.find(" " + std::string{word} + " ") != std::string::npos;
}

[[noreturn]] void refuse(const std::string& command, std::string expected, std::string got,
                         std::string hint = "") {
  const std::string place = command.empty() ? "jevons" : "jevons " + command;
  throw ScenarioError{Mistake{place, 0, "", std::move(expected), std::move(got), std::move(hint)}};
}

po::options_description options() {
  po::options_description all{"options"};
  auto add = all.add_options();
  using Texts = std::vector<std::string>;
  add("set", po::value<Texts>()->composing()->value_name("/key=value"),
      "replace a value of the scenario; may be repeated");
  add("seed", po::value<std::string>()->value_name("N"), "short for --set /seed=N");
  add("data", po::value<std::string>()->value_name("DIR"),
      "measurements to validate against; absent: those of the project");
  add("slo", po::value<std::string>()->value_name("ttft=2s,tpot=50ms"),
      "objective to size for; absent: that of the scenario");
  add("deadline", po::value<std::string>()->value_name("60day"),
      "when training must be done, to size for");
  add("for", po::value<std::string>()->value_name("fastest|cheapest|least-energy"),
      "what a plan is best in; absent: fastest");
  add("chip", po::value<std::string>()->value_name("ID"),
      "chip to compare a model and its twin on");
  add("out", po::value<std::string>()->value_name("DIR"), "write results and tables to DIR");
  add("trace", po::value<std::string>()->value_name("FILE"),
      "kind site: write the schedule for Chrome's tracing page or Perfetto");
  add("checkpoint-every", po::value<std::string>()->value_name("\"7 day\""),
      "kind site: write the run down after so much simulated time, to DIR.checkpoint of --out");
  add("resume", "kind site: go on from DIR.checkpoint of --out");
  add("json", "one JSON document on standard output, also on failure");
  add("quiet", "no progress");
  for (const CommandOption& option : command_options) {
    if (*option.value == '\0')
      add(option.name, option.help);
    else
      add(option.name, po::value<std::string>()->value_name(option.value), option.help);
  }
  add("help", "what this program can do");
  return all;
}

std::vector<std::string> option_names() {
  std::vector<std::string> names;
  const po::options_description all = options();
  for (const auto& option : all.options()) names.push_back("--" + option->long_name());
  return names;
}

// The options of `arguments` in `values`; what is no option is a word.
po::variables_map parsed(const std::string& command, const std::vector<std::string>& arguments,
                         std::vector<std::string>& words) {
  po::options_description all = options();
  all.add_options()("words", po::value<std::vector<std::string>>());
  po::positional_options_description positional;
  positional.add("words", -1);
  po::variables_map values;
  // A prefix is not taken for an option: it may become ambiguous when options are added.
  const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
  try {
    po::store(
        po::command_line_parser{arguments}.options(all).positional(positional).style(style).run(),
        values);
  } catch (const po::unknown_option& error) {
    const std::string name = error.get_option_name();
    refuse(command, "a known option", in_quotes(name),
           did_you_mean(name, option_names(), "options"));
  } catch (const po::error_with_option_name& error) {
    const std::string name = error.get_option_name();
    refuse(command, "each option once and with its value", in_quotes(name), error.what());
  } catch (const po::error& error) {
    refuse(command, "options as `jevons help` shows them", error.what());
  }
  if (values.count("words") > 0) words = values["words"].as<std::vector<std::string>>();
  return values;
}

const Usage& find_usage(const std::string& command, std::span<const Usage> known) {
  const auto found = std::find_if(known.begin(), known.end(),
                                  [&command](const Usage& usage) { return usage.name == command; });
  if (found != known.end()) return *found;
  std::vector<std::string> names;
  for (const Usage& usage : known) names.emplace_back(usage.name);
  refuse("", "a command", in_quotes(command), did_you_mean(command, names, "commands"));
}

void check_words(const Usage& usage, const CommandLine& line) {
  std::vector<std::string> forms;
  std::istringstream words{std::string{usage.words}};
  for (std::string word; words >> word;) forms.push_back(word);
  const std::size_t most = forms.size();
  const auto least = static_cast<std::size_t>(std::count_if(
      forms.begin(), forms.end(), [](const std::string& form) { return !form.starts_with('['); }));
  const std::string form = "jevons " + line.command + " " + std::string{usage.words};
  if (line.words.size() < least)
    refuse(line.command, forms[line.words.size()], "nothing", "write " + form);
  if (line.words.size() > most)
    refuse(line.command,
           most == 0 ? "nothing more" : (most == 1 ? "one " : "") + std::string{usage.words},
           in_quotes(line.words[most]), most == 0 ? "" : "write " + form);
}

// The options of single commands, refused where they mean nothing.
void read_choices(const po::variables_map& values, CommandLine& line) {
  for (const CommandOption& option : command_options) {
    if (values.count(option.name) == 0) continue;
    const std::string name = "--" + std::string{option.name};
    if (!is_among(line.command, option.commands))
      refuse(line.command, "an option that it takes", in_quotes(name),
             "it belongs to " + std::string{option.commands});
    line.choices[option.name] =
        *option.value == '\0' ? std::string{} : values[option.name].as<std::string>();
  }
}

}  // namespace

CommandLine read_command_line(std::span<const std::string> arguments,
                              std::span<const Usage> known) {
  CommandLine line;
  if (arguments.empty()) {
    line.command = "help";
    return line;
  }
  line.command = arguments.front();
  if (line.command == "--help" || line.command == "-h") line.command = "help";
  if (line.command == "--version") line.command = "version";
  const Usage& usage = find_usage(line.command, known);
  const po::variables_map values = parsed(
      line.command, std::vector<std::string>(arguments.begin() + 1, arguments.end()), line.words);
  line.json = values.count("json") > 0;
  line.quiet = values.count("quiet") > 0;
  if (values.count("help") > 0) {
    line.command = "help";
    line.words.clear();
    return line;
  }
  if (values.count("set") > 0)
    for (const std::string& text : values["set"].as<std::vector<std::string>>())
      line.settings.push_back({text});
  if (values.count("seed") > 0)
    line.settings.push_back({"/seed=" + values["seed"].as<std::string>(), "--seed"});
  if (values.count("data") > 0) line.data = values["data"].as<std::string>();
  if (values.count("slo") > 0) line.slo = values["slo"].as<std::string>();
  const auto take = [&values](const char* name, std::optional<std::string>& into) {
    if (values.count(name) > 0) into = values[name].as<std::string>();
  };
  take("for", line.wish);
  take("deadline", line.deadline);
  take("chip", line.chip);
  if (values.count("out") > 0) line.out = values["out"].as<std::string>();
  read_choices(values, line);
  if (values.count("trace") > 0) line.trace = values["trace"].as<std::string>();
  if (values.count("checkpoint-every") > 0)
    line.checkpoint_every = values["checkpoint-every"].as<std::string>();
  line.resume = values.count("resume") > 0;
  check_words(usage, line);
  return line;
}

std::string options_text() {
  std::ostringstream out;
  out << options();
  return out.str();
}

}  // namespace jevons
