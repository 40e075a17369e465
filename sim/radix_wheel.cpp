#include "sim/radix_wheel.h"

#include <algorithm>
#include <utility>

namespace jevons {
namespace {

bool later(const Pending& a, const Pending& b) {
  return b < a;
}

// Insertion sort, the quickest there is for a handful, wherever it is a handful.
template <class It>
void sort_run(It first, It last) {
  if (last - first > 32) return std::sort(first, last);
  for (It next = first; next != last; ++next) {
    const Pending e = *next;
    It at = next;
    for (; at != first && e < at[-1]; --at) *at = at[-1];
    *at = e;
  }
}

}  // namespace

RadixWheel::Bucket RadixWheel::take(unsigned level, unsigned digit) {
  digit_mask_[level] &= ~(std::uint64_t{1} << digit);
  if (digit_mask_[level] == 0) level_mask_ &= ~(1U << level);
  return std::exchange(buckets_[level][digit], Bucket{});
}

// Visits the entries of a bucket already taken out and frees each chunk after its last entry.
template <class Visit>
void RadixWheel::drain(Bucket bucket, Visit visit) {
  std::uint32_t filled = (bucket.size - 1) % chunk_size + 1;
  while (bucket.size > 0) {
    // Entries by value and chunks by index: a visitor may store entries, which moves the chunks.
    for (std::uint32_t i = 0; i < filled; ++i) visit(Pending{chunks_[bucket.chunk].items[i]});
    const std::uint32_t next = std::exchange(chunks_[bucket.chunk].next, free_chunk_);
    free_chunk_ = bucket.chunk;
    bucket = {next, bucket.size - filled};
    filled = chunk_size;
  }
}

bool RadixWheel::refill() {
  while (level_mask_ != 0) {
    // All of a level lies before all of the next one.
    const auto level = static_cast<unsigned>(std::countr_zero(level_mask_));
    const auto digit = static_cast<unsigned>(std::countr_zero(digit_mask_[level]));
    base_ = bucket_start(level, digit);
    if (level == 0 || buckets_[level][digit].size <= gather_limit) {
      gather(level);
      return true;
    }
    drain(take(level, digit), [this](const Pending& e) { store(e); });
  }
  return false;
}

// Moves the first buckets of the lowest level to the empty front, at least one, in order.
void RadixWheel::gather(unsigned level) {
  do {
    const auto digit = static_cast<unsigned>(std::countr_zero(digit_mask_[level]));
    if (!near_.empty() && near_.size() + buckets_[level][digit].size > gather_limit) break;
    horizon_ = bucket_start(level, digit) + (std::uint64_t{1} << (digit_bits * level));
    const std::size_t first = near_.size();
    drain(take(level, digit), [this](const Pending& e) { near_.push_back(e); });
    sort_run(near_.begin() + static_cast<std::ptrdiff_t>(first), near_.end());
  } while (digit_mask_[level] != 0);
}

// The front has grown long. Spreading it over buckets makes it short again, unless it is a single
// instant, or reaches back before `base_`, which buckets cannot hold: then, until it has run dry,
// it is a heap, so that a crowd costs its logarithm and never its length.
void RadixWheel::push_crowded(Pending e) {
  if (!is_heap_ && near_[head_].when >= base_ && near_[head_].when < near_.back().when) {
    spread_near();
    return store(e);
  }
  if (!is_heap_) {
    near_.erase(near_.begin(), near_.begin() + static_cast<std::ptrdiff_t>(head_));
    head_ = 0;
    is_heap_ = true;  // an ascending run is one already
  }
  near_.push_back(e);
  std::push_heap(near_.begin(), near_.end(), later);
}

// A front that never runs dry, because something far in the future lies in it, would otherwise keep
// all that has ever passed through. Half of it must be consumed, so that the cost stays constant.
void RadixWheel::drop_consumed() {
  if (head_ < near_.size() - head_) return;
  near_.erase(near_.begin(), near_.begin() + static_cast<std::ptrdiff_t>(head_));
  head_ = 0;
}

void RadixWheel::spread_near() {
  const std::vector<Pending> crowd(near_.begin() + static_cast<std::ptrdiff_t>(head_), near_.end());
  near_.clear();
  head_ = 0;
  horizon_ = base_;
  for (const Pending& e : crowd) store(e);
}

void RadixWheel::pop_heap_front() {
  std::pop_heap(near_.begin(), near_.end(), later);
  near_.pop_back();
  is_heap_ = !near_.empty();
}

std::vector<Pending> RadixWheel::entries() const {
  std::vector<Pending> all(near_.begin() + static_cast<std::ptrdiff_t>(head_), near_.end());
  RadixWheel copy = *this;
  for (unsigned level = 0; level < levels; ++level)
    while (copy.digit_mask_[level] != 0) {
      const auto digit = static_cast<unsigned>(std::countr_zero(copy.digit_mask_[level]));
      copy.drain(copy.take(level, digit), [&all](const Pending& e) { all.push_back(e); });
    }
  return all;
}

void RadixWheel::assign(const std::vector<Pending>& entries) {
  *this = RadixWheel{};
  for (const Pending& e : entries) store(e);
}

}  // namespace jevons
