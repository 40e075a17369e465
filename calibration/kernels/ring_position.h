#pragma once
// Where producer and consumers of a ring of stages are. Both walk the same positions; a consumer
// waits for `full` with `parity`, the producer for `empty` with `parity ^ 1`: a fresh barrier is in
// phase 0, so the first round of the producer waits for nobody.
namespace jevons::calibration {

template <int Stages>
struct RingPosition {
  int stage = 0, parity = 0;

  constexpr void next() {
    if (++stage < Stages) return;
    stage = 0;
    parity ^= 1;
  }
};

}  // namespace jevons::calibration
