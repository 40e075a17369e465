#pragma once
// The few numbers by which a hardware profile can be wrong as a whole: each multiplies all the
// coefficients of its sort. One is the profile as it stands.
#include <array>
#include <cstddef>

#include "models/jobs/inference/serving_config.h"
#include "sim/fields.h"

namespace jevons {

enum class Factor {
  matrix_rate,
  memory_rate,
  link_rate,
  overhead_time,
  static_power,
  flop_energy,
  byte_energy,
  link_energy,
};
inline constexpr std::size_t factor_count = 8;
template <>
inline constexpr std::array enum_names<Factor>{
    EnumName{Factor::matrix_rate, "matrix_rate"},      // FLOP/s of every law, peaks included
    EnumName{Factor::memory_rate, "memory_rate"},      // bytes/s of device memory
    EnumName{Factor::link_rate, "link_rate"},          // bytes/s within and between nodes
    EnumName{Factor::overhead_time, "overhead_time"},  // launches, per-item time, host time
    EnumName{Factor::static_power, "static_power"},    // watts, busy and idle
    EnumName{Factor::flop_energy, "flop_energy"},      // J/FLOP
    EnumName{Factor::byte_energy, "byte_energy"},      // J per byte of device memory
    EnumName{Factor::link_energy, "link_energy"},      // J per byte over the link
};

// Without a power cap, joules move no event and are linear in these.
constexpr bool is_energy(Factor f) {
  return f >= Factor::static_power;
}

class ProfileFactors {
 public:
  ProfileFactors() { value_.fill(1); }
  double& operator[](Factor f) { return value_[static_cast<std::size_t>(f)]; }
  double operator[](Factor f) const { return value_[static_cast<std::size_t>(f)]; }
  bool operator==(const ProfileFactors&) const = default;

  template <class Visitor>
  void fields(Visitor&& field) {
    for (std::size_t i = 0; i < factor_count; ++i)
      field(Key{enum_names<Factor>[i].name, false}, value_[i], Range{0.01, 100.0},
            "factor on these coefficients");
  }

 private:
  std::array<double, factor_count> value_{};
};

HardwareProfile scaled(const HardwareProfile& profile, const ProfileFactors& factors);

// The same for every pool, and overhead_time for the host's time per iteration too. The network
// between pools is no part of a profile and stays.
ServingConfig scaled(const ServingConfig& fleet, const ProfileFactors& factors);

}  // namespace jevons
