#include "sim/sketch.h"

namespace jevons {
namespace {

constexpr std::uint32_t buckets_per_octave = 128;

}  // namespace

template <class Value>
requires std::same_as<Value, std::int64_t> || std::same_as<Value, double>
void QuantileSketch<Value>::add_outside(std::uint32_t bucket, std::uint64_t weight) {
  // Whole octaves, so that a sketch grows rarely.
  const std::uint32_t octave = bucket / buckets_per_octave * buckets_per_octave;
  if (counts_.empty()) first_bucket_ = octave;
  if (octave < first_bucket_) {
    counts_.insert(counts_.begin(), first_bucket_ - octave, 0);
    first_bucket_ = octave;
  }
  const std::size_t needed = octave + std::size_t{buckets_per_octave} - first_bucket_;
  if (needed > counts_.size()) counts_.resize(needed);
  counts_[bucket - first_bucket_] += weight;
}

template <class Value>
requires std::same_as<Value, std::int64_t> || std::same_as<Value, double> std::uint64_t
QuantileSketch<Value>::count_below(double edge, Value first, Value step, std::uint64_t count) {
  if constexpr (std::same_as<Value, double>) {
    const double below = std::ceil((edge - first) / step);
    return below >= static_cast<double>(count) ? count : static_cast<std::uint64_t>(below);
  } else {
    if (edge >= 0x1p63) return count;
    const Int128 whole = static_cast<std::int64_t>(std::ceil(edge));
    const Int128 below = (whole - first + step - 1) / step;
    return static_cast<std::uint64_t>(std::min(below, Int128{count}));
  }
}

template <class Value>
requires std::same_as<Value, std::int64_t> || std::same_as<Value, double>
void QuantileSketch<Value>::insert_progression(Value first, Value step, std::uint64_t count,
                                               std::uint64_t weight) {
  if (count == 0) return;
  if (step == 0 || count == 1) return insert(first, count * weight);
  const auto n = static_cast<Exact>(count);
  const Exact exact_last = first + step * (n - 1);
  ensure(step > 0 && exact_last <= static_cast<Exact>(std::numeric_limits<Value>::max()),
         "a progression rises and its last value fits");
  const auto last = static_cast<Value>(exact_last);
  ensure_valid(first);

  for (std::uint64_t done = 0; done < count;) {
    const Value value = first + static_cast<Value>(done) * step;
    const bool is_zero = value < smallest();
    const std::uint32_t bucket = is_zero ? 0 : bucket_of(value);
    const double edge = is_zero ? static_cast<double>(smallest()) : lower_edge(bucket + 1);
    // At least one, should a double's division round to none.
    const std::uint64_t below = std::max(count_below(edge, first, step, count), done + 1);
    if (is_zero)
      zeros_ += (below - done) * weight;
    else
      add(bucket, (below - done) * weight);
    done = below;
  }
  note(first, last, count * weight);
  add_to_sum((static_cast<Exact>(first) + exact_last) * n / 2 * static_cast<Exact>(weight));
}

template <class Value>
requires std::same_as<Value, std::int64_t> || std::same_as<Value, double>
void QuantileSketch<Value>::merge(const QuantileSketch& other) {
  if (other.empty()) return;
  for (std::uint32_t i = 0; i < other.counts_.size(); ++i)
    if (other.counts_[i] > 0) add(other.first_bucket_ + i, other.counts_[i]);
  zeros_ += other.zeros_;
  note(other.min_, other.max_, other.count_);
  add_to_sum(other.sum_);
  lost_ += other.lost_;
}

template <class Value>
requires std::same_as<Value, std::int64_t> || std::same_as<Value, double>
double QuantileSketch<Value>::quantile(double q) const {
  ensure(!empty(), "an empty sketch has no quantiles");
  ensure(q >= 0 && q <= 1, "a quantile lies in [0, 1]");
  const auto least = static_cast<double>(min_), greatest = static_cast<double>(max_);
  if (q == 0) return least;
  if (q == 1) return greatest;
  // The rank, with the rounding of q forgiven: 0.07 of 100 values is 7, not 8.
  const double rank = std::ceil(q * static_cast<double>(count_) * (1 - 0x1p-50));
  auto below = static_cast<double>(zeros_);
  if (below >= rank) return 0;
  for (std::uint32_t i = 0; i < counts_.size(); ++i) {
    below += static_cast<double>(counts_[i]);
    if (below < rank) continue;
    const double a = lower_edge(first_bucket_ + i), b = lower_edge(first_bucket_ + i + 1);
    // The value lies between the extremes too, so holding the answer there can only help.
    return std::clamp(a * (2 / (1 + a / b)), least, greatest);
  }
  return greatest;
}

template <class Value>
requires std::same_as<Value, std::int64_t> || std::same_as<Value, double>
double QuantileSketch<Value>::sum() const {
  return static_cast<double>(sum_) + lost_;
}

template class QuantileSketch<std::int64_t>;
template class QuantileSketch<double>;

}  // namespace jevons
