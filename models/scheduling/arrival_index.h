#pragma once
// Waiting jobs in order of arrival, with the question of backfilling answered in about log n steps:
// who is the first, from here on, that is small and short enough? A binary tree over arrivals keeps
// the least size and the shortest request of every subtree and is descended only where both fit.
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/time.h"

namespace jevons {

class ArrivalIndex {
 public:
  // Room for a job: at most `gpus`, and it either ends within `window` or has at most `beside`.
  struct Room {
    std::int32_t gpus = 0;
    Span window{};
    std::int32_t beside = 0;
  };

  void insert(std::int32_t place, std::int32_t gpus, Span requested);
  void erase(std::int32_t place);
  [[nodiscard]] std::int32_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  // The first place of at least `from` that is taken, and the first that fits.
  [[nodiscard]] std::optional<std::int32_t> next(std::int32_t from) const;
  [[nodiscard]] std::optional<std::int32_t> next(std::int32_t from, const Room& room) const;

  template <class Archive>
  void archive(Archive& a) {
    a(nodes_, leaves_, size_);
  }

 private:
  struct Node {
    std::int64_t requested = nobody;
    std::int32_t gpus = many;
  };
  static constexpr std::int32_t many = INT32_MAX;
  static constexpr std::int64_t nobody = INT64_MAX;

  static bool may_fit(const Node& n, const Room& room) {
    return n.gpus <= room.gpus && (n.requested <= room.window.count() || n.gpus <= room.beside);
  }
  void set(std::size_t leaf, Node node);
  void grow(std::size_t leaves);

  std::vector<Node> nodes_;  // the root is 1; leaves from leaves_ on
  std::size_t leaves_ = 0;
  std::int32_t size_ = 0;
};

}  // namespace jevons
