// Which windows are simulated for a surface, and the curves through them.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "sim/ensure.h"
#include "studies/pchip.h"
#include "studies/surface.h"
#include "studies/surface_gradients.h"
#include "studies/surface_window.h"

namespace jevons {

namespace {

constexpr double lightest_share = 1e-4;
constexpr double capacity_step = 1.02;  // how exactly the highest stable load is found
constexpr double coarse_capacity_step = 1.05;
constexpr double smooth_enough = 0.02;  // no more windows where the curves are off by less
constexpr std::size_t most_knots = 14;
constexpr int check_windows = 9;
constexpr double lightest_checked_share = 0.01;
constexpr double outstanding_times = 10;
constexpr std::int64_t most_growth = 16;  // of the number of requests
class Builder {
 public:
  // Windows of one surface share what they find of the prices of kernels.
  explicit Builder(const SurfaceInputs& inputs) : in_{inputs}, fleet_{inputs.fleet} {
    for (PoolConfig& pool : fleet_.pools)
      if (!pool.prices) pool.prices = prices_of(pool);
  }
  LoadSurface build(std::string key);

 private:
  SurfaceWindow simulate_at(double rate, const WindowEffort& effort);
  SurfaceWindow steady(double rate);
  bool find_capacity();
  void add_knot(double place, const SurfaceWindow& w);
  SurfaceWindow at_place(double place) { return steady(out_.capacity_per_s * share_at(place)); }
  void place_knots();
  void add_curves();
  double misfit(double place, const SurfaceWindow& w) const;
  void add_errors();

  const SurfaceInputs& in_;
  ServingConfig fleet_;
  LoadSurface out_;
  std::vector<SurfaceWindow> knots_;  // beside out_.knots
  SurfaceWindow at_capacity_;
};

SurfaceWindow Builder::simulate_at(double rate, const WindowEffort& effort) {
  ++out_.windows;
  WindowLoad load = in_.load;
  load.requests_per_s = rate;
  return surface_window(fleet_, load, effort);
}

// A window is steady only if it is long compared to the stay of a request.
SurfaceWindow Builder::steady(double rate) {
  std::int64_t requests = in_.effort.requests;
  for (;;) {
    const SurfaceWindow w = simulate_at(rate, {.requests = requests, .seed = in_.effort.seed});
    const double needed = outstanding_times * rate * w.e2e_p50;
    const std::int64_t most = most_growth * in_.effort.requests;
    if (needed <= static_cast<double>(requests) || requests >= most) return w;
    requests = std::min(most, static_cast<std::int64_t>(1.2 * needed));
  }
}

// Between the saturated closed loop, where queues of an open one grow, and a load that is stable.
bool Builder::find_capacity() {
  for (const PoolConfig& pool : in_.fleet.pools)
    if (kv_capacity(pool).blocks == 0) return false;
  const double saturated = saturated_rate(fleet_, in_.load, in_.effort);
  if (saturated <= 0) return false;
  double fails = 1.1 * saturated, good = 0.6 * saturated;
  at_capacity_ = steady(good);
  while (!at_capacity_.is_stable) {
    fails = good;
    good /= 2;
    if (good < lightest_share * saturated) return false;
    at_capacity_ = steady(good);
  }
  const double step = in_.is_coarse ? coarse_capacity_step : capacity_step;
  while (fails > step * good) {
    const double middle = std::sqrt(good * fails);
    const SurfaceWindow w = steady(middle);
    (w.is_stable ? good : fails) = middle;
    if (w.is_stable) at_capacity_ = w;
  }
  out_.capacity_per_s = good;
  return true;
}

void Builder::add_knot(double place, const SurfaceWindow& w) {
  const auto at = std::find_if(out_.knots.begin(), out_.knots.end(),
                               [&](const SurfaceKnot& k) { return k.place > place; });
  const auto index = at - out_.knots.begin();
  out_.knots.insert(
      at, SurfaceKnot{.place = place, .value = {}, .slope = {}, .sensitivity = {}, .rise = {}});
  knots_.insert(knots_.begin() + index, w);
}

// Waiting and utilisation do not fall with load; where a window says so, it is by chance.
void Builder::add_curves() {
  const std::size_t n = knots_.size();
  std::vector<double> x(n), y(n);
  for (std::size_t k = 0; k < n; ++k) {
    x[k] = out_.knots[k].place;
    out_.knots[k].value.assign(knots_[k].ln.begin(), knots_[k].ln.end());
    out_.knots[k].slope.resize(curve_count);
    out_.knots[k].sensitivity.resize(factor_count * curve_count);
    out_.knots[k].rise.resize(factor_count);
  }
  for (std::size_t c = 0; c < curve_count; ++c) {
    const auto curve = static_cast<Curve>(c);
    const bool rises =
        curve == Curve::ttft_p50 || curve == Curve::ttft_p95 || curve == Curve::utilization;
    for (std::size_t k = 0; k < n; ++k) {
      double& v = out_.knots[k].value[c];
      if (rises && k > 0) v = std::max(v, y[k - 1]);
      y[k] = v;
    }
    const std::vector<double> slopes = pchip_slopes(x, y);
    for (std::size_t k = 0; k < n; ++k) out_.knots[k].slope[c] = slopes[k];
  }
}

double Builder::misfit(double place, const SurfaceWindow& w) const {
  const auto off = misses(out_.at(out_.capacity_per_s * share_at(place)), w);
  return *std::max_element(off.begin(), off.end());
}

// Halves the interval that promises most until all are smooth enough. What an interval promises is
// the misfit found when it was made.
void Builder::place_knots() {
  for (const double share : {lightest_share, 0.01, 0.1, 0.3, 0.6, 0.85})
    add_knot(load_place(share), at_place(load_place(share)));
  add_knot(load_place(1.0), at_capacity_);
  add_curves();
  if (in_.is_coarse) return;
  std::vector<double> promise(knots_.size() - 1, 1.0);  // of the interval above each knot
  while (knots_.size() < most_knots) {
    const auto best = std::max_element(promise.begin(), promise.end());
    if (*best < smooth_enough) break;
    const auto i = static_cast<std::size_t>(best - promise.begin());
    const double middle = 0.5 * (out_.knots[i].place + out_.knots[i + 1].place);
    const SurfaceWindow w = at_place(middle);
    const double found = misfit(middle, w);
    add_knot(middle, w);
    promise[i] = found / 4;  // halving a smooth interval divides its error by more than that
    promise.insert(promise.begin() + static_cast<std::ptrdiff_t>(i), found / 4);
    add_curves();
  }
}

double median_of(std::vector<double> v) {
  std::nth_element(v.begin(), v.begin() + static_cast<std::ptrdiff_t>(v.size() / 2), v.end());
  return v[v.size() / 2];
}

void Builder::add_errors() {
  std::array<std::vector<double>, compared.size()> same, other;
  Rng rng{in_.effort.seed, "surface/check"};
  const double from = load_place(lightest_checked_share), to = load_place(1.0);
  for (int i = 0; i < check_windows; ++i) {
    const double place = from + (to - from) * rng.uniform();
    const double rate = out_.capacity_per_s * share_at(place);
    const SurfacePoint p = out_.at(rate);
    const SurfaceWindow w = steady(rate);
    const SurfaceWindow v =
        simulate_at(rate, {.requests = w.requests, .seed = in_.effort.seed + 1});
    const auto a = misses(p, w), b = misses(p, v);
    for (std::size_t c = 0; c < compared.size(); ++c) {
      same[c].push_back(a[c]);
      other[c].push_back(b[c]);
    }
  }
  for (std::size_t c = 0; c < compared.size(); ++c)
    out_.errors.push_back({compared[c], median_of(same[c]),
                           *std::max_element(same[c].begin(), same[c].end()), median_of(other[c])});
}

LoadSurface Builder::build(std::string key) {
  ensure(in_.effort.requests >= 100, "a window of a surface has at least 100 requests");
  out_.key = std::move(key);
  if (!find_capacity()) return out_;
  place_knots();
  out_.tokens_per_request = knots_.back().tokens_per_request;
  if (in_.is_coarse) return out_;
  std::vector<std::int64_t> requests;
  for (const SurfaceWindow& w : knots_) requests.push_back(w.requests);
  out_.windows += add_gradients(out_, in_, requests);
  if (in_.has_errors) add_errors();
  return out_;
}

}  // namespace

LoadSurface build_surface(const SurfaceInputs& inputs) {
  return build_surface(inputs, surface_key(inputs));
}

LoadSurface build_surface(const SurfaceInputs& inputs, std::string key) {
  return Builder{inputs}.build(std::move(key));
}

std::string to_text(const std::vector<CurveError>& errors) {
  std::string text = "curve                  median    worst    other seed\n";
  std::array<char, 96> line{};
  for (const CurveError& e : errors) {
    std::snprintf(line.data(), line.size(), "%-20s %6.2f %%  %6.2f %%  %6.2f %%\n", e.curve.c_str(),
                  100 * e.median, 100 * e.worst, 100 * e.other_seed);
    text += line.data();
  }
  return text;
}

}  // namespace jevons
