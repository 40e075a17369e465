#include "calibration/meter/energy_window.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "calibration/meter/refusal.h"

namespace jevons::calibration {
namespace {

struct Edge {
  double seconds = 0, joules = 0;
};

struct PowerSample {
  double seconds = 0, watts = 0;
};

// Integral of the straight lines between samples from `begin` to `end`; beyond the outer samples
// power stays what it was there.
double integral(const std::vector<PowerSample>& samples, double begin, double end) {
  double joules = 0, at = begin, watts = samples.front().watts;
  for (const PowerSample& next : samples) {
    if (next.seconds <= begin) {
      watts = next.watts;
      continue;
    }
    const double upto = std::min(next.seconds, end);
    joules += (upto - at) * (watts + next.watts) / 2;
    at = upto;
    watts = next.watts;
    if (next.seconds >= end) return joules;
  }
  return joules + (end - at) * watts;
}

// Follows the counter from edge to edge while whole readings go by beside it.
class Watch {
 public:
  Watch(const Instrument& instrument, const WindowPlan& plan, const std::function<void()>& feed)
      : instrument_{instrument}, plan_{plan}, feed_{feed} {}

  void settle() {
    const double until = instrument_.now() + plan_.settle_s;
    while (instrument_.now() < until) {
      feed_();
      look();
      instrument_.wait(plan_.poll_s);
    }
    samples_.clear();
    conditions_ = {};
  }

  // The moment at which the counter next moves.
  Edge next_edge() {
    const double last = counted();
    const double patience = instrument_.now() + stalled_s;
    while (instrument_.now() < patience) {
      feed_();
      const double joules = counted();
      if (joules != last) return {instrument_.now(), joules};
      look();
      instrument_.wait(plan_.poll_s);
    }
    throw Refusal{"the energy counter of this GPU stands still: its joules cannot be measured"};
  }

  EnergyWindow window(bool is_instant) {
    look();
    const Edge first = next_edge();
    EnergyWindow w;
    Edge last = first;
    while (last.seconds - first.seconds < plan_.window_s) {
      last = next_edge();
      ++w.ticks;
    }
    w.seconds = last.seconds - first.seconds;
    w.joules = last.joules - first.joules;
    w.conditions = conditions_;
    w.sensor_joules = sensor_integral(first, last, is_instant);
    return w;
  }

 private:
  static constexpr double stalled_s = 3.0;  // thirty ticks

  double counted() const {
    const std::optional<double> joules = instrument_.joules();
    if (!joules) throw Refusal{"this GPU has no energy counter: its joules cannot be measured"};
    return *joules;
  }

  void look() {
    if (instrument_.now() < next_look_) return;
    const Reading reading = instrument_.read();
    next_look_ = reading.seconds + plan_.sample_s;
    conditions_.add(reading);
    samples_.push_back(reading);
  }

  double sensor_integral(const Edge& first, const Edge& last, bool is_instant) const {
    std::vector<PowerSample> power;
    for (const Reading& r : samples_)
      if (const auto& watts = is_instant ? r.instant_w : r.averaged_w)
        power.push_back({r.seconds, *watts});
    if (power.size() < 2) throw Refusal{"the power sensor of this GPU fell silent"};
    return integral(power, first.seconds, last.seconds);
  }

  const Instrument& instrument_;
  const WindowPlan& plan_;
  const std::function<void()>& feed_;
  double next_look_ = 0;
  std::vector<Reading> samples_;
  Conditions conditions_;
};

}  // namespace

void Conditions::add(const Reading& r) {
  const double n = samples++;
  const auto mean = [n](double& value, const std::optional<double>& next) {
    if (next) value += (*next - value) / (n + 1);
  };
  const auto highest = [](double& value, const std::optional<double>& next) {
    if (next) value = std::max(value, *next);
  };
  highest(temperature_c, r.temperature_c);
  highest(memory_temperature_c, r.memory_temperature_c);
  mean(sm_mhz, r.sm_mhz);
  mean(memory_mhz, r.memory_mhz);
  if (r.sm_mhz) lowest_sm_mhz = n == 0 ? *r.sm_mhz : std::min(lowest_sm_mhz, *r.sm_mhz);
  if (r.limit_w) limit_w = *r.limit_w;
  reasons |= r.reasons.value_or(0);
}

double EnergyWindow::disagreement() const {
  return joules > 0 ? std::abs(sensor_joules / joules - 1) : 1;
}

EnergyWindow weigh(const Instrument& instrument, const WindowPlan& plan,
                   const std::function<void()>& feed) {
  const Reading first = instrument.read();
  if (!first.instant_w && !first.averaged_w)
    throw Refusal{"this GPU has no power sensor: its energy counter cannot be checked"};
  const bool is_instant = first.instant_w.has_value();
  WindowPlan lasting = plan;
  if (!is_instant) {
    lasting.window_s = std::max(plan.window_s, averaged_sensor_window_s);
    lasting.settle_s = std::max(plan.settle_s, 1.5);  // the average holds no second before
  }
  Watch watch{instrument, lasting, feed};
  watch.settle();
  return watch.window(is_instant);
}

}  // namespace jevons::calibration
