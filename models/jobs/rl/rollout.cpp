#include "models/jobs/rl/rollout.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "sim/distributions.h"
#include "sim/ensure.h"

namespace jevons {

namespace {

double normal_cdf(double x) {
  return 0.5 * std::erfc(-x / std::numbers::sqrt2);
}

// All samples of all prompts at once; those of one prompt follow one another and share its blocks.
class RolloutRequests final : public RequestSource {
 public:
  RolloutRequests(const RolloutLoad& load, int block_tokens, std::uint64_t seed)
      : load_{load},
        block_tokens_{block_tokens},
        answer_{load.lengths.median_at(load.progress), load.lengths.spread},
        rng_{seed, "rollout/lengths"},
        blocks_(static_cast<std::size_t>(load.lengths.prompt / block_tokens)) {}

  bool next(RequestSpec& out) override {
    if (made_ == std::int64_t{load_.prompts} * load_.samples) return false;
    const auto prompt = static_cast<std::uint64_t>(made_ / load_.samples);
    for (std::size_t i = 0; i < blocks_.size(); ++i) blocks_[i] = mix((prompt << 32) + i + 1);
    out = RequestSpec{};
    out.prompt_tokens = load_.lengths.prompt;
    out.output_tokens = static_cast<std::int32_t>(std::clamp(
        std::round(answer_.sample(rng_)), 1.0, static_cast<double>(load_.lengths.longest)));
    out.prefix_blocks = blocks_;
    out.prefix_block_tokens = block_tokens_;
    ++made_;
    return true;
  }

 private:
  RolloutLoad load_;
  int block_tokens_;
  Lognormal answer_;
  Rng rng_;
  std::vector<std::uint64_t> blocks_;
  std::int64_t made_ = 0;
};

class SampleTally final : public ServingObserver {
 public:
  void finished(const RequestRecord& r) override {
    if (r.was_rejected) {
      ++refused;
      return;
    }
    ends.push_back(r.completion);
    const double all = static_cast<double>(r.prompt_tokens) + r.output_tokens;
    lengths.emplace_back(r.id, r.prompt_tokens + r.output_tokens);
    prompt_tokens += r.prompt_tokens;
    output_tokens += r.output_tokens;
    squared_tokens += all * all;
    longest = std::max(longest, r.output_tokens);
  }
  std::vector<std::int32_t> in_order() {
    std::sort(lengths.begin(), lengths.end());
    std::vector<std::int32_t> out;
    for (const auto& [id, length] : lengths) out.push_back(length);
    return out;
  }
  std::vector<Instant> ends;
  std::vector<std::pair<std::int64_t, std::int32_t>> lengths;  // by request
  double prompt_tokens = 0, output_tokens = 0, squared_tokens = 0;
  std::int64_t refused = 0;
  std::int32_t longest = 0;
};

ServingConfig driven(const ServingConfig& fleet) {
  ServingConfig c;
  c.seed = fleet.seed;
  c.stepping = fleet.stepping;
  c.pools = fleet.pools;
  c.router = fleet.router;
  c.transfer = fleet.transfer;
  return c;
}

double tail_of(std::vector<Instant>& ends) {
  if (ends.empty()) return 0;
  std::sort(ends.begin(), ends.end());
  const std::size_t at = (ends.size() * 9 + 9) / 10 - 1;  // the sample that makes nine in ten
  return to_time(ends.back() - ends[at]).in(unit::s);
}

}  // namespace

double mean_of_cut_lognormal(double median, double spread, double cut) {
  if (spread == 0) return std::min(median, cut);
  const double mu = std::log(median), z = (std::log(cut) - mu) / spread;
  return std::exp(mu + spread * spread / 2) * normal_cdf(z - spread) + cut * normal_cdf(-z);
}

double SampleLengths::median_at(double progress) const {
  const double wanted = mean * std::pow(mean_end / mean, progress);
  ensure(wanted > 0 && wanted < longest, "the mean answer is shorter than the longest");
  double low = std::log(wanted) - spread * spread, high = std::log(wanted) + 50 * (1 + spread);
  for (int i = 0; i < 200; ++i) {
    const double middle = (low + high) / 2;
    (mean_of_cut_lognormal(std::exp(middle), spread, longest) < wanted ? low : high) = middle;
  }
  return std::exp((low + high) / 2);
}

int rollout_gpus(const ServingConfig& fleet) {
  int gpus = 0;
  for (const PoolConfig& p : fleet.pools) gpus += p.replicas * p.model.parallelism.gpus();
  return gpus;
}

RolloutResult rollout(const ServingConfig& fleet, const RolloutLoad& load, std::uint64_t seed) {
  ensure(load.prompts > 0 && load.samples > 0, "a rollout has samples");
  RolloutRequests source{load, fleet.pools.front().prefix_block_tokens, seed};
  SampleTally tally;
  const ServingResult served = simulate(driven(fleet), source, &tally);
  int replicas = 0;
  for (const PoolConfig& p : fleet.pools) replicas += p.replicas;
  RolloutResult r;
  r.gpus = rollout_gpus(fleet);
  r.seconds = since_start(served.end).in(unit::s);
  r.tail_seconds = tail_of(tally.ends);
  r.utilization = to_double(served.whole.busy_fs) * 1e-15 / (r.seconds * replicas);
  r.samples = static_cast<std::int64_t>(tally.ends.size());
  r.refused = tally.refused;
  r.prompt_tokens = tally.prompt_tokens;
  r.output_tokens = tally.output_tokens;
  r.squared_tokens = tally.squared_tokens;
  r.longest_output = tally.longest;
  r.lengths = tally.in_order();
  const auto joules = [&](EnergyAccount a) {
    return from_attojoules(served.whole.aj[static_cast<std::size_t>(a)]);
  };
  r.gpu_energy =
      joules(EnergyAccount::prefill) + joules(EnergyAccount::decode) + joules(EnergyAccount::idle);
  r.host_energy = joules(EnergyAccount::host);
  return r;
}

}  // namespace jevons
