#pragma once
// A set of small integers that knows its least member: one bit each, and above every 64 of them a
// bit that says whether one is set.
#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

namespace jevons {

class NodeSet {
 public:
  explicit NodeSet(std::int32_t capacity = 0) {
    auto words = static_cast<std::size_t>(capacity);
    do {
      words = (words + 63) / 64;
      levels_.emplace_back(words, 0);
    } while (words > 1);
  }

  void insert(std::int32_t member) {
    auto at = static_cast<std::size_t>(member);
    for (auto& level : levels_) {
      level[at / 64] |= std::uint64_t{1} << (at % 64);
      at /= 64;
    }
    ++size_;
  }
  void erase(std::int32_t member) {
    auto at = static_cast<std::size_t>(member);
    for (auto& level : levels_) {
      std::uint64_t& word = level[at / 64];
      word &= ~(std::uint64_t{1} << (at % 64));
      if (word != 0) break;
      at /= 64;
    }
    --size_;
  }
  [[nodiscard]] std::int32_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

  // The least member; only of a set that has one.
  [[nodiscard]] std::int32_t first() const {
    std::size_t at = 0;
    for (std::size_t level = levels_.size(); level-- > 0;)
      at = 64 * at + static_cast<std::size_t>(std::countr_zero(levels_[level][at]));
    return static_cast<std::int32_t>(at);
  }
  // The least member of at least `from`.
  [[nodiscard]] std::optional<std::int32_t> next(std::int32_t from) const {
    auto at = static_cast<std::size_t>(from);
    for (std::size_t level = 0; level < levels_.size(); ++level) {
      const std::size_t word = at / 64;
      if (word >= levels_[level].size()) return std::nullopt;
      const std::uint64_t rest = levels_[level][word] >> (at % 64);
      if (rest != 0) {
        at += static_cast<std::size_t>(std::countr_zero(rest));
        while (level-- > 0)
          at = 64 * at + static_cast<std::size_t>(std::countr_zero(levels_[level][at]));
        return static_cast<std::int32_t>(at);
      }
      at = word + 1;
    }
    return std::nullopt;
  }

  template <class Archive>
  void archive(Archive& a) {
    a(levels_, size_);
  }

 private:
  std::vector<std::vector<std::uint64_t>> levels_;
  std::int32_t size_ = 0;
};

}  // namespace jevons
