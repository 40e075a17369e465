#include "studies/profile_factors.h"

namespace jevons {

namespace {

void scale(KernelCost& law, const ProfileFactors& f) {
  law.base.flop_rate *= f[Factor::matrix_rate];
  law.flop_peak *= f[Factor::matrix_rate];
  law.base.byte_rate *= f[Factor::memory_rate];
  law.base.link_rate *= f[Factor::link_rate];
  law.base.network_rate *= f[Factor::link_rate];
  law.base.launch *= f[Factor::overhead_time];
  law.base.per_item *= f[Factor::overhead_time];
  law.folded *= f[Factor::overhead_time];
}

void scale(ChipEnergy& energy, const ProfileFactors& f) {
  energy.busy_static = f[Factor::static_power] * energy.busy_static;
  energy.idle = f[Factor::static_power] * energy.idle;
  for (double& j : energy.joule_per_flop) j *= f[Factor::flop_energy];
  for (double& j : energy.joule_per_byte) j *= f[Factor::byte_energy];
  energy.joule_per_link_byte *= f[Factor::link_energy];
}

}  // namespace

HardwareProfile scaled(const HardwareProfile& profile, const ProfileFactors& factors) {
  HardwareProfile p = profile;
  for (auto& laws : p.time.costs)
    for (KernelCost& law : laws) scale(law, factors);
  scale(p.energy, factors);
  return p;
}

ServingConfig scaled(const ServingConfig& fleet, const ProfileFactors& factors) {
  ServingConfig c = fleet;
  for (PoolConfig& pool : c.pools) {
    pool.hardware = scaled(pool.hardware, factors);
    pool.prices.reset();
    EngineConfig& e = pool.engine;
    e.overhead_per_iteration = factors[Factor::overhead_time] * e.overhead_per_iteration;
    e.overhead_per_sequence = factors[Factor::overhead_time] * e.overhead_per_sequence;
  }
  return c;
}

}  // namespace jevons
