#include "apps/program.h"

#include <algorithm>
#include <exception>
#include <ostream>
#include <utility>
#include <vector>

#include "apps/interrupt.h"

namespace jevons {
namespace {

constexpr int failed = 1, bad_input = 2, was_interrupted = 130;

JsonValue text(std::string value) {
  return {std::move(value), {}};
}

JsonValue to_json_error(const Mistakes& mistakes) {
  JsonValue::List list;
  for (const Mistake& m : mistakes.list()) {
    const auto line = static_cast<std::int64_t>(m.line);
    list.push_back({JsonValue::Object{
                        {"file", text(m.file), {}},
                        {"line", m.line > 0 ? JsonValue{json_number(line), {}} : JsonValue{}, {}},
                        {"pointer", text(m.pointer), {}},
                        {"expected", text(m.expected), {}},
                        {"got", text(m.got), {}},
                        {"hint", text(m.hint), {}},
                        {"text", text(to_text(m)), {}}},
                    {}});
  }
  const auto left_out = static_cast<std::int64_t>(mistakes.left_out());
  return {JsonValue::Object{{"mistakes", {std::move(list), {}}, {}},
                            {"left_out", {json_number(left_out), {}}, {}}},
          {}};
}

// How a failure is told: for people, for programs, and by exit status.
struct Failure {
  int status;
  std::string words;
  JsonValue error;
};

Failure plain(int status, const std::string& words) {
  return {status, words, {JsonValue::Object{{"message", text(words), {}}}, {}}};
}

// To be called while an exception is being handled.
Failure current_failure() {
  try {
    throw;
  } catch (const ScenarioError& error) {
    return {bad_input, error.what(), to_json_error(error.mistakes())};
  } catch (const Interrupted&) {
    return plain(was_interrupted, "interrupted; nothing was written");
  } catch (const OutputError& error) {
    return plain(failed, error.what());
  } catch (const BrokenInvariant& error) {
    return plain(
        failed, std::string{"a law of the simulator is broken, please report it: "} + error.what());
  } catch (const std::exception& error) {
    return plain(failed, std::string{"failed: "} + error.what());
  }
}

Answer answer_to(const CommandLine& line, const Workbench& bench) {
  for (const Command& command : commands())
    if (command.usage.name == line.command) return command.run(line, bench);
  ensure(false, "a command line that was read names a command");
  return {};
}

Workbench without_progress(Workbench bench) {
  bench.progress = [](double) { stop_if_interrupted(); };
  return bench;
}

}  // namespace

int run_program(std::span<const std::string> arguments, const Workbench& bench, std::ostream& out,
                std::ostream& err) {
  // Known before the rest is, so that even a wrong command line is answered in JSON.
  const bool wants_json =
      std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
  try {
    std::vector<Usage> usages;
    for (const Command& command : commands()) usages.push_back(command.usage);
    const CommandLine line = read_command_line(arguments, usages);
    const Answer answer = answer_to(line, line.quiet ? without_progress(bench) : bench);
    out << (line.json ? to_text(answer.summary) : answer.text) << std::flush;
    if (!out) throw OutputError{"cannot write to standard output"};
    return 0;
  } catch (...) {
    Failure failure = current_failure();
    err << failure.words << std::endl;
    if (wants_json)
      out << to_text({JsonValue::Object{{"error", std::move(failure.error), {}}}, {}})
          << std::flush;
    return failure.status;
  }
}

}  // namespace jevons
