#include "scenarios/serve_sources.h"

#include <cmath>
#include <utility>

namespace jevons {
namespace {

std::optional<Empirical> empirical(const std::vector<WeightedValue>& histogram) {
  if (histogram.empty()) return std::nullopt;
  std::vector<double> values;
  std::vector<double> weights;
  for (const WeightedValue& entry : histogram) {
    values.push_back(entry.value);
    weights.push_back(entry.weight);
  }
  return Empirical{values, weights};
}

std::int32_t at_least_one(double tokens) {
  return std::max(1, static_cast<std::int32_t>(std::lround(tokens)));
}

}  // namespace

WithMeasuredLengths::WithMeasuredLengths(RequestSource& inner, LengthTable table,
                                         std::uint64_t seed)
    : inner_{&inner},
      pairs_{std::move(table.pairs)},
      prompt_{empirical(table.prompt)},
      output_{empirical(table.output)},
      thinking_share_{empirical(table.thinking_share)},
      lengths_{seed, "lengths"},
      thinking_{seed, "thinking share"} {}

bool WithMeasuredLengths::next(RequestSpec& out) {
  if (!inner_->next(out)) return false;
  if (!pairs_.empty()) {
    const LengthPair& pair = pairs_[lengths_.below(pairs_.size())];
    out.prompt_tokens = pair.prompt;
    out.output_tokens = pair.output;
  } else {
    out.prompt_tokens = at_least_one(prompt_->sample(lengths_));
    out.output_tokens = at_least_one(output_->sample(lengths_));
  }
  if (thinking_share_)
    out.thinking_tokens = static_cast<std::int32_t>(
        std::lround(thinking_share_->sample(thinking_) * out.output_tokens));
  return true;
}

bool WithinContext::next(RequestSpec& out) {
  while (inner_->next(out)) {
    const std::int32_t room = max_context_ - out.prompt_tokens;
    if (room < 1) {
      ++too_long_;
      continue;
    }
    if (out.output_tokens > room) {
      ++cut_;
      out.output_tokens = room;
      out.thinking_tokens = std::min(out.thinking_tokens, room);
    }
    return true;
  }
  return false;
}

}  // namespace jevons
