#include "models/jobs/rl/packing.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <set>

namespace jevons {

int bins_for(std::vector<std::int32_t> lengths, std::int32_t capacity) {
  std::sort(lengths.begin(), lengths.end(), std::greater<>{});
  std::multiset<std::int32_t> rooms;  // left in open bins
  int bins = 0;
  for (const std::int32_t length : lengths) {
    const auto best = rooms.lower_bound(length);
    const std::int32_t room = best != rooms.end() ? *best : capacity;
    if (best != rooms.end())
      rooms.erase(best);
    else
      ++bins;
    if (room > length) rooms.insert(room - length);
  }
  return bins;
}

MicroBatches micro_batches_for(std::span<const std::int32_t> lengths, int updates, int ranks,
                               std::int32_t capacity) {
  const auto parts = static_cast<std::size_t>(updates) * static_cast<std::size_t>(ranks);
  std::vector<std::vector<std::int32_t>> dealt(parts);
  for (std::size_t i = 0; i < lengths.size(); ++i) dealt[i % parts].push_back(lengths[i]);
  double count = 0;  // of the fullest rank, summed over updates
  for (std::size_t u = 0; u < parts; u += static_cast<std::size_t>(ranks)) {
    int fullest = 0;
    for (std::size_t r = 0; r < static_cast<std::size_t>(ranks); ++r)
      fullest = std::max(fullest, bins_for(std::move(dealt[u + r]), capacity));
    count += fullest;
  }
  MicroBatches m;
  m.capacity = capacity;
  m.count = std::max(1, static_cast<int>(std::lround(count / updates)));
  const double tokens = std::accumulate(lengths.begin(), lengths.end(), 0.0);
  m.fill = tokens / (static_cast<double>(parts) * m.count * capacity);
  return m;
}

}  // namespace jevons
