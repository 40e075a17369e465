#pragma once
// One inference call as its sender sees it, and where such calls come from.
#include <cstdint>
#include <span>

#include "sim/time.h"

namespace jevons {

struct RequestSpec {
  Instant arrival{};
  std::int32_t prompt_tokens = 1;  // >= 1
  // Tokens generated: hidden chain of thought and visible answer together; >= 1.
  std::int32_t output_tokens = 1;
  std::int32_t thinking_tokens = 0;  // of the output, how many are chain of thought
  // Hashes of consecutive prompt blocks, equal hash = equal prefix up to and including that block.
  // Empty: unknown, never shared. Valid until the source is asked again.
  std::span<const std::uint64_t> prefix_blocks;
  std::int32_t prefix_block_tokens = 512;
};

// Requests in order of arrival, one at a time, so that a trace of any length needs no memory.
// Virtual because sources read files above this layer and generate below it; one call a request.
class RequestSource {
 public:
  RequestSource() = default;
  RequestSource(const RequestSource&) = delete;
  RequestSource& operator=(const RequestSource&) = delete;
  RequestSource(RequestSource&&) = delete;
  RequestSource& operator=(RequestSource&&) = delete;
  virtual ~RequestSource() = default;

  // Fills `out` with the next request; false when there are no more. Arrivals never go back.
  virtual bool next(RequestSpec& out) = 0;
};

}  // namespace jevons
