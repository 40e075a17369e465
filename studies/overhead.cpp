#include "studies/overhead.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <optional>
#include <utility>

#include "sim/rng.h"
#include "studies/deployment_rows.h"

namespace jevons {

namespace {

using Rows = std::vector<const MeasuredDeployment*>;

double log_error(double predicted, double measured) {
  return std::abs(std::log(predicted / measured));
}

// One row's time per token, as far as it was measured.
std::optional<double> token_error(const ServingFigures& predicted, const ServingFigures& measured) {
  if (measured.itl_s && predicted.itl_s) return log_error(*predicted.itl_s, *measured.itl_s);
  if (measured.tpot_s && predicted.tpot_s) return log_error(*predicted.tpot_s, *measured.tpot_s);
  return {};
}

class GroupFit {
 public:
  GroupFit(Rows rows, EngineOverhead start, ReplayParts& parts)
      : rows_{std::move(rows)}, best_{std::move(start)}, parts_{parts} {}

  EngineOverhead fit() {
    best_.per_request = Time{};
    best_.response_iterations = 0;
    best_.rows = static_cast<int>(rows_.size());
    least_ = decode_error(best_);
    for (int round = 0; round < 2; ++round) {
      for (const double us : {0., 200., 400., 600., 800., 1000., 1500., 2000., 3000., 4000.})
        attempt([us](EngineOverhead& o) { o.per_iteration = us * unit::us; });
      for (const double us : {0., 2., 5., 10., 15., 20., 30., 40., 60.})
        attempt([us](EngineOverhead& o) { o.per_sequence = us * unit::us; });
      if (is_sampled())
        for (const double ps : {0., 50., 75., 100., 150., 200., 300.})
          attempt([ps](EngineOverhead& o) { o.per_vocabulary_entry = ps * 1e-6 * unit::us; });
    }
    fit_first_token();
    return best_;
  }

 private:
  bool is_sampled() const {
    return std::any_of(rows_.begin(), rows_.end(),
                       [](const auto* row) { return row->deployment.is_sampled; });
  }

  // Mean |ln(predicted / measured)| of times per token.
  double decode_error(const EngineOverhead& overhead) {
    double sum = 0;
    int n = 0;
    for (const MeasuredDeployment* row : rows_) {
      // Times per token settle early: a few waves tell as much as ten.
      Deployment d = row->deployment;
      if (d.window == Window::all) d.load.waves = std::min(d.load.waves, 3.0);
      const auto outcome = replay(d, overhead, parts_);
      const auto* figures = std::get_if<ServingFigures>(&outcome);
      if (figures == nullptr) continue;
      const auto error = token_error(*figures, row->measured);
      if (!error) continue;
      sum += *error;
      ++n;
    }
    return n > 0 ? sum / n : 0;
  }

  template <class Change>
  void attempt(Change&& change) {
    EngineOverhead other = best_;
    change(other);
    const double error = decode_error(other);
    if (error >= least_) return;
    least_ = error;
    best_ = other;
  }

  // A first token waits a fixed time and some decode iterations longer than the model says.
  void fit_first_token() {
    std::vector<std::array<double, 3>> waits;  // predicted TTFT, TPOT, measured TTFT
    for (const MeasuredDeployment* row : rows_) {
      const auto outcome = replay(row->deployment, best_, parts_);
      const auto* f = std::get_if<ServingFigures>(&outcome);
      if (f != nullptr && row->measured.ttft_s && f->ttft_s && f->tpot_s)
        waits.push_back({*f->ttft_s, *f->tpot_s, *row->measured.ttft_s});
    }
    double least = 1e300;
    for (int ms = 0; ms <= 500; ms += 10)
      for (int iterations = 0; iterations <= 100; iterations += 2) {
        double sum = 0;
        for (const auto& [ttft, tpot, measured] : waits)
          sum += log_error(ttft + ms * 1e-3 + iterations * tpot, measured);
        if (sum >= least) continue;
        least = sum;
        best_.per_request = ms * unit::ms;
        best_.response_iterations = iterations;
      }
  }

  Rows rows_;
  EngineOverhead best_;
  ReplayParts& parts_;
  double least_ = 0;
};

std::string in_short(const Parallelism& p) {
  std::string text;
  for (const int n : {p.tp, p.pp, p.dp, p.ep}) text += std::to_string(n) + ".";
  return text;
}

std::string in_short(const TokenLaw& law) {
  const auto* even = std::get_if<EvenTokens>(&law);
  const double size = even != nullptr ? even->high : std::get<SkewedTokens>(law).mean;
  return std::to_string(std::lround(size));
}

std::string hex(std::uint64_t hash) {
  std::array<char, 20> text{};
  std::snprintf(text.data(), text.size(), "%08x", static_cast<unsigned>(hash >> 32));
  return text.data();
}

// Drawing a token is the same code in all years of an engine: an entry without rows that draw takes
// what the nearest one found.
void share_sampling(std::vector<EngineOverhead>& entries) {
  for (EngineOverhead& e : entries) {
    if (e.per_vocabulary_entry > Time{}) continue;
    const EngineOverhead* nearest = nullptr;
    for (const EngineOverhead& other : entries)
      if (other.engine == e.engine && other.per_vocabulary_entry > Time{} &&
          (nearest == nullptr || std::abs(other.year - e.year) < std::abs(nearest->year - e.year)))
        nearest = &other;
    if (nearest != nullptr) e.per_vocabulary_entry = nearest->per_vocabulary_entry;
  }
}

}  // namespace

std::string key_of(const Deployment& d) {
  // DeepSeek-R1 and V3 are one architecture, and rows stand under both names.
  std::string key = d.model == "deepseek-v3" ? "deepseek-r1" : d.model;
  key += '/' + d.chip + '/' + d.engine + '/' + std::string{name_of(d.weights)};
  for (const Workers& w : d.workers)
    key += '/' + std::to_string(w.count) + 'x' + in_short(w.parallelism);
  key += '/' + in_short(d.load.prompt) + '/' + in_short(d.load.output) + '/' +
         std::to_string(d.load.concurrency);
  return hex(mix(hash_of(key)));
}

bool is_fitted_half(const std::string& key) {
  return (hash_of(key) & 1U) == 0;
}

EngineOverheads fit_overheads(const std::vector<MeasuredDeployment>& rows, ReplayParts& parts,
                              const std::function<void(const EngineOverhead&)>& said) {
  EngineOverheads result;
  std::map<std::pair<std::string, int>, Rows> groups;
  for (const MeasuredDeployment& row : rows) {
    if (row.refusal) continue;
    const std::string key = key_of(row.deployment);
    if (!is_fitted_half(key)) continue;
    groups[{row.deployment.engine, row.deployment.year}].push_back(&row);
    result.fitted_rows.push_back(key);
  }
  std::sort(result.fitted_rows.begin(), result.fitted_rows.end());
  result.fitted_rows.erase(std::unique(result.fitted_rows.begin(), result.fitted_rows.end()),
                           result.fitted_rows.end());
  for (auto& [group, members] : groups) {
    EngineOverhead start;
    start.engine = group.first;
    start.year = group.second;
    result.entries.push_back(GroupFit{std::move(members), start, parts}.fit());
    said(result.entries.back());
  }
  share_sampling(result.entries);
  return result;
}

EngineOverheads fit_overhead_files(const std::filesystem::path& calibration,
                                   const Catalogues& catalogues,
                                   const std::function<void(const EngineOverhead&)>& said) {
  ReplayParts parts{catalogues, calibration / "profiles"};
  std::vector<MeasuredDeployment> rows =
      read_end_to_end((calibration / "serving/end_to_end.csv.gz").string(), catalogues);
  for (MeasuredDeployment& row :
       read_mlenergy((calibration / "energy/raw/mlenergy_v3.csv.gz").string(), catalogues))
    rows.push_back(std::move(row));
  EngineOverheads fitted = fit_overheads(rows, parts, said);
  fitted.source =
      "NVIDIA AIConfigurator, end-to-end deployments, https://github.com/ai-dynamo/aiconfigurator; "
      "ML.ENERGY benchmark 3.0, https://ml.energy";
  fitted.licence = "Apache-2.0";
  fitted.method =
      "rows of one half of the shapes (by hash), least mean |ln(predicted/measured)| of time per "
      "token, then of time to first token, over a grid";
  return fitted;
}

}  // namespace jevons
