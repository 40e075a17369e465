#include "calibration/kernels/decode_attention.h"
#include "calibration/kernels/definitions.h"
#include "calibration/kernels/elementwise.h"
#include "calibration/kernels/number_formats.h"
#include "calibration/kernels/prefill_attention.h"
#include "calibration/kernels/prepared_kinds.h"
#include "calibration/kernels/reference.h"
#include "calibration/kernels/rotated_case.h"

namespace jevons::calibration {

namespace {

std::size_t size(std::int64_t n) {
  return static_cast<std::size_t>(n);
}

// Probabilities are rounded to bf16 before they weigh values, and so is the result.
constexpr double tolerance = 0.02;
// Scores of some units make a few keys count: an average over thousands would hide mistakes.
constexpr float q_amplitude = 3.0F;

// A random bf16 operand in device memory and its values again one by one.
class RandomRows {
 public:
  RandomRows(std::int64_t n, std::uint64_t seed, float amplitude)
      : seed_{seed}, amplitude_{amplitude}, rows_{size(n)} {
    fill_bf16(rows_.data(), n, seed, amplitude);
  }
  double at(std::int64_t i) const {
    return static_cast<double>(
        from_bf16(random_bf16(seed_, static_cast<std::uint64_t>(i), amplitude_)));
  }
  const std::uint16_t* data() const { return rows_.data(); }

 private:
  std::uint64_t seed_;
  float amplitude_;
  DeviceBuffer<std::uint16_t> rows_;
};

std::vector<double> row_of(const RandomRows& x, std::int64_t first, int width) {
  std::vector<double> out;
  for (std::int64_t i = 0; i < width; ++i) out.push_back(x.at(first + i));
  return out;
}

// Rows to compare: a reference row costs microseconds per key.
std::vector<std::int64_t> compared_rows(std::int64_t rows, std::int64_t context) {
  if (context > 32'768) return {rows - 1};
  return context > 2048 ? few_samples(rows) : samples(rows, 4);
}

void add_row(Comparison& comparison, const std::vector<std::uint16_t>& got, std::int64_t row,
             std::span<const double> want) {
  for (std::size_t d = 0; d < want.size(); ++d)
    comparison.add(static_cast<double>(from_bf16(got[size(row) * want.size() + d])), want[d], row,
                   static_cast<std::int64_t>(d));
}

DecodeShape decode_shape(const KernelCase& c) {
  const AttentionShape& a = c.attention;
  return {.batch = c.tokens,
          .context = a.context,
          .heads = a.heads,
          .kv_heads = a.kv_heads,
          .dim = a.head_dim,
          .value_dim = a.value_dim};
}

struct PartialBuffers {
  PartialBuffers(const DecodeShape& s, const SplitPlan& split)
      : sums{size(split.splits * s.batch * s.heads * s.value_dim)},
        logs{size(split.splits * s.batch * s.heads)} {}
  DeviceBuffer<float> sums, logs;
};

class GqaSet {
 public:
  GqaSet(const KernelCase& c, const DeviceFacts& facts, std::uint64_t seed)
      : shape_{decode_shape(c)},
        split_{plan_gqa(shape_, facts.multiprocessors)},
        q_{shape_.batch * shape_.heads * shape_.dim, stream_of(seed, "q"), q_amplitude},
        k_{cached(), stream_of(seed, "k"), 1.0F},
        v_{cached(), stream_of(seed, "v"), 1.0F},
        o_{size(shape_.batch * shape_.heads * shape_.dim)},
        partials_{shape_, split_} {
    if (facts.shared_bytes < static_cast<std::size_t>(gqa_shared_bytes(shape_.dim)))
      throw CaseUnavailable("grouped decode attention needs more shared memory than this GPU has");
  }
  void launch(Stream s) {
    calibration::launch(GqaDecode{shape_,
                                  q_.data(),
                                  k_.data(),
                                  v_.data(),
                                  o_.data(),
                                  split_,
                                  {partials_.sums.data(), partials_.logs.data()}},
                        s);
  }
  std::vector<const DeviceBytes*> outputs() const {
    return {&o_.bytes(), &partials_.sums.bytes(), &partials_.logs.bytes()};
  }
  Comparison compare() const {
    Comparison comparison{tolerance};
    const auto got = o_.to_host();
    expect_written(comparison, got, got.size());
    const int group = shape_.heads / shape_.kv_heads, dim = shape_.dim;
    for (const std::int64_t row : compared_rows(shape_.batch * shape_.heads, shape_.context)) {
      const std::int64_t first = row / group * shape_.context;  // rows and groups run alike
      add_row(comparison, got, row,
              reference::attend(
                  row_of(q_, row * dim, dim), shape_.context,
                  [&](std::int64_t j, std::int64_t d) { return k_.at((first + j) * dim + d); },
                  [&](std::int64_t j, std::int64_t d) { return v_.at((first + j) * dim + d); }, dim,
                  1 / std::sqrt(static_cast<double>(dim))));
    }
    return comparison;
  }

 private:
  std::int64_t cached() const {
    return shape_.batch * shape_.kv_heads * shape_.context * shape_.dim;
  }
  DecodeShape shape_;
  SplitPlan split_;
  RandomRows q_, k_, v_;
  DeviceBuffer<std::uint16_t> o_;
  PartialBuffers partials_;
};

class MlaSet {
 public:
  MlaSet(const KernelCase& c, const DeviceFacts& facts, std::uint64_t seed)
      : shape_{decode_shape(c)},
        split_{plan_mla(shape_, facts.multiprocessors)},
        q_{shape_.batch * shape_.heads * mla_dim, stream_of(seed, "q"), q_amplitude},
        cache_{shape_.batch * shape_.context * mla_dim, stream_of(seed, "cache"), 1.0F},
        o_{size(shape_.batch * shape_.heads * mla_value_dim)},
        partials_{shape_, split_},
        q_map_{mla_q_map(q_.data(), shape_)},
        cache_map_{mla_cache_map(cache_.data(), shape_)} {}
  void launch(Stream s) {
    calibration::launch(MlaDecode{shape_,
                                  q_map_,
                                  cache_map_,
                                  o_.data(),
                                  split_,
                                  {partials_.sums.data(), partials_.logs.data()}},
                        s);
  }
  std::vector<const DeviceBytes*> outputs() const {
    return {&o_.bytes(), &partials_.sums.bytes(), &partials_.logs.bytes()};
  }
  Comparison compare() const {
    Comparison comparison{tolerance};
    const auto got = o_.to_host();
    expect_written(comparison, got, got.size());
    for (const std::int64_t row : compared_rows(shape_.batch * shape_.heads, shape_.context)) {
      const std::int64_t first = row / shape_.heads * shape_.context;
      const auto cached = [&](std::int64_t j, std::int64_t d) {
        return cache_.at((first + j) * mla_dim + d);
      };
      add_row(comparison, got, row,
              reference::attend(row_of(q_, row * mla_dim, mla_dim), shape_.context, cached, cached,
                                mla_value_dim, static_cast<double>(mla_scale)));
    }
    return comparison;
  }

 private:
  DecodeShape shape_;
  SplitPlan split_;
  RandomRows q_, cache_;
  DeviceBuffer<std::uint16_t> o_;
  PartialBuffers partials_;
  TensorMap q_map_, cache_map_;
};

class PrefillSet {
 public:
  PrefillSet(const KernelCase& c, const DeviceFacts&, std::uint64_t seed)
      : shape_{.batch = c.tokens,
               .context = c.attention.context,
               .heads = c.attention.heads,
               .kv_heads = c.attention.kv_heads,
               .dim = c.attention.head_dim,
               .value_dim = c.attention.value_dim},
        q_{shape_.batch * shape_.heads * shape_.context * shape_.dim, stream_of(seed, "q"),
           q_amplitude},
        k_{shape_.batch * shape_.kv_heads * shape_.context * shape_.dim, stream_of(seed, "k"),
           1.0F},
        v_{shape_.batch * shape_.kv_heads * shape_.context * shape_.value_dim, stream_of(seed, "v"),
           1.0F},
        o_{size(shape_.batch * shape_.heads * shape_.context * shape_.value_dim)},
        prefill_{plan_prefill(shape_, q_.data(), k_.data(), v_.data(), o_.data())} {}
  void launch(Stream s) { calibration::launch(prefill_, s); }
  std::vector<const DeviceBytes*> outputs() const { return {&o_.bytes()}; }
  Comparison compare() const {
    Comparison comparison{tolerance};
    const auto got = o_.to_host();
    expect_written(comparison, got, got.size());
    const int group = shape_.heads / shape_.kv_heads, dim = shape_.dim, value = shape_.value_dim;
    for (const std::int64_t head : few_samples(shape_.batch * shape_.heads))
      for (const std::int64_t i : compared_rows(shape_.context, shape_.context)) {
        const std::int64_t row = head * shape_.context + i, first = head / group * shape_.context;
        add_row(comparison, got, row,
                reference::attend(
                    row_of(q_, row * dim, dim), i + 1,
                    [&](std::int64_t j, std::int64_t d) { return k_.at((first + j) * dim + d); },
                    [&](std::int64_t j, std::int64_t d) { return v_.at((first + j) * value + d); },
                    value, 1 / std::sqrt(static_cast<double>(dim))));
      }
    return comparison;
  }

 private:
  PrefillShape shape_;
  RandomRows q_, k_, v_;
  DeviceBuffer<std::uint16_t> o_;
  PrefillAttention prefill_;
};

}  // namespace

Prepared prepare_attention(const KernelCase& c, const PrepareOptions& options) {
  if (c.kind == CaseKind::gqa_decode) return std::make_unique<RotatedCase<GqaSet>>(c, options);
  if (c.kind == CaseKind::mla_decode) return std::make_unique<RotatedCase<MlaSet>>(c, options);
  return std::make_unique<RotatedCase<PrefillSet>>(c, options);
}

}  // namespace jevons::calibration
