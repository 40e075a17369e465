#pragma once
// A job as our own lists and scenarios write it.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/job_list.h"
#include "scenarios/reader.h"
#include "sim/fields.h"

namespace jevons {

struct JobEntry {
  std::int64_t id = -1;
  Span submit{};
  Span run{};
  std::optional<Span> requested;
  int gpus = 1;
  std::optional<int> min_gpus, max_gpus;
  double scaling = 1;
  std::string tenant = "default";
  std::string cluster;
  int priority = 0;
  bool is_preemptible = false;
  Span checkpoint_every{};
  Span overhead{};
  std::optional<Span> deadline;
  std::optional<Power> power_per_gpu;
  int count = 1;
  Span every{};

  template <class Visitor>
  void fields(Visitor&& field) {
    const Range time{0 * unit::s, 100 * unit::year};
    const Range gpu_range{1, 10'000'000};
    field("id", id, Range{-1, 2'000'000'000}, "as results name it; -1: its place in the list");
    field("submit", submit, time, "when it arrives, from the start");
    field(required("run"), run, Range{1 * unit::ns, 100 * unit::year},
          "how long it takes on `gpus` GPUs without interruption");
    field("requested", requested, Range{1 * unit::ns, 100 * unit::year},
          "how long the scheduler is told; absent: as long as it takes");
    field(required("gpus"), gpus, gpu_range, "GPUs it needs, all at once");
    field("min_gpus", min_gpus, gpu_range, "it can do with so few; absent: gpus");
    field("max_gpus", max_gpus, gpu_range, "it can use so many; absent: gpus");
    field("scaling", scaling, Range{0.0, 1.0}, "speed on n GPUs is (n / gpus)^scaling");
    field("tenant", tenant, "whose it is");
    field("cluster", cluster, "where it runs; empty: the first cluster, or any of a site policy");
    field("priority", priority, Range{-1000, 1000}, "the higher, the sooner");
    field("is_preemptible", is_preemptible, "it may be stopped, delayed or resized");
    field("checkpoint_every", checkpoint_every, time,
          "work since the last one is lost by preemption; 0: it saves when told to stop");
    field("overhead", overhead, time, "what a start costs after a preemption or a resize");
    field("deadline", deadline, time, "when it is to be done, from the start");
    field("power_per_gpu", power_per_gpu, Range{0 * unit::W, 10 * unit::kW},
          "mean power of a GPU that runs it; absent: that of the cluster");
    field("count", count, Range{1, 10'000'000}, "so many alike");
    field("every", every, time, "time from one of them to the next");
  }
};

struct JobEntries {
  std::vector<JobEntry> jobs;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("jobs"), jobs, "the jobs");
  }
};

GangJob gang_job(const JobEntry& entry);

JobList read_job_entries(const std::string& path, const std::string& shown);

}  // namespace jevons
