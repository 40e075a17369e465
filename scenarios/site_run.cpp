// From a site scenario to its answer, with rests on the way from which it can go on.
#include "models/site/site_run.h"

#include <algorithm>

#include "scenarios/checkpoint_file.h"
#include "scenarios/site_answer.h"

namespace jevons {

namespace {

double share_done(const SiteRun& run, const SiteModel& model) {
  if (model.stop_at)
    return to_time(run.now().time_since_epoch()) / to_time(model.stop_at->time_since_epoch());
  const double jobs = std::max<double>(1, static_cast<double>(model.jobs.size()));
  return static_cast<double>(run.arrived()) / jobs;
}

void play(SiteRun& run, const SiteModel& model, RunContext& context) {
  const std::optional<Span> every = context.checkpoint_every;
  Instant due = every ? run.now() + *every : forever;
  while (const auto next = run.next()) {
    if (*next >= due) {
      write_checkpoint(context.checkpoint, run);
      while (due <= *next) due += *every;
    }
    run.step(*next);
    if (run.events() % 256 == 0) context.progress(std::min(share_done(run, model), 1.0));
  }
}

}  // namespace

Answer run(const SiteScenario& scenario, RunContext& context) {
  const SiteBuild build = build_sites(scenario, context);
  SiteRun sites{build.model};
  if (context.resumes) read_checkpoint(context.checkpoint, sites);
  play(sites, build.model, context);
  const SiteOutcome outcome = sites.outcome();
  const SiteAnswer answer{&scenario, &build, &outcome};
  if (context.out != nullptr) write_tables(answer, *context.out);
  if (context.trace) write_schedule(answer, *context.trace);
  return {answer_text(answer), answer_summary(answer)};
}

}  // namespace jevons
