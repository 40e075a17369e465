#pragma once
// A job as a scheduler sees it: so many GPUs at once, for so long. Plain values; what it computes
// and what it draws is told elsewhere.
#include <cstdint>

#include "sim/run.h"
#include "sim/time.h"

namespace jevons {

using JobIndex = std::int32_t;

inline constexpr std::int32_t any_chip = -1;

struct GangJob {
  std::int64_t id = 0;  // as its list names it
  Instant submit{};
  Span run{};        // on `gpus` GPUs at full speed, without interruption
  Span requested{};  // what the scheduler is told; a limit only where the list was cut by it
  std::int32_t gpus = 1;
  // An elastic job runs on min_gpus..max_gpus; 0 and 0: on exactly `gpus`.
  std::int32_t min_gpus = 0, max_gpus = 0;
  double scaling = 1;  // speed on n GPUs relative to `gpus`: (n / gpus)^scaling
  std::int32_t tenant = 0;
  std::int32_t priority = 0;  // the higher, the sooner
  std::int32_t chip = any_chip;
  bool is_preemptible = false;
  bool is_urgent = false;  // a serving replica: starts before all others, over preemptible jobs
  // Work since the last checkpoint is done again after a preemption; 0: it saves when it is told to
  // stop, and loses nothing.
  Span checkpoint_every{};
  Span overhead{};  // paid at every start after the first
  Instant deadline = forever;
  Span iteration = std::chrono::seconds{1};  // of a training job; see FinishTimeFair

  [[nodiscard]] bool is_elastic() const { return max_gpus > 0; }
  [[nodiscard]] std::int32_t least_gpus() const { return is_elastic() ? min_gpus : gpus; }
  [[nodiscard]] std::int32_t most_gpus() const { return is_elastic() ? max_gpus : gpus; }
};

// Largest number that is no run time: what serves until it is told to stop.
inline constexpr Span endless = Span::max() / 4;

}  // namespace jevons
