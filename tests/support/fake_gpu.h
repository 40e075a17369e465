#pragma once
// A GPU that is arithmetic: invented laws of time and power on a clock that only moves when
// somebody waits. Nothing about it is measured; it exists to see whether the procedure finds what
// was put in.
#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

#include "calibration/meter/energy_terms.h"
#include "calibration/meter/procedure.h"
#include "sim/rng.h"

namespace jevons::test {

namespace cal = jevons::calibration;

// Invented. Near no chip on purpose.
struct FakeTruth {
  double bf16_rate = 5e14, fp8_rate = 9e14, byte_rate = 3e12, start_s = 5e-6;
  cal::EnergyRow coefficients{260, 0.8e-12, 0.45e-12, 70e-12, 95e-12};
  double idle_w = 60, context_w = 95, limit_w = 700, full_mhz = 1800;
  double noise = 0.002;  // relative, of every window's time
  double power_noise = 0.004;
  double sensor_gain = 1.0;  // of the power sensor against the counter
  double read_s = 0.004;     // a whole reading takes
  double load_s = 0.3;
  std::uint64_t reasons = 0;  // given at all times
};

class FakeGpu {
 public:
  explicit FakeGpu(const FakeTruth& truth) : truth_{truth} {}

  double now() const { return now_; }
  void advance(double seconds) {
    // In small steps: temperature follows power, the queue may end within.
    while (seconds > 0) {
      double step = std::min(seconds, 0.01);
      const double busy = busy_until_ - now_;
      if (busy > 1e-12) step = std::min(step, busy);
      const double watts = watts_now();
      joules_ += watts * step;
      celsius_ += (30 + watts / 12 - celsius_) * step / 8;
      now_ += step;
      seconds -= step;
      const double tick = std::floor(now_ / 0.1);
      if (tick != tick_) {
        tick_ = tick;
        counter_ = std::floor(joules_ * 1e3) * 1e-3;
      }
    }
  }
  double watts_now() const {
    if (forced_w) return forced_w(now_);
    if (now_ < busy_until_) return busy_w_;
    return has_context ? truth_.context_w : truth_.idle_w;
  }
  // Waits are coarser than asked, so that tests are short.
  cal::Instrument instrument() {
    return {.now = [this] { return now_; },
            .wait = [this](double s) { advance(std::max(s, 0.002)); },
            .joules = [this] { return has_counter ? std::optional{counter_} : std::nullopt; },
            .read = [this] { return read(); }};
  }
  cal::Reading read() {
    advance(truth_.read_s);
    cal::Reading r{.seconds = now_};
    if (has_counter) r.joules = counter_;
    if (has_instant) r.instant_w = watts_now() * truth_.sensor_gain;
    r.averaged_w = watts_now() * truth_.sensor_gain;
    r.limit_w = truth_.limit_w;
    r.temperature_c = std::floor(celsius_);
    r.memory_temperature_c = std::floor(celsius_) + 8;
    const bool is_capped = now_ < busy_until_ && clock_ < 1;
    r.sm_mhz = truth_.full_mhz * (now_ < busy_until_ ? clock_ : 1);
    r.memory_mhz = 3200;
    r.reasons = truth_.reasons | (is_capped ? cal::clock_reason::power_cap : 0);
    return r;
  }
  void busy(double until, double watts, double clock) {
    busy_until_ = until;
    busy_w_ = watts;
    clock_ = clock;
  }
  double busy_until() const { return busy_until_; }
  double celsius() const { return celsius_; }

  bool has_counter = true, has_instant = true, has_context = false;
  std::function<double(double)> forced_w;  // power whatever runs

 private:
  const FakeTruth& truth_;
  double now_ = 0, joules_ = 1000, counter_ = 1000, tick_ = 0, celsius_ = 30;
  double busy_until_ = 0, busy_w_ = 0, clock_ = 1;
};

// Launches on a FakeGpu.
class FakeRig final : public cal::Rig {
 public:
  FakeRig(FakeGpu& gpu, const FakeTruth& truth) : gpu_{gpu}, truth_{truth} {}

  std::vector<int> capabilities() const override { return {90}; }
  cal::RigFacts open(const std::string&) override {
    gpu_.has_context = true;
    return {.toolkit = "none, synthetic", .gpus = 1, .l2 = 50 * unit::MB, .memory = 80 * unit::GB};
  }
  void load(const cal::KernelCase& c, Bytes) override {
    if (is_unavailable && is_unavailable(c)) throw cal::CaseUnavailable{"too little memory"};
    gpu_.advance(truth_.load_s);
    loaded_ = c;
    is_spinning_ = false;
    begin_window();
  }
  void load_spinning() override {
    is_spinning_ = true;
    begin_window();
  }
  cal::Verdict verify(const cal::KernelCase& c) override {
    const bool passed = !is_wrong || !is_wrong(c);
    return {passed, passed ? 1e-4 : 0.5, 1e-2, 100, "row 3, column 7: got 2, want 1"};
  }
  void feed() override {
    if (on_feed) on_feed();
    const double now = gpu_.now();
    if (gpu_.busy_until() - now > 0.1) return;
    const double from = std::max(now, gpu_.busy_until()), length = 0.12;
    gpu_.busy(from + length, watts_, clock_);
    queued_s_ += length;
  }
  cal::Launched drain() override {
    if (gpu_.busy_until() > gpu_.now()) gpu_.advance(gpu_.busy_until() - gpu_.now() + 1e-9);
    const cal::Launched launched{std::llround(queued_s_ / seconds_), queued_s_};
    begin_window();
    return {launched.launches, static_cast<double>(launched.launches) * last_seconds_};
  }
  void unload() override {}

  // Time of a launch at relative clock f, without noise.
  double true_seconds(const cal::KernelCase& c, double f = 1) const {
    const cal::CaseWork work = cal::work_of(c);
    const bool fp8 = c.format == cal::Format::fp8;
    const double flop = work.flop.in(unit::flop) / (f * (fp8 ? truth_.fp8_rate : truth_.bf16_rate));
    const double bytes = (work.read + work.written).in(unit::B) / truth_.byte_rate;
    return truth_.start_s + std::hypot(flop, bytes);
  }
  double true_watts(const cal::KernelCase& c, double f = 1) const {
    const cal::EnergyRow row =
        cal::energy_row(c, true_seconds(c, f), std::max(cal::voltage_floor, f));
    double watts = 0;
    for (std::size_t j = 0; j < row.size(); ++j) watts += row[j] * truth_.coefficients[j];
    return watts;
  }

  std::function<bool(const cal::KernelCase&)> is_unavailable, is_wrong;
  std::function<void()> on_feed;
  std::function<double(double now)> slowdown;  // factor on every time

 private:
  // Every window has its own luck.
  void begin_window() {
    queued_s_ = 0;
    last_seconds_ = seconds_;
    Rng rng{7, "fake gpu", ++windows_};
    const auto luck = [&](double size) { return 1 + size * (2 * rng.uniform() - 1); };
    clock_ = 1;
    if (is_spinning_) {
      seconds_ = 1e-3;
      watts_ = truth_.coefficients[0] * luck(truth_.power_noise);
      return;
    }
    double low = 0.2;
    if (true_watts(loaded_) > truth_.limit_w)
      for (int i = 0; i < 40; ++i) {
        const double f = (low + clock_) / 2;
        (true_watts(loaded_, f) > truth_.limit_w ? clock_ : low) = f;
      }
    seconds_ =
        true_seconds(loaded_, clock_) * luck(truth_.noise) * (slowdown ? slowdown(gpu_.now()) : 1);
    watts_ = true_watts(loaded_, clock_) * luck(truth_.power_noise);
  }

  FakeGpu& gpu_;
  const FakeTruth& truth_;
  cal::KernelCase loaded_;
  bool is_spinning_ = false;
  std::uint64_t windows_ = 0;
  double queued_s_ = 0, seconds_ = 1e-3, last_seconds_ = 1e-3, watts_ = 0, clock_ = 1;
};

// A synthetic machine as a place to run the procedure.
struct FakePlace {
  FakeTruth truth{};
  FakeGpu gpu{truth};
  FakeRig rig{gpu, truth};
  cal::Workplace at(const std::filesystem::path& folder) {
    return {.rig = rig,
            .instrument = gpu.instrument(),
            .board = {.name = "Synthetic GPU",
                      .uuid = "GPU-0",
                      .bus = "0",
                      .driver = "none",
                      .capability = 90},
            .folder = folder};
  }
};

}  // namespace jevons::test
