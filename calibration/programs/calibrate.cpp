#include "calibration/programs/calibrate.h"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <fstream>
#include <ostream>
#include <set>
#include <vector>

#include <unistd.h>

#include "calibration/meter/nvml.h"
#include "calibration/meter/procedure.h"
#include "calibration/meter/refusal.h"
#include "calibration/meter/report.h"

namespace jevons::calibration {
namespace {

constexpr const char* usage =
    "usage: jevons-calibrate plan|check|run|report [--minutes N] [--kernels KIND,...] [--out DIR]\n"
    "  plan     what is left to measure, how long it takes, what comes first; needs no GPU\n"
    "  check    compare every kernel with its CPU reference on small and odd shapes\n"
    "  run      measure for N minutes (default 8), the most valuable first, and go on where the\n"
    "           last call stopped\n"
    "  report   ceilings, share of the roofline, energies, parts against the whole; writes\n"
    "           DIR/report.md; needs no GPU\n"
    "  --out    folder of the raw log (default calibration/measured)\n"
    "jevons-fit --measured DIR makes the profile of the chip from the log.\n";

struct Request {
  std::string command;
  double minutes = 8;
  std::set<CaseKind> kinds;
  std::filesystem::path out = "calibration/measured";
};

std::string kind_names() {
  std::string names;
  for (const auto& entry : enum_names<CaseKind>)
    names += (names.empty() ? "" : ", ") + std::string{entry.name};
  return names;
}

std::set<CaseKind> kinds_in(std::string_view list) {
  std::set<CaseKind> kinds;
  while (!list.empty()) {
    const std::string_view word = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), word.size() + 1));
    bool is_known = false;
    for (const auto& entry : enum_names<CaseKind>)
      if (entry.name == word) is_known = kinds.insert(entry.value).second || true;
    if (!is_known)
      throw Refusal{"--kernels: expected kinds of kernels, got \"" + std::string{word} +
                    "\" (hint: known kinds: " + kind_names() + ")"};
  }
  if (kinds.empty()) throw Refusal{"--kernels: expected kinds of kernels, got nothing"};
  return kinds;
}

double minutes_in(const std::string& text) {
  double minutes = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), minutes);
  const bool is_number = error == std::errc{} && end == text.data() + text.size();
  if (!is_number || !(minutes > 0) || minutes > 1440)
    throw Refusal{"--minutes: expected minutes between 0 and 1440, got \"" + text + "\""};
  return minutes;
}

Request request_in(std::span<const std::string> words) {
  Request request;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (!word.starts_with("--")) {
      if (!request.command.empty())
        throw Refusal{"expected nothing after \"" + request.command + "\", got \"" + word + "\""};
      request.command = word;
      continue;
    }
    const std::vector<std::string> options{"--minutes", "--kernels", "--out"};
    if (std::find(options.begin(), options.end(), word) == options.end())
      throw Refusal{"expected an option, got \"" + word +
                    "\" (hint: known options: --minutes, --kernels, --out)"};
    if (i + 1 == words.size()) throw Refusal{word + ": expected a value, got nothing"};
    const std::string& value = words[++i];
    if (word == "--minutes") request.minutes = minutes_in(value);
    if (word == "--kernels") request.kinds = kinds_in(value);
    if (word == "--out") request.out = value;
  }
  const std::vector<std::string> commands{"plan", "check", "run", "report"};
  if (std::find(commands.begin(), commands.end(), request.command) == commands.end())
    throw Refusal{"expected one of plan, check, run, report, got \"" + request.command + "\""};
  return request;
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

// Of the log: how many GPUs collectives had, so that plan and report ask for what run would.
int gpus_in(const RawLog& log) {
  return log.sessions.empty() ? 1 : log.sessions.back().gpus;
}

std::vector<Item> left_of(const Request& request, const RawLog& log) {
  return remaining(plan_of(all_cases(), {.kinds = request.kinds, .gpus = gpus_in(log)}), log);
}

int plan(const Request& request, std::ostream& out) {
  const RawLog log = read_raw_log(request.out);
  out << plan_text(left_of(request, log), log);
  return 0;
}

int report(const Request& request, std::ostream& out) {
  const RawLog log = read_raw_log(request.out);
  if (log.sessions.empty())
    throw Refusal{(request.out / "sessions.csv").string() +
                  ": no log yet (hint: jevons-calibrate run)"};
  const std::string page = report_text(log, left_of(request, log).size());
  out << page;
  const std::filesystem::path path = request.out / "report.md";
  if (!(std::ofstream{path, std::ios::binary} << page).flush())
    throw Refusal{path.string() + ": cannot be written"};
  return 0;
}

int measure(const Request& request, const CalibrateBench& bench, std::ostream& out,
            std::ostream& err) {
  const std::unique_ptr<Rig> rig = bench.rig();
  const Nvml nvml{bench.nvml};
  if (nvml.board_count() == 0) throw Refusal{"no GPU: the driver lists none"};
  const Workplace workplace{.rig = *rig,
                            .instrument = nvml.instrument(0),
                            .board = nvml.facts(0),
                            .folder = request.out,
                            .is_stopped = bench.is_stopped,
                            .say = [&](const std::string& line) { err << line << '\n'; }};
  const std::string utc = utc_now();
  const RunOptions options{.minutes = request.minutes,
                           .kinds = request.kinds,
                           .session = utc + "-" + std::to_string(getpid()),
                           .utc = utc,
                           .revision = bench.revision};
  if (request.command == "check") {
    const CheckResult r = run_checks(workplace, correctness_cases(), options);
    out << r.passed << " passed, " << r.wrong << " wrong, " << r.unavailable
        << " cannot run here\n";
    return r.wrong > 0 ? 1 : bench.is_stopped() ? 130 : 0;
  }
  const RunResult r = run_plan(workplace, all_cases(), options);
  out << r.windows << " windows in " << static_cast<int>(r.seconds) << " s, " << r.left
      << " items left" << (r.ending == Ending::interrupted ? ", interrupted" : "")
      << (r.left > 0 ? "; the next call goes on here\n" : "\n");
  return r.ending == Ending::interrupted ? 130 : 0;
}

}  // namespace

int run_calibrate(std::span<const std::string> arguments, const CalibrateBench& bench,
                  std::ostream& out, std::ostream& err) {
  if (arguments.empty() || arguments.front() == "--help" || arguments.front() == "help") {
    (arguments.empty() ? err : out) << usage;
    return arguments.empty() ? 2 : 0;
  }
  try {
    const Request request = request_in(arguments);
    if (request.command == "plan") return plan(request, out);
    if (request.command == "report") return report(request, out);
    return measure(request, bench, out, err);
  } catch (const Refusal& e) {
    err << "jevons-calibrate: " << e.what() << '\n';
    return 2;
  } catch (const std::exception& e) {
    err << "jevons-calibrate: " << e.what() << "; what was measured before is in the log\n";
    return 1;
  }
}

}  // namespace jevons::calibration
