#include "scenarios/job_entry.h"

#include <algorithm>

#include "scenarios/extends.h"

namespace jevons {

GangJob gang_job(const JobEntry& entry) {
  GangJob job;
  job.id = entry.id;
  job.submit = Instant{entry.submit};
  job.run = entry.run;
  job.requested = entry.requested.value_or(entry.run);
  job.gpus = entry.gpus;
  if (entry.min_gpus || entry.max_gpus) {
    job.min_gpus = entry.min_gpus.value_or(entry.gpus);
    job.max_gpus = entry.max_gpus.value_or(entry.gpus);
  }
  job.scaling = entry.scaling;
  job.priority = entry.priority;
  job.is_preemptible = entry.is_preemptible;
  job.checkpoint_every = entry.checkpoint_every;
  job.overhead = entry.overhead;
  if (entry.deadline) job.deadline = Instant{*entry.deadline};
  return job;
}

JobList read_job_entries(const std::string& path, const std::string& /*shown*/) {
  const JsonDocument document = load_document(path, disk());
  const auto entries = read<JobEntries>(document);
  JobList list;
  for (const JobEntry& entry : entries.jobs) {
    auto tenant = std::find(list.tenants.begin(), list.tenants.end(), entry.tenant);
    const auto which = static_cast<std::int32_t>(tenant - list.tenants.begin());
    if (tenant == list.tenants.end()) list.tenants.push_back(entry.tenant);
    GangJob job = gang_job(entry);
    job.tenant = which;
    for (int i = 0; i < entry.count; ++i) {
      if (entry.id < 0) job.id = static_cast<std::int64_t>(list.jobs.size());
      list.jobs.push_back(job);
      job.submit += entry.every;
    }
  }
  return list;
}

}  // namespace jevons
