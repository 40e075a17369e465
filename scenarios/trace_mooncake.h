#pragma once
// Rows of Mooncake traces. One fixed shape of JSON object per line, so a small reader by hand: a
// general one costs twenty times as much per request.
#include <cstdint>
#include <string_view>
#include <vector>

#include "models/jobs/request.h"
#include "scenarios/gzip.h"

namespace jevons {

struct MooncakeRows {
  static constexpr bool has_header = false;
  static constexpr std::int32_t block_tokens = 512;
  std::vector<std::uint64_t> blocks;  // of the row last read

  // The keys timestamp, input_length, output_length and hash_ids, once each in any order.
  void row(std::string_view line, const LineReader& at, RequestSpec& out);
};

}  // namespace jevons
