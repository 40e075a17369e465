#include "calibration/kernels/reference.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "calibration/kernels/definitions.h"
#include "sim/ensure.h"

namespace jevons::calibration::reference {

namespace {

constexpr double nothing = -std::numeric_limits<double>::infinity();

// Scores of all but the best groups become nothing.
void keep_groups(std::vector<double>& score) {
  const std::size_t size = score.size() / router_groups;
  std::vector<std::size_t> order(router_groups);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::vector<double> value;
  for (const std::size_t g : order) {
    const auto from = score.begin() + static_cast<std::ptrdiff_t>(g * size);
    std::vector<double> group(from, from + static_cast<std::ptrdiff_t>(size));
    std::sort(group.begin(), group.end(), std::greater<>{});
    value.push_back(group[0] + group[1]);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return value[a] > value[b]; });
  for (std::size_t i = router_groups_kept; i < order.size(); ++i)
    std::fill_n(score.begin() + static_cast<std::ptrdiff_t>(order[i] * size), size, nothing);
}

}  // namespace

double dot(std::int64_t n, const Values& a, const Values& b) {
  double sum = 0;
  for (std::int64_t i = 0; i < n; ++i) sum += a(i) * b(i);
  return sum;
}

Choice choose(std::span<const float> logits, std::span<const float> bias, int top_k,
              RouterRule rule) {
  const bool is_grouped = rule == RouterRule::grouped_sigmoid;
  std::vector<double> value, score;
  for (std::size_t e = 0; e < logits.size(); ++e) {
    const auto x = static_cast<double>(logits[e]);
    value.push_back(is_grouped ? 1 / (1 + std::exp(-x)) : std::exp(x));
    score.push_back(is_grouped ? value.back() + static_cast<double>(bias[e]) : x);
  }
  if (is_grouped) keep_groups(score);
  Choice out;
  out.expert.resize(score.size());
  std::iota(out.expert.begin(), out.expert.end(), 0);
  const auto at = [](const std::vector<double>& v, std::int32_t e) {
    return v[static_cast<std::size_t>(e)];
  };
  std::stable_sort(out.expert.begin(), out.expert.end(),
                   [&](std::int32_t a, std::int32_t b) { return at(score, a) > at(score, b); });
  out.expert.resize(static_cast<std::size_t>(top_k));
  double sum = 0;
  for (const std::int32_t e : out.expert) sum += at(value, e);
  const double scale = is_grouped ? static_cast<double>(router_scale) : 1.0;
  for (const std::int32_t e : out.expert) out.weight.push_back(scale * at(value, e) / sum);
  return out;
}

Sorted sort_by_expert(std::span<const std::int32_t> choice, int experts) {
  Sorted out;
  out.offsets.assign(static_cast<std::size_t>(experts) + 1, 0);
  for (const std::int32_t e : choice) ++out.offsets[static_cast<std::size_t>(e) + 1];
  std::partial_sum(out.offsets.begin(), out.offsets.end(), out.offsets.begin());
  std::vector<std::int32_t> next = out.offsets;
  for (const std::int32_t e : choice) out.row.push_back(next[static_cast<std::size_t>(e)]++);
  return out;
}

Block quantize(std::span<const float> x) {
  ensure(x.size() <= scale_block, "a scale covers 128 values");
  float largest = least_block_maximum;
  for (const float v : x) largest = std::max(largest, std::abs(v));
  Block out;
  out.scale = largest / e4m3_max;
  const float factor = e4m3_max / largest;
  for (const float v : x) out.codes.push_back(to_e4m3(v * factor));
  return out;
}

void round_to_blocks(std::vector<double>& row) {
  for (std::size_t first = 0; first < row.size(); first += scale_block) {
    const std::size_t n = std::min<std::size_t>(scale_block, row.size() - first);
    std::vector<float> x;
    for (std::size_t i = 0; i < n; ++i) x.push_back(static_cast<float>(row[first + i]));
    const Block block = quantize(x);
    for (std::size_t i = 0; i < n; ++i)
      row[first + i] = static_cast<double>(from_e4m3(block.codes[i]) * block.scale);
  }
}

double swiglu(double gate, double up) {
  return gate / (1 + std::exp(-gate)) * up;
}

std::vector<double> rms_norm(std::span<const double> x, std::span<const double> gain) {
  double squares = 0;
  for (const double v : x) squares += v * v;
  const double mean = squares / static_cast<double>(x.size());
  const double factor = 1 / std::sqrt(mean + static_cast<double>(rms_norm_epsilon));
  std::vector<double> out;
  for (std::size_t i = 0; i < x.size(); ++i) out.push_back(x[i] * factor * gain[i]);
  return out;
}

std::vector<double> attend(std::span<const double> q, std::int64_t n, const Values2& k,
                           const Values2& v, int value_dim, double scale) {
  std::vector<double> score;
  for (std::int64_t j = 0; j < n; ++j) {
    double sum = 0;
    for (std::size_t d = 0; d < q.size(); ++d) sum += q[d] * k(j, static_cast<std::int64_t>(d));
    score.push_back(scale * sum);
  }
  const double largest = *std::max_element(score.begin(), score.end());
  std::vector<double> out(static_cast<std::size_t>(value_dim), 0.0);
  double total = 0;
  for (std::int64_t j = 0; j < n; ++j) {
    const double weight = std::exp(score[static_cast<std::size_t>(j)] - largest);
    total += weight;
    for (std::size_t d = 0; d < out.size(); ++d)
      out[d] += weight * v(j, static_cast<std::int64_t>(d));
  }
  for (double& x : out) x /= total;
  return out;
}

}  // namespace jevons::calibration::reference
