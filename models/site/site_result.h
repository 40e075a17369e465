#pragma once
// What a run of sites leaves behind.
#include <cstdint>
#include <vector>

#include "models/facility/bill.h"
#include "models/ledger/site_ledger.h"
#include "models/scheduling/scheduler.h"

namespace jevons {

struct JobOutcome {
  std::int32_t cluster = -1;  // -1: did not arrive in the time of the run
  Instant start = forever, end = forever;
  Int128 gpu_ns = 0;
  std::int32_t preemptions = 0;
  Bill bill;  // of what it has run so far
};

// The mean over the time since the sample before.
struct SiteSample {
  Instant at{};
  std::int32_t site = 0;
  Power job, idle, host, network, cooling, loss, grid;
  double carbon_g_per_kwh = 0, price_usd_per_kwh = 0;  // at its end
  double gpu_limit = 1;
  std::int64_t busy_gpus = 0, waiting_jobs = 0;  // at its end
};

struct ServiceOutcome {
  double requests = 0, unserved = 0;  // asked for; above the capacity of the replicas that ran
  Int128 gpu_ns = 0;
  std::int64_t starts = 0, late = 0;  // replicas; steps with fewer than wanted
  Bill bill;
};

// A stretch in which a job held GPUs.
struct RunStretch {
  std::int32_t job = 0, cluster = 0, first_node = 0, gpus = 0;
  Instant from{}, to{};
};

struct SiteBooks {
  std::array<Energy, site_account_count> by{};
  Energy grid;
  Bill total, idle;
};

struct SiteOutcome {
  Instant end{};
  std::vector<JobOutcome> jobs;  // by SiteModel::jobs
  std::vector<ServiceOutcome> services;
  std::vector<SiteSample> samples;
  std::vector<RunStretch> runs;
  std::vector<SiteBooks> books;  // by site; zero where there is no facility
  std::int64_t events = 0;
};

}  // namespace jevons
