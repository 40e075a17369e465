#pragma once
// The sensors of a GPU board and the clock they are read by, as plain functions: those of NVML on a
// real machine, arithmetic in tests. Nothing here can change the board.
#include <cstdint>
#include <functional>
#include <optional>

namespace jevons::calibration {

// What a board says at one moment; empty: this board does not say.
struct Reading {
  double seconds = 0;                  // of the instrument's clock
  std::optional<double> joules{};      // total-energy counter, any origin
  std::optional<double> instant_w{};   // power now
  std::optional<double> averaged_w{};  // power over the last second
  std::optional<double> limit_w{};     // power limit in force
  std::optional<double> temperature_c{}, memory_temperature_c{};
  std::optional<double> sm_mhz{}, memory_mhz{};
  std::optional<std::uint64_t> reasons{};  // why the clock is not higher: bits of clock_reason
};

// Source: nvml.h, nvmlClocksEventReason* (https://docs.nvidia.com/deploy/nvml-api).
namespace clock_reason {
inline constexpr std::uint64_t idle = 0x1, power_cap = 0x4, hardware_slowdown = 0x8,
                               software_thermal = 0x20, hardware_thermal = 0x40, power_brake = 0x80;
// What makes a board unfit for measuring; a power cap is no fault, it is labelled.
inline constexpr std::uint64_t throttling =
    hardware_slowdown | software_thermal | hardware_thermal | power_brake;
}  // namespace clock_reason

struct Instrument {
  std::function<double()> now;               // seconds, monotonic
  std::function<void(double seconds)> wait;  // returns about then
  // The counter alone: asked every millisecond, where a whole reading takes tens of them.
  std::function<std::optional<double>()> joules;
  std::function<Reading()> read;
};

// The same board, every whole reading also told to `hear`.
inline Instrument overheard(Instrument instrument, std::function<void(const Reading&)> hear) {
  instrument.read = [read = std::move(instrument.read), hear = std::move(hear)] {
    const Reading reading = read();
    hear(reading);
    return reading;
  };
  return instrument;
}

}  // namespace jevons::calibration
