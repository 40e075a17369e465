#pragma once
// Lists of jobs on disk, plain or gzip-compressed. A row that is not what the format says is
// refused with its file and line (ScenarioError).
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "models/scheduling/gang_job.h"
#include "sim/fields.h"

namespace jevons {

enum class JobFormat { jobs, swf, philly, muri };
template <>
inline constexpr std::array enum_names<JobFormat>{
    // Our own: {"jobs": [{"submit": "1 h", "gpus": 8, "run": "2 h"}, ...]}
    EnumName{JobFormat::jobs, "jobs"},
    // Standard Workload Format 2.2 (Parallel Workloads Archive); a processor counts as a GPU.
    EnumName{JobFormat::swf, "swf"},
    // CSV: timestamp,duration,num_gpus,gpu_time,cluster; a tenant for each virtual cluster
    EnumName{JobFormat::philly, "philly"},
    // CSV: job_id,num_gpu,submit_time (ms),iterations,model_name,...,iteration_time (ms),...
    EnumName{JobFormat::muri, "muri"},
};

struct JobListOptions {
  // swf: a job that runs longer than it asked for is ended then.
  bool ends_at_request = true;
  // swf: the scheduler is told the run time itself.
  bool is_clairvoyant = false;
  // muri: factor on the time of an iteration.
  double iteration_factor = 1;
  // muri: seconds that a start costs, by GPUs and model; those not listed cost 10 s.
  std::map<std::pair<std::int32_t, std::string>, Span> overheads;
};

struct JobList {
  std::vector<GangJob> jobs;         // by submission; ties in the order of the file
  std::vector<std::string> tenants;  // names, by GangJob::tenant
  std::int64_t left_out = 0;         // rows without processors or run time
};

JobList read_jobs(const std::string& path, JobFormat format, const JobListOptions& options = {},
                  const std::string& shown = "");

}  // namespace jevons
