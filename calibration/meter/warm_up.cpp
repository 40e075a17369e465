#include "calibration/meter/warm_up.h"

#include <cmath>
#include <deque>

namespace jevons::calibration {
namespace {

constexpr double span_s = 20.0, sample_s = 0.1, poll_s = 0.001;

struct Sample {
  double seconds = 0, degrees = 0;
};

// Of the least-squares line.
double slope(const std::deque<Sample>& samples) {
  double t = 0, y = 0;
  for (const Sample& s : samples) {
    t += s.seconds;
    y += s.degrees;
  }
  const auto n = static_cast<double>(samples.size());
  t /= n;
  y /= n;
  double ty = 0, tt = 0;
  for (const Sample& s : samples) {
    ty += (s.seconds - t) * (s.degrees - y);
    tt += (s.seconds - t) * (s.seconds - t);
  }
  return tt > 0 ? ty / tt : 0;
}

}  // namespace

WarmUp warm_up(const Instrument& instrument, double most_s, const std::function<void()>& feed) {
  const double begin = instrument.now();
  std::deque<Sample> recent;
  double next_sample = begin;
  WarmUp warm;
  while (!warm.is_steady && instrument.now() - begin < most_s) {
    feed();
    if (instrument.now() >= next_sample) {
      const Reading r = instrument.read();
      next_sample = r.seconds + sample_s;
      if (r.temperature_c) recent.push_back({r.seconds, *r.temperature_c});
      while (!recent.empty() && r.seconds - recent.front().seconds > span_s) recent.pop_front();
      const bool is_full = r.seconds - begin >= span_s && recent.size() > 10;
      if (is_full) {
        warm.temperature_c = recent.back().degrees;
        warm.degrees_per_10_s = 10 * slope(recent);
        warm.is_steady = std::abs(warm.degrees_per_10_s) < steady_degrees_per_10_s;
      }
    }
    instrument.wait(poll_s);
  }
  warm.seconds = instrument.now() - begin;
  return warm;
}

}  // namespace jevons::calibration
