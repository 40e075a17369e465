#pragma once
// Checkpoints: what they weigh, how long they stop the job, how often to write them, and what a job
// with failures takes in closed form.
#include <optional>

#include "sim/fields.h"
#include "sim/quantity.h"

namespace jevons {

struct Checkpointing {
  // Bytes kept for each parameter: bf16 weights and fp32 master weights and two Adam moments.
  double bytes_per_parameter = 14;
  // Of the file system, for all writers together. Default: sustained rate of the storage of Llama
  // 3, arXiv:2407.21783, section 3.3.1.
  Bandwidth storage = 2 * unit::TB / unit::s;
  Bandwidth node_link = 50 * unit::GB / unit::s;  // one node to storage: 400 Gbit/s
  // The job goes on as soon as its state is in host memory; the file is complete `write` later.
  bool is_asynchronous = false;
  Bandwidth host_copy = 25 * unit::GB / unit::s;  // GPU to host memory over PCIe 4, each GPU
  std::optional<Time> interval;                   // of training; nothing: Daly's optimum

  template <class Visitor>
  void fields(Visitor&& field) {
    const Range rates{1 * unit::MB / unit::s, 1e6 * unit::TB / unit::s};
    field("bytes_per_parameter", bytes_per_parameter, Range{0.1, 100.0},
          "bytes of a checkpoint for each parameter: weights and optimizer state");
    field("storage", storage, rates, "bandwidth of the file system, all writers together");
    field("node_link", node_link, rates, "bandwidth of one node to the file system");
    field("is_asynchronous", is_asynchronous,
          "training goes on once the state is in host memory; the file is written meanwhile");
    field("host_copy", host_copy, rates, "bandwidth of a GPU to host memory");
    field("interval", interval, Range{1 * unit::s, 100 * unit::day},
          "training between two checkpoints; absent: the optimum by Daly's formula");
  }
};

struct CheckpointCost {
  Time stall;  // for which training stops
  Time write;  // from the end of the stall until the file is complete; 0 when it stalls throughout
  Time load;   // reading it back
};

// Of a job with `parameters` on `gpus`, `gpus_per_node` to a node.
CheckpointCost checkpoint_cost(const Checkpointing& how, double parameters, int gpus,
                               int gpus_per_node);

// Training between checkpoints that wastes least: Daly 2006, doi:10.1016/j.future.2004.11.016,
// equation 37; to first order sqrt(2 stall mttf), Young 1974, doi:10.1145/361147.361115.
Time young_interval(Time stall, Time mttf);
Time daly_interval(Time stall, Time mttf);

// Expected wall-clock of `work` in intervals of `interval`, with failures at any time, also during
// stalls and restarts: Daly 2006, equation 13.
Time daly_wall_time(Time work, Time interval, Time stall, Time restart, Time mttf);

// Share of time that trains and is kept, to first order: Kokolis et al., arXiv:2410.21680, with u
// the whole recovery: (1 - (u + interval/2) / mttf) / (1 + stall / interval).
double first_order_ettr(Time interval, Time stall, Time recovery, Time mttf);

}  // namespace jevons
