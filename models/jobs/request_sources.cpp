#include "models/jobs/request_sources.h"

#include <cmath>

namespace jevons {

bool GeneratedRequests::next(RequestSpec& out) {
  if (made_ >= generator_.requests) return false;
  t_ = std::visit([&](const auto& a) { return a.next(t_, arrivals_); }, generator_.arrivals);
  if (t_ > generator_.duration.in(unit::s)) return false;
  ++made_;
  const LengthPair pair =
      std::visit([&](const auto& l) { return l.sample(lengths_); }, generator_.lengths);
  out = RequestSpec{};
  out.arrival = Instant{to_span(t_ * unit::s)};
  out.prompt_tokens = pair.prompt;
  out.output_tokens = pair.output;
  return true;
}

bool WithReasoning::next(RequestSpec& out) {
  if (!inner_->next(out)) return false;
  const std::int32_t thought = reasoning_.sample(rng_);
  out.thinking_tokens += thought;
  out.output_tokens += thought;
  return true;
}

bool AtSpeed::next(RequestSpec& out) {
  if (!inner_->next(out)) return false;
  const auto ns = static_cast<double>(out.arrival.time_since_epoch().count());
  out.arrival = Instant{Span{static_cast<std::int64_t>(std::floor(ns / speed_))}};
  return true;
}

}  // namespace jevons
