#include "calibration/meter/procedure.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "calibration/meter/evidence.h"
#include "calibration/meter/fitness.h"
#include "calibration/meter/refusal.h"
#include "calibration/meter/warm_up.h"
#include "calibration/meter/window_maker.h"

namespace jevons::calibration {
namespace {

using KindKey = std::pair<CaseKind, Format>;

// Small cases that `run` compares for a kind that `check` has not seen.
constexpr std::size_t most_verified = 8;

// What verifying said of each kind in this revision of the program.
class Trust {
 public:
  Trust(const RawLog& log, const std::string& revision) {
    std::set<std::string> sessions;
    for (const SessionRow& s : log.sessions)
      if (s.revision == revision) sessions.insert(s.session);
    for (const WindowRow& row : log.windows)
      if (row.measure == Measure::verify && sessions.contains(row.session)) note(row);
  }
  void note(const WindowRow& row) {
    const KindKey key{row.shape.kind, row.shape.format};
    known_[key] = (!known_.contains(key) || known_[key]) && row.outcome != Outcome::wrong;
  }
  // Empty: not verified yet.
  std::optional<bool> of(const KernelCase& c) const {
    const auto found = known_.find({c.kind, c.format});
    return found == known_.end() ? std::nullopt : std::optional{found->second};
  }

 private:
  std::map<KindKey, bool> known_;
};

SessionRow session_row(const Workplace& workplace, const RunOptions& options,
                       const RigFacts& facts) {
  const BoardFacts& board = workplace.board;
  return {.session = options.session,
          .utc = options.utc,
          .board = board.name,
          .uuid = board.uuid,
          .driver = board.driver,
          .toolkit = facts.toolkit,
          .revision = options.revision,
          .capability = board.capability,
          .gpus = facts.gpus,
          .l2_bytes = facts.l2.in(unit::B),
          .memory_bytes = facts.memory.in(unit::B)};
}

// Before the log is touched: a refusal leaves nothing behind.
void ensure_fit(const Workplace& workplace) {
  const std::vector<int> capabilities = workplace.rig.capabilities();
  ensure_fit(workplace.board, workplace.instrument.read(), capabilities);
}

class Run {
 public:
  Run(const Workplace& workplace, const std::vector<KernelCase>& cases, const RunOptions& options)
      : workplace_{workplace},
        options_{options},
        cases_{cases},
        start_{workplace.instrument.now()},
        log_{read_raw_log(workplace.folder)},
        writer_{workplace.folder},
        maker_{workplace.rig, workplace.instrument, writer_, options.session},
        trust_{log_, options.revision} {}

  RunResult whole() {
    open();
    const std::vector<Item> plan = plan_of(cases_, {.kinds = options_.kinds, .gpus = facts_.gpus});
    const std::vector<Item> left = remaining(plan, log_);
    workplace_.say(std::to_string(left.size()) + " items to measure");
    if (!left.empty()) warm();
    std::size_t next = 0;
    while (next < left.size() && ending_ == Ending::complete) next = block(left, next);
    result_.ending = ending_;
    result_.windows = maker_.windows();
    result_.left = remaining(plan, read_raw_log(workplace_.folder)).size();
    result_.seconds = elapsed();
    workplace_.rig.unload();
    return result_;
  }

 private:
  double elapsed() const { return workplace_.instrument.now() - start_; }
  double time_left() const { return 60 * options_.minutes - elapsed(); }

  void open() {
    std::optional<WindowRow> idle;
    if (time_left() > opening_seconds) idle = maker_.still(Measure::idle_without_context);
    facts_ = workplace_.rig.open(workplace_.board.bus);
    writer_.add(session_row(workplace_, options_, facts_));
    maker_.begin(facts_);
    // The session is known only now; its first window was measured before the context was made.
    if (idle) maker_.write(*idle);
    if (idle) maker_.write(maker_.still(Measure::idle_with_context));
  }

  void warm() {
    maker_.load(reference_case());
    const double most = std::min(60.0, time_left() / 4);
    const WarmUp warm = warm_up(maker_.instrument(), most, [&] { workplace_.rig.feed(); });
    workplace_.rig.drain();
    workplace_.say("warmed for " + std::to_string(static_cast<int>(warm.seconds)) + " s to " +
                   std::to_string(static_cast<int>(warm.temperature_c)) + " C" +
                   (warm.is_steady ? "" : ", not steady yet"));
    if (time_left() > opening_seconds / 2) maker_.write(maker_.spinning());
  }

  // A reference, up to ten items, a reference. Returns the place of the first item after them.
  std::size_t block(const std::vector<Item>& items, std::size_t next) {
    if (!goes_on(items[next])) return next;
    maker_.open_block();
    const std::size_t end = std::min(items.size(), next + points_per_block);
    for (; next < end && goes_on(items[next]); ++next) item(items[next]);
    maker_.close_block();
    workplace_.say(std::to_string(next) + " of " + std::to_string(items.size()) + " items, " +
                   std::to_string(static_cast<int>(time_left())) + " s left");
    return next;
  }

  bool goes_on(const Item& item) {
    if (workplace_.is_stopped())
      ending_ = Ending::interrupted;
    else if (time_left() < item.seconds + maker_.slow_load_s() + reference_seconds)
      ending_ = Ending::out_of_time;
    return ending_ == Ending::complete;
  }

  void item(const Item& item) {
    if (!trust_.of(item.c)) verify_kind(item.c);
    if (!*trust_.of(item.c)) return;
    try {
      maker_.load(item.c);
    } catch (const CaseUnavailable& why) {
      maker_.write_unavailable(item.measure, item.c, why.what());
      return;
    }
    if (item.measure == Measure::energy)
      maker_.write(maker_.energy(item.repeat));
    else
      for (int repeat = 0; repeat < time_repeats; ++repeat) maker_.write(maker_.time(repeat));
    ensure_not_throttled();
  }

  // Three windows in a row: the card does not recover by itself.
  void ensure_not_throttled() const {
    if (maker_.throttled_in_a_row() >= 3)
      throw Refusal{workplace_.board.name +
                    " is held back by heat or by its supply while it works; stopped (what was "
                    "measured before is kept)"};
  }

  // Some of the small cases of this kind and format, for whoever did not call `check` before.
  void verify_kind(const KernelCase& like) {
    trust_.note(row_of(like));  // a kind without small cases
    std::vector<KernelCase> small;
    for (const KernelCase& c : correctness_cases())
      if (c.kind == like.kind && c.format == like.format && c.gpus <= facts_.gpus)
        small.push_back(c);
    const std::size_t step = 1 + small.size() / most_verified;
    for (std::size_t i = 0; i < small.size(); i += step) trust_.note(maker_.verified(small[i]));
    if (!*trust_.of(like))
      workplace_.say(std::string{jevons::name_of(like.kind)} + " " +
                     std::string{jevons::name_of(like.format)} +
                     " disagrees with its reference and is not measured");
  }

  const Workplace& workplace_;
  const RunOptions& options_;
  const std::vector<KernelCase>& cases_;
  double start_;
  RawLog log_;
  RawLogWriter writer_;
  WindowMaker maker_;
  Trust trust_;
  RigFacts facts_;
  Ending ending_ = Ending::complete;
  RunResult result_;
};

}  // namespace

RunResult run_plan(const Workplace& workplace, const std::vector<KernelCase>& cases,
                   const RunOptions& options) {
  ensure_fit(workplace);
  return Run{workplace, cases, options}.whole();
}

CheckResult run_checks(const Workplace& workplace, const std::vector<KernelCase>& cases,
                       const RunOptions& options) {
  ensure_fit(workplace);
  RawLogWriter writer{workplace.folder};
  const RigFacts facts = workplace.rig.open(workplace.board.bus);
  writer.add(session_row(workplace, options, facts));
  WindowMaker maker{workplace.rig, workplace.instrument, writer, options.session};
  maker.begin(facts);
  CheckResult result;
  for (const KernelCase& c : cases) {
    if (workplace.is_stopped()) break;
    if (c.gpus > facts.gpus || !(options.kinds.empty() || options.kinds.contains(c.kind))) continue;
    const WindowRow row = maker.verified(c);
    ++(row.outcome == Outcome::ok            ? result.passed
       : row.outcome == Outcome::unavailable ? result.unavailable
                                             : result.wrong);
    workplace.say(std::string{jevons::name_of(row.outcome)} + "  " + row.name +
                  (row.note.empty() ? "" : "  " + row.note));
  }
  return result;
}

}  // namespace jevons::calibration
