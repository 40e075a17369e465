#pragma once
// What interrupts a training job, and how often.
//
// Machines fail in proportion to their number. Software does so only up to about a thousand GPUs:
// every further GPU brings inputs, ranks and paths that the code has not met yet, while jobs beyond
// that run code that smaller jobs have worn in. So below a thousand GPUs most failures are those of
// software, and above it mean time to failure falls as 1/N:
//
//   rate(N) = N / H + min(N, N_s) / S
//
// H: GPU-hours per failure of a machine. S, N_s: GPU-hours per failure of software, and the size
// from which it no longer grows. Source of S and N_s: fitted to the mean times to failure at 8 and
// 1,024 GPUs in Kokolis et al., HPCA 2025, arXiv:2410.21680. Source of H: 29,500 (RSC-1) and 82,000
// (RSC-2) there, their geometric mean rounded.
#include <array>
#include <cstddef>
#include <cstdint>

#include "sim/fields.h"
#include "sim/quantity.h"
#include "sim/rng.h"

namespace jevons {

enum class FailureCause {
  gpu,
  gpu_memory,
  silent_corruption,
  network,
  host,
  maintenance,
  software,
};
inline constexpr std::size_t failure_cause_count = 7;
template <>
inline constexpr std::array enum_names<FailureCause>{
    EnumName{FailureCause::gpu, "gpu"},
    EnumName{FailureCause::gpu_memory, "gpu_memory"},
    EnumName{FailureCause::silent_corruption, "silent_corruption"},  // wrong numbers, no error
    EnumName{FailureCause::network, "network"},                      // switch, cable, NIC
    EnumName{FailureCause::host, "host"},                // CPU, memory, SSD, power supply, chassis
    EnumName{FailureCause::maintenance, "maintenance"},  // unplanned, of a host
    EnumName{FailureCause::software, "software"},
};

struct FailureModel {
  double gpu_hours_per_failure = 50'000;
  double gpu_hours_per_software_failure = 12'000;
  int software_grows_to = 1024;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("gpu_hours_per_failure", gpu_hours_per_failure, Range{1.0, 1e12},
          "GPU-hours per failure of a machine: GPU, host or network");
    field("gpu_hours_per_software_failure", gpu_hours_per_software_failure, Range{1.0, 1e12},
          "GPU-hours per failure of software in a job below software_grows_to GPUs");
    field("software_grows_to", software_grows_to, Range{1, 10'000'000},
          "GPUs of a job from which more of them bring no more failures of software");
  }
};

// Failures per hour of a job on `gpus`.
double machine_failures_per_hour(const FailureModel& model, int gpus);
double software_failures_per_hour(const FailureModel& model, int gpus);
Time mean_time_to_failure(const FailureModel& model, int gpus);

// Why the next failure of a job on `gpus` happens. Shares of machine failures: counts in 54 days of
// Llama 3 on 16,384 GPUs, arXiv:2407.21783, table 5.
FailureCause draw_cause(const FailureModel& model, int gpus, Rng& rng);
double share_of_machine_failures(FailureCause cause);

// The node is taken out and another put in its place; otherwise the same nodes start again.
constexpr bool replaces_node(FailureCause cause) {
  return cause != FailureCause::software;
}

}  // namespace jevons
