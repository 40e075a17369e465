#pragma once
// What a node draws beside its GPUs: processors, network cards, NVSwitches, fans. Part is always
// there while the node is awake, part grows with the heat of the GPUs.
#include "sim/fields.h"
#include "sim/quantity.h"

namespace jevons {

// One part of a node.
struct HostPart {
  Power idle, full;  // GPUs idle; all GPUs at their limit

  template <class Visitor>
  void fields(Visitor&& field) {
    const Range range{0 * unit::W, 100 * unit::kW};
    field("idle", idle, range, "while GPUs idle");
    field("full", full, range, "while all GPUs are at their power limit");
  }
};

// Defaults: an 8-GPU H100 node. Their sums meet what is measured: idle 2.3 to 2.9 kW and 8.4 kW at
// most at the plug (MLPerf Training v4.0 power logs; Latif et al. 2025, arXiv:2412.08602), GPUs and
// losses of the power supply included. How the sums divide is assumed.
struct HostPower {
  HostPart processors{450 * unit::W, 750 * unit::W};  // CPUs and their memory
  HostPart network{250 * unit::W, 300 * unit::W};     // NICs, DPUs, optics
  HostPart switches{300 * unit::W, 400 * unit::W};    // inside the scale-up domain
  HostPart fans{450 * unit::W, 750 * unit::W};
  HostPart other{250 * unit::W, 250 * unit::W};  // storage, boards, voltage regulators

  Power idle() const {
    return processors.idle + network.idle + switches.idle + fans.idle + other.idle;
  }
  Power full() const {
    return processors.full + network.full + switches.full + fans.full + other.full;
  }

  template <class Visitor>
  void fields(Visitor&& field) {
    field("processors", processors, "CPUs and their memory");
    field("network", network, "network cards and their optics");
    field("switches", switches, "switches of the scale-up domain inside the node");
    field("fans", fans, "fans or pumps of the node");
    field("other", other, "storage, boards, voltage regulators");
  }
};

// Alike nodes of a site.
struct PoweredNodes {
  int nodes = 0;
  int gpus_per_node = 8;
  Power gpu_idle{};   // no process; deep idle
  Power gpu_limit{};  // the board's own power limit
  HostPower host{};
  Power asleep{};              // a whole node, GPUs included
  double voltage_floor = 0.7;  // see models/hardware/power_cap.h
  Carbon embodied_per_gpu{};   // manufacture, the node's share included
  Time lifetime = 5 * unit::year;

  // All GPUs at their limit.
  Power full() const {
    return static_cast<double>(nodes) * (gpus_per_node * gpu_limit + host.full());
  }
};

// Rest of the node per GPU while a GPU draws `gpu`: linear between idle and full.
Power host_per_gpu(const PoweredNodes& pool, Power gpu);

}  // namespace jevons
