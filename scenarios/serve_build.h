#pragma once
// Scenario -> what the serving engine takes: a configuration and a source of requests.
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "models/jobs/inference/serving.h"
#include "scenarios/serve_scenario.h"

namespace jevons {

// `pool` in the engine's words. Hardware is left out: capacity does not depend on it.
PoolConfig without_hardware(const ServeScenario& scenario, const NamedPool& pool);
ServingConfig serving_config(const ServeScenario& scenario);

// The requests of a scenario: sources that read one another, the last of which is read.
class ServeRequests {
 public:
  explicit ServeRequests(const ServeScenario& scenario);

  RequestSource& source() { return *chain_.back(); }
  // How many there will be; 0 when only time ends them.
  std::int64_t expected() const { return expected_; }
  // Requests dropped so far because their prompt leaves no room in the model's context.
  std::int64_t too_long() const { return *too_long_; }
  // Outputs cut so far to fit into the context.
  std::int64_t cut() const { return *cut_; }

 private:
  template <class Source, class... Args>
  void add(Args&&... args) {
    chain_.push_back(std::make_unique<Source>(std::forward<Args>(args)...));
  }
  void add_replay(const Replay& replay, std::uint64_t seed);
  void add_generated(const GeneratedWorkload& workload, std::uint64_t seed);

  std::vector<std::unique_ptr<RequestSource>> chain_;
  std::int64_t expected_ = 0;
  const std::int64_t* too_long_ = nullptr;
  const std::int64_t* cut_ = nullptr;
};

}  // namespace jevons
