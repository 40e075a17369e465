#include "studies/surface_window.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace jevons {

namespace {

constexpr double warmup_share = 0.2;  // as in serve_window
constexpr double least = 1e-12;       // in place of zero under a logarithm

double ln_of(double x) {
  return std::log(std::max(least, x));
}

// How much of its objective each request used up.
class Slack final : public ServingObserver {
 public:
  Slack(const Slo& slo, std::int64_t first) : slo_{slo}, first_{first} {}

  void finished(const RequestRecord& r) override {
    tokens_ += r.output_tokens;
    ++requests_;
    if (r.id < first_) return;
    if (r.was_rejected) return used_.push_back(std::numeric_limits<double>::max());
    double used = to_time(r.first_token - r.arrival) / slo_.ttft;
    if (r.output_tokens > 1)
      used =
          std::max(used, to_time(r.completion - r.first_token) / (r.output_tokens - 1) / slo_.tpot);
    used_.push_back(used);
  }

  double quantile(double level) {
    if (used_.empty()) return 0;
    const auto rank = static_cast<std::ptrdiff_t>(level * static_cast<double>(used_.size() - 1));
    std::nth_element(used_.begin(), used_.begin() + rank, used_.end());
    return used_[static_cast<std::size_t>(rank)];
  }

  double tokens_per_request() const {
    return requests_ > 0 ? static_cast<double>(tokens_) / static_cast<double>(requests_) : 0.0;
  }

 private:
  Slo slo_;
  std::int64_t first_, tokens_ = 0, requests_ = 0;
  std::vector<double> used_;
};

}  // namespace

SurfaceWindow surface_window(const ServingConfig& fleet, const WindowLoad& load,
                             const WindowEffort& effort) {
  const double warmup = warmup_share * static_cast<double>(effort.requests);
  Slack slack{fleet.slo, static_cast<std::int64_t>(warmup)};
  const WindowResult r = serve_window(fleet, load, Money{}, effort, &slack);
  SurfaceWindow w;
  w.ln = {ln_of(r.ttft_p50.in(unit::s)),
          ln_of(r.ttft_p95.in(unit::s)),
          ln_of(r.tpot_p50.in(unit::s)),
          ln_of(r.tpot_p95.in(unit::s)),
          ln_of(r.e2e_p50.in(unit::s)),
          ln_of(r.utilization),
          ln_of(r.gpu_energy_per_token.in(unit::J))};
  for (std::size_t j = 0; j < slack_levels.size(); ++j)
    w.ln[static_cast<std::size_t>(Curve::slack) + j] = ln_of(slack.quantile(slack_levels[j]));
  w.attainment = r.slo_attainment;
  w.tokens_per_request = slack.tokens_per_request();
  w.e2e_p50 = r.e2e_p50.in(unit::s);
  w.is_stable = r.is_stable;
  w.requests = effort.requests;
  return w;
}

std::array<double, compared.size()> misses(const SurfacePoint& p, const SurfaceWindow& w) {
  const std::array got{p.ttft_p50.in(unit::s),
                       p.ttft_p95.in(unit::s),
                       p.tpot_p50.in(unit::s),
                       p.tpot_p95.in(unit::s),
                       p.e2e_p50.in(unit::s),
                       p.utilization,
                       p.gpu_energy_per_token.in(unit::J)};
  std::array<double, compared.size()> off{};
  for (std::size_t c = 0; c < got.size(); ++c)
    off[c] = std::abs(std::expm1(ln_of(got[c]) - w.ln[c]));
  off.back() = std::abs(p.slo_attainment - w.attainment);
  return off;
}

}  // namespace jevons
