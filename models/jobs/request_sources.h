#pragma once
// Sources made of other parts: requests from a generator, a chain of thought added to any source,
// and any source at another speed.
#include <cstdint>
#include <limits>
#include <utility>

#include "models/jobs/arrivals.h"
#include "models/jobs/lengths.h"
#include "models/jobs/request.h"
#include "sim/rng.h"

namespace jevons {

struct Generator {
  Arrivals arrivals = PoissonArrivals{};
  Lengths lengths = LognormalLengths{};
  std::int64_t requests = std::numeric_limits<std::int64_t>::max();
  Time duration = 100 * unit::year;
};

class GeneratedRequests final : public RequestSource {
 public:
  GeneratedRequests(Generator generator, std::uint64_t seed)
      : generator_{std::move(generator)}, arrivals_{seed, "arrivals"}, lengths_{seed, "lengths"} {}
  bool next(RequestSpec& out) override;

 private:
  Generator generator_;
  Rng arrivals_, lengths_;
  double t_ = 0;
  std::int64_t made_ = 0;
};

// Adds chain-of-thought tokens to the outputs of another source.
class WithReasoning final : public RequestSource {
 public:
  WithReasoning(RequestSource& inner, const Reasoning& reasoning, std::uint64_t seed)
      : inner_{&inner}, reasoning_{reasoning}, rng_{seed, "reasoning"} {}
  bool next(RequestSpec& out) override;

 private:
  RequestSource* inner_;
  Reasoning reasoning_;
  Rng rng_;
};

// Arrivals of another source `speed` times as dense.
class AtSpeed final : public RequestSource {
 public:
  AtSpeed(RequestSource& inner, double speed) : inner_{&inner}, speed_{speed} {}
  bool next(RequestSpec& out) override;

 private:
  RequestSource* inner_;
  double speed_;
};

}  // namespace jevons
