// From a serving scenario to its answer.
#include <algorithm>
#include <optional>

#include "scenarios/page.h"
#include "scenarios/serve_answer.h"
#include "scenarios/serve_build.h"
#include "scenarios/serve_tables.h"
#include "scenarios/unit_text.h"

namespace jevons {
namespace {

// Writes the tables while the run goes on, and tells how far it is.
class Scribe final : public ServingObserver {
 public:
  Scribe(RunContext& context, std::int64_t expected)
      : context_{&context}, expected_{std::max<std::int64_t>(expected, 1)} {
    if (context.out == nullptr) return;
    requests_.emplace(context.out->file("requests.csv"), request_columns);
    replicas_.emplace(context.out->file("replicas.csv"), replica_columns);
  }

  void finished(const RequestRecord& request) override {
    ++finished_;
    if (requests_) write_row(*requests_, request);
  }
  void sampled(const ReplicaSample& sample) override {
    if (replicas_) write_row(*replicas_, sample);
  }
  bool go_on() override {
    const double share = static_cast<double>(finished_) / static_cast<double>(expected_);
    context_->progress(std::min(share, 1.0));
    return true;
  }
  void close() {
    if (requests_) requests_->close();
    if (replicas_) replicas_->close();
  }

 private:
  RunContext* context_;
  std::int64_t expected_, finished_ = 0;
  std::optional<CsvFile> requests_, replicas_;
};

// Only the run tells when the last request is done.
void refuse_empty_window(const ServeScenario& scenario, const ServingResult& result) {
  if (Instant{scenario.measure.begin} < result.end || result.end == Instant{}) return;
  throw ScenarioError{Mistake{.file = "scenario",
                              .line = 0,
                              .pointer = "/measure/begin",
                              .expected = "a time before the run ends, at " +
                                          figure(since_start(result.end).in(unit::s)) + " s",
                              .got = print_span(scenario.measure.begin),
                              .hint = ""}};
}

}  // namespace

ServeOutcome serve(const ServeScenario& scenario, RunContext& context) {
  ServeOutcome outcome{.config = serving_config(scenario)};
  if (context.out != nullptr) outcome.config.sample_every = scenario.sample_interval;
  ServeRequests requests{scenario};
  Scribe scribe{context, requests.expected()};
  outcome.result = simulate(outcome.config, requests.source(), &scribe);
  scribe.close();
  outcome.left_out = {requests.too_long(), requests.cut()};
  refuse_empty_window(scenario, outcome.result);
  return outcome;
}

Answer run(const ServeScenario& scenario, RunContext& context) {
  const ServeOutcome outcome = serve(scenario, context);
  return {answer_text(scenario, outcome), answer_summary(scenario, outcome)};
}

}  // namespace jevons
