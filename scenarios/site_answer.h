#pragma once
// What a run of sites found, as a page, as summary.json and as tables. Every figure and column is
// defined in docs/outputs.md.
#include <filesystem>
#include <string>

#include "models/site/site_result.h"
#include "scenarios/output_dir.h"
#include "scenarios/site_build.h"

namespace jevons {

struct SiteAnswer {
  const SiteScenario* scenario;
  const SiteBuild* build;
  const SiteOutcome* outcome;
};

std::string answer_text(const SiteAnswer& answer);
JsonValue answer_summary(const SiteAnswer& answer);

// jobs.csv and power.csv.
void write_tables(const SiteAnswer& answer, const OutputDir& out);
// The schedule in the format of Chrome's tracing page and Perfetto: a process for each cluster, a
// line for the first node of each stretch, microseconds of simulated time.
void write_schedule(const SiteAnswer& answer, const std::filesystem::path& file);

}  // namespace jevons
