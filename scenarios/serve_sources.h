#pragma once
// Links of the chain between a trace or generator and the engine.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/jobs/request.h"
#include "scenarios/workload_tables.h"
#include "sim/distributions.h"
#include "sim/rng.h"

namespace jevons {

// The first `limit` requests of another source.
class FirstRequests final : public RequestSource {
 public:
  FirstRequests(RequestSource& inner, std::int64_t limit) : inner_{&inner}, left_{limit} {}
  bool next(RequestSpec& out) override { return left_-- > 0 && inner_->next(out); }

 private:
  RequestSource* inner_;
  std::int64_t left_;
};

// Requests of another source with lengths from a table.
class WithMeasuredLengths final : public RequestSource {
 public:
  WithMeasuredLengths(RequestSource& inner, LengthTable table, std::uint64_t seed);
  bool next(RequestSpec& out) override;

 private:
  RequestSource* inner_;
  std::vector<LengthPair> pairs_;
  std::optional<Empirical> prompt_, output_, thinking_share_;
  Rng lengths_, thinking_;
};

// A model refuses prompts that fill its context and stops where the context ends.
class WithinContext final : public RequestSource {
 public:
  WithinContext(RequestSource& inner, int max_context)
      : inner_{&inner}, max_context_{max_context} {}
  bool next(RequestSpec& out) override;

  const std::int64_t& too_long() const { return too_long_; }
  const std::int64_t& cut() const { return cut_; }

 private:
  RequestSource* inner_;
  std::int32_t max_context_;
  std::int64_t too_long_ = 0, cut_ = 0;
};

}  // namespace jevons
