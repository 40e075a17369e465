#include "calibration/kernels/shared_expert.h"

#include "calibration/kernels/number_formats.h"
#include "calibration/kernels/reference.h"
#include "calibration/kernels/rotated_case.h"

namespace jevons::calibration {

namespace {

std::size_t size(std::int64_t n) {
  return static_cast<std::size_t>(n);
}
std::uint64_t index(std::int64_t n) {
  return static_cast<std::uint64_t>(n);
}
std::int64_t blocks_of(std::int64_t n) {
  return (n + scale_block - 1) / scale_block;
}

constexpr float weight_amplitude = 0.05F;

}  // namespace

RandomMatrix::RandomMatrix(Format format, Scales scales, std::int64_t rows, std::int64_t width,
                           std::uint64_t seed, float amplitude)
    : format_{format},
      kind_{scales},
      rows_{rows},
      width_{width},
      seed_{seed},
      amplitude_{amplitude} {
  matrix_.values = DeviceBuffer<std::uint8_t>{size(rows * width * (format == Format::fp8 ? 1 : 2))};
  if (format == Format::bf16) {
    fill_bf16(reinterpret_cast<std::uint16_t*>(matrix_.values.data()), rows * width, seed,
              amplitude);
    return;
  }
  const std::int64_t n = scales == Scales::per_row
                             ? blocks_of(width) * rounded_up(rows, 4)
                             : blocks_of(rows) * rounded_up(blocks_of(width), 4);
  matrix_.scales = DeviceBuffer<float>{size(n)};
  fill_e4m3(matrix_.values.data(), rows * width, seed);
  fill_scales(matrix_.scales.data(), n, mix(seed), amplitude);
}

std::int64_t RandomMatrix::scale_index(std::int64_t row, std::int64_t column) const {
  if (kind_ == Scales::per_row) return column / scale_block * rounded_up(rows_, 4) + row;
  return row / scale_block * rounded_up(blocks_of(width_), 4) + column / scale_block;
}

double RandomMatrix::at(std::int64_t row, std::int64_t column) const {
  const std::uint64_t i = index(row * width_ + column);
  if (format_ == Format::bf16)
    return static_cast<double>(from_bf16(random_bf16(seed_, i, amplitude_)));
  const float scale = random_scale(mix(seed_), index(scale_index(row, column)), amplitude_);
  return static_cast<double>(from_e4m3(random_e4m3(seed_, i))) * static_cast<double>(scale);
}

SharedExpert::SharedExpert(Format format, std::int64_t tokens, std::int64_t hidden,
                           std::int64_t inner, const void* x, const float* x_scale,
                           std::uint64_t seed)
    : format_{format},
      rows_{padded_rows(format, tokens)},
      inner_{inner},
      gate_up_{format, RandomMatrix::Scales::per_tile,    2 * inner,
               hidden, stream_of(seed, "shared gate up"), weight_amplitude},
      down_{format, RandomMatrix::Scales::per_tile, hidden,
            inner,  stream_of(seed, "shared down"), weight_amplitude},
      hidden_{size(rows_ * 2 * inner)},
      y_{size(rows_ * hidden)},
      activated_{size(rows_ * inner * (format == Format::fp8 ? 1 : 2))},
      activated_scale_{size(format == Format::fp8 ? blocks_of(inner) * rows_ : 0)},
      row_count_{std::vector<std::int32_t>{static_cast<std::int32_t>(rows_)}},
      first_{{.format = format,
              .m = rows_,
              .n = 2 * inner,
              .k = hidden,
              .x = x,
              .w = gate_up_.values(),
              .x_scale = x_scale,
              .w_scale = gate_up_.scales(),
              .y = hidden_.data()}},
      second_{{.format = format,
               .m = rows_,
               .n = hidden,
               .k = inner,
               .x = activated_.data(),
               .w = down_.values(),
               .x_scale = activated_scale_.data(),
               .w_scale = down_.scales(),
               .y = y_.data()}} {}

void SharedExpert::launch(Stream stream) const {
  first_.launch(stream);
  calibration::launch(SwiGlu{hidden_.data(), activated_.data(),
                             format_ == Format::fp8 ? activated_scale_.data() : nullptr, rows_,
                             row_count_.data(), rows_, static_cast<int>(inner_)},
                      stream);
  second_.launch(stream);
}

std::vector<const DeviceBytes*> SharedExpert::outputs() const {
  return {&hidden_.bytes(), &activated_.bytes(), &activated_scale_.bytes(), &y_.bytes()};
}

std::vector<double> shared_expert_row(const SharedExpert& expert, std::span<const double> x,
                                      std::span<const std::int64_t> columns, Format format) {
  const auto product = [&](std::int64_t row) {
    return reference::dot(
        static_cast<std::int64_t>(x.size()), [&](std::int64_t i) { return x[size(i)]; },
        [&](std::int64_t i) { return expert.gate_up_at(row, i); });
  };
  std::vector<double> activated;
  for (std::int64_t i = 0; i < expert.inner(); ++i)
    activated.push_back(reference::swiglu(product(i), product(expert.inner() + i)));
  if (format == Format::fp8) reference::round_to_blocks(activated);
  std::vector<double> out;
  for (const std::int64_t column : columns)
    out.push_back(reference::dot(
        expert.inner(), [&](std::int64_t i) { return activated[size(i)]; },
        [&](std::int64_t i) { return expert.down_at(column, i); }));
  return out;
}

}  // namespace jevons::calibration
