#include "models/scheduling/arrival_index.h"

#include <algorithm>
#include <utility>

namespace jevons {

void ArrivalIndex::grow(std::size_t leaves) {
  std::size_t larger = std::max<std::size_t>(64, leaves_);
  while (larger < leaves) larger *= 2;
  std::vector<Node> old = std::exchange(nodes_, std::vector<Node>(2 * larger));
  const std::size_t had = std::exchange(leaves_, larger);
  for (std::size_t i = 0; i < had; ++i) nodes_[larger + i] = old[had + i];
  for (std::size_t i = larger; i-- > 1;)
    nodes_[i] = {std::min(nodes_[2 * i].requested, nodes_[2 * i + 1].requested),
                 std::min(nodes_[2 * i].gpus, nodes_[2 * i + 1].gpus)};
}

void ArrivalIndex::set(std::size_t leaf, Node node) {
  std::size_t at = leaves_ + leaf;
  nodes_[at] = node;
  for (at /= 2; at >= 1; at /= 2) {
    const Node& left = nodes_[2 * at];
    const Node& right = nodes_[2 * at + 1];
    const Node least{std::min(left.requested, right.requested), std::min(left.gpus, right.gpus)};
    if (least.requested == nodes_[at].requested && least.gpus == nodes_[at].gpus) break;
    nodes_[at] = least;
  }
}

void ArrivalIndex::insert(std::int32_t place, std::int32_t gpus, Span requested) {
  const auto leaf = static_cast<std::size_t>(place);
  if (leaf >= leaves_) grow(leaf + 1);
  set(leaf, {requested.count(), gpus});
  ++size_;
}

void ArrivalIndex::erase(std::int32_t place) {
  set(static_cast<std::size_t>(place), {});
  --size_;
}

std::optional<std::int32_t> ArrivalIndex::next(std::int32_t from) const {
  return next(from, {many - 1, Span{nobody - 1}, 0});
}

std::optional<std::int32_t> ArrivalIndex::next(std::int32_t from, const Room& room) const {
  const auto first = static_cast<std::size_t>(from);
  if (first >= leaves_) return std::nullopt;
  // Upwards over everything right of `first`, downwards into what may fit.
  std::size_t at = leaves_ + first;
  while (true) {
    if (may_fit(nodes_[at], room)) {
      if (at >= leaves_) return static_cast<std::int32_t>(at - leaves_);
      at = 2 * at;
      continue;
    }
    while ((at & 1) == 1) at /= 2;  // the right child's subtree is done, and so is its parent's
    if (at == 0) return std::nullopt;
    ++at;
  }
}

}  // namespace jevons
