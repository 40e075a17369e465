#include "models/scheduling/policy.h"

#include <cmath>

namespace jevons {

namespace {

double seconds(Span span) {
  return to_time(span).in(unit::s);
}

// What waiting at the very instant of arrival counts, so that sizes decide then.
constexpr double assumed_least_wait = 1e-15;

double wait_of(WaitCounted counted, const GangJob& job, Instant now) {
  const Instant until =
      counted == WaitCounted::since_submission ? now : Instant{std::chrono::seconds{-1}};
  return seconds(until - job.submit);
}

double score_of(const Sjf& /*p*/, const GangJob& job, Instant /*now*/) {
  return static_cast<double>(job.requested.count());
}
double score_of(const Wfp3& p, const GangJob& job, Instant now) {
  const double ratio = wait_of(p.wait, job, now) / seconds(job.requested);
  return -ratio * ratio * ratio * job.gpus;
}
double score_of(const Unicep& p, const GangJob& job, Instant now) {
  const double size = std::log2(job.gpus + assumed_least_wait);
  return -(wait_of(p.wait, job, now) + assumed_least_wait) / (size * seconds(job.requested));
}
double score_of(const F1& /*p*/, const GangJob& job, Instant /*now*/) {
  const auto log = [](double s) { return std::log10(s > 0 ? s : 0.1); };
  return log(seconds(job.requested)) * job.gpus + 870 * log(seconds(job.submit.time_since_epoch()));
}
double score_of(const EarliestDeadline& /*p*/, const GangJob& job, Instant /*now*/) {
  return static_cast<double>(job.deadline.time_since_epoch().count());
}
double score_of(const PriorityFirst& /*p*/, const GangJob& job, Instant /*now*/) {
  return -job.priority;
}

template <class P>
concept Scored = requires(const P& p, const GangJob& job) {
  score_of(p, job, Instant{});
};

}  // namespace

Ordering ordering_of(const Policy& policy) {
  return std::visit(
      []<class P>(const P& /*p*/) {
        if constexpr (std::is_same_v<P, FairShare>)
          return Ordering::tenant;
        else if constexpr (std::is_same_v<P, Wfp3> || std::is_same_v<P, Unicep>)
          return Ordering::changing;
        else if constexpr (Scored<P>)
          return Ordering::fixed;
        else if constexpr (requires(const P& p) { p.queue; })
          return Ordering::arrival;
        else
          return Ordering::reshuffled;
      },
      policy);
}

double score(const Policy& policy, const GangJob& job, Instant now) {
  return std::visit(
      [&]<class P>(const P& p) {
        if constexpr (Scored<P>)
          return score_of(p, job, now);
        else
          return 0.0;
      },
      policy);
}

const QueueRules* queue_rules(const Policy& policy) {
  return std::visit(
      []<class P>(const P& p) -> const QueueRules* {
        if constexpr (requires { p.queue; })
          return &p.queue;
        else
          return nullptr;
      },
      policy);
}

}  // namespace jevons
