#include "calibration/meter/window_maker.h"

#include <algorithm>
#include <utility>

#include "calibration/meter/energy_window.h"
#include "calibration/meter/plan.h"

namespace jevons::calibration {
namespace {

constexpr double sample_s = 0.06, poll_s = 0.001;

SampleRow sample_of(const Reading& r, const std::string& session, double start) {
  return {.session = session,
          .at_s = r.seconds - start,
          .instant_w = r.instant_w.value_or(0),
          .averaged_w = r.averaged_w.value_or(0),
          .limit_w = r.limit_w.value_or(0),
          .temperature_c = r.temperature_c.value_or(0),
          .memory_temperature_c = r.memory_temperature_c.value_or(0),
          .sm_mhz = r.sm_mhz.value_or(0),
          .memory_mhz = r.memory_mhz.value_or(0),
          .reasons = r.reasons.value_or(0)};
}

// Keeps the GPU busy for that long and reads the board beside it.
Conditions fed(const Instrument& instrument, Rig& rig, double seconds) {
  Conditions conditions;
  const double until = instrument.now() + seconds;
  double next = 0;
  while (instrument.now() < until) {
    rig.feed();
    if (instrument.now() >= next) {
      const Reading reading = instrument.read();
      conditions.add(reading);
      next = reading.seconds + sample_s;
    }
    instrument.wait(poll_s);
  }
  return conditions;
}

void judge(WindowRow& row) {
  row.is_capped = row.conditions.is_capped();
  if (row.conditions.is_throttled()) row.outcome = Outcome::throttled;
}

void take(WindowRow& row, const EnergyWindow& window) {
  row.window_s = window.seconds;
  row.joules = window.joules;
  row.sensor_joules = window.sensor_joules;
  row.ticks = window.ticks;
  row.conditions = window.conditions;
  if (window.disagreement() > sensor_disagreement) row.outcome = Outcome::disagreement;
  judge(row);
}

void take(WindowRow& row, const Launched& launched) {
  row.launches = launched.launches;
  if (launched.launches > 0) row.seconds_per_launch = launched.per_launch();
}

}  // namespace

WindowMaker::WindowMaker(Rig& rig, Instrument instrument, RawLogWriter& writer, std::string session)
    : rig_{rig}, writer_{writer}, session_{std::move(session)}, start_{instrument.now()} {
  instrument_ = overheard(std::move(instrument), [this](const Reading& reading) {
    writer_.add(sample_of(reading, session_, start_));
  });
}

WindowRow WindowMaker::fresh(Measure measure) const {
  const bool has_case =
      measure == Measure::time || measure == Measure::energy || measure == Measure::reference;
  WindowRow row =
      has_case ? row_of(loaded_) : WindowRow{.name = std::string{jevons::name_of(measure)}};
  row.session = session_;
  row.block = block_;
  row.at_s = instrument_.now() - start_;
  row.measure = measure;
  if (has_case) row.rotated_bytes = rotated_.in(unit::B);
  return row;
}

void WindowMaker::load(const KernelCase& c) {
  const double begin = instrument_.now();
  rig_.load(c, rotated_);
  loaded_ = c;
  slow_load_s_ = std::max(slow_load_s_, instrument_.now() - begin);
}

WindowRow WindowMaker::still(Measure measure) const {
  WindowRow row = fresh(measure);
  take(row, weigh(instrument_, {}, [] {}));
  return row;
}

WindowRow WindowMaker::spinning() {
  rig_.load_spinning();
  WindowRow row = fresh(Measure::spinning);
  take(row, weigh(instrument_, {}, [&] { rig_.feed(); }));
  take(row, rig_.drain());
  return row;
}

// Device events around replays, in windows of `least_s` and more, until that much was in kernels.
WindowRow WindowMaker::timed(double least_s) {
  fed(instrument_, rig_, 0.05);  // caches and clocks as in the middle of a run
  rig_.drain();
  WindowRow row = fresh(Measure::time);
  Launched launched;
  for (int i = 0; i < 5 && launched.seconds < least_s; ++i) {
    const Conditions conditions = fed(instrument_, rig_, least_s);
    if (i == 0) row.conditions = conditions;
    row.conditions.reasons |= conditions.reasons;
    const Launched more = rig_.drain();
    launched.launches += more.launches;
    launched.seconds += more.seconds;
  }
  row.window_s = launched.seconds;
  take(row, launched);
  judge(row);
  return row;
}

WindowRow WindowMaker::time(int repeat) {
  WindowRow row = timed(time_window_s);
  row.repeat = repeat;
  return row;
}

WindowRow WindowMaker::energy(int repeat) {
  WindowRow row = fresh(Measure::energy);
  row.repeat = repeat;
  take(row, weigh(instrument_, {}, [&] { rig_.feed(); }));
  take(row, rig_.drain());
  return row;
}

WindowRow WindowMaker::verified(const KernelCase& c) {
  WindowRow row = row_of(c);
  row.session = session_;
  row.at_s = instrument_.now() - start_;
  row.measure = Measure::verify;
  try {
    const Verdict verdict = rig_.verify(c);
    row.outcome = verdict.passed ? Outcome::ok : Outcome::wrong;
    row.note = "largest error " + std::to_string(verdict.max_error) + " of " +
               std::to_string(verdict.tolerance);
    if (!verdict.passed) row.note += ": " + verdict.worst;
  } catch (const CaseUnavailable& why) {
    row.outcome = Outcome::unavailable;
    row.note = why.what();
  }
  writer_.add(row);
  return row;
}

void WindowMaker::open_block() {
  block_ = ++last_block_;
  reference();
}

void WindowMaker::reference() {
  load(reference_case());
  WindowRow row = timed(0.4);
  row.measure = Measure::reference;
  write(row);
}

void WindowMaker::write(WindowRow row) {
  row.session = session_;
  throttled_in_a_row_ = row.outcome == Outcome::throttled ? throttled_in_a_row_ + 1 : 0;
  ++windows_;
  writer_.add(row);
}

void WindowMaker::write_unavailable(Measure measure, const KernelCase& c, const std::string& why) {
  loaded_ = c;
  WindowRow row = fresh(measure);
  row.outcome = Outcome::unavailable;
  row.note = why;
  write(row);
}

}  // namespace jevons::calibration
