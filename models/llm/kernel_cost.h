#pragma once
// Time of a kernel on a chip. A chip profile holds one cost law per (kernel kind, precision): a
// smooth roofline times a smooth tabulated correction. Where it comes from (measurements of this
// chip, of a sibling, or a datasheet) is part of it.
#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/hardware/chip.h"
#include "models/llm/kernel.h"
#include "models/llm/kernel_shape.h"

namespace jevons {

enum class ProfileSource { measured, imported, transferred, assumed };
template <>
inline constexpr std::array enum_names<ProfileSource>{
    EnumName{ProfileSource::measured, "measured"},
    EnumName{ProfileSource::imported, "imported"},
    EnumName{ProfileSource::transferred, "transferred"},
    EnumName{ProfileSource::assumed, "assumed"},
};

inline constexpr int precision_count = 9;

// t = launch + per_item I + ((F/flop_rate)^s + (B/byte_rate)^s + (N/link_rate)^s)^(1/s) over
// arithmetic F, memory traffic B and link traffic N of the slowest GPU; I is what costs a fixed
// time each (active experts, further GPUs). A rate of 0 means the resource is not used. Seconds,
// FLOP/s, B/s at full clock.
struct Roofline {
  double launch = 0;
  double per_item = 0;
  double flop_rate = 0;
  double byte_rate = 0;
  double link_rate = 0;     // one direction, within the scale-up domain
  double network_rate = 0;  // one direction, between nodes
  double sharpness = 1;     // s >= 1; 1: resources follow one another, large: they overlap fully
  double tile = 1;          // rows are rounded up to whole tiles
};

// ln of a factor on the time, multilinear between the knots of up to three axes of the shape and
// constant beyond them, so that it fades to its edge value. An axis with one knot is not used.
struct Correction {
  std::array<int, 3> axis{};
  std::array<std::vector<double>, 3> knots;
  std::vector<double> value;  // [knots 0][knots 1][knots 2]
  // Where the same axis with the same knots stands first among the tables of a law (3 x table +
  // position), so that a place is searched once; set by share_places.
  std::array<int, 3> first_place{-1, -1, -1};
};
inline constexpr std::size_t most_corrections = 16;

// Finds the equal axes of the tables of a law. Without it every table searches for itself.
void share_places(std::vector<Correction>& tables);

// Sizes by which a measured expert layer is recognised. Skew in hundredths, -1: even.
struct LayerKey {
  int hidden = 0, inner = 0, top_k = 0, experts = 0, tp = 0, ep = 0, skew = 0;
  auto operator<=>(const LayerKey&) const = default;
};
LayerKey key_of(const MoeLayer& layer);

struct AxisRange {
  double min = 0, max = 0;
};

// How wrong a law is on rows that were not used to fit it: errors |predicted/measured - 1|.
struct HeldOutError {
  int rows = 0;
  double mape = 0, median = 0, p90 = 0, worst = 0, bias = 0;
  std::string worst_shape;
};

// How well a coefficient of the roofline is known.
struct CoefficientError {
  std::string name;
  double value = 0;
  double relative_error = 0;  // standard error of its logarithm
  double low = 0, high = 0;   // 90 % interval of a bootstrap over rows
};

struct KernelCost {
  std::optional<ProfileSource> source;  // empty: no law for this kind and precision
  Roofline base;
  std::vector<Correction> corrections;
  // Layers whose rows were measured with an untuned kernel, several times too slow, and the factor
  // of that regime. Only these exact layers get it; sorted.
  std::vector<LayerKey> untuned_layers;
  std::vector<Correction> untuned;
  double flop_peak = 0;  // datasheet FLOP/s that no shape may exceed; 0: unknown
  double folded = 0;     // seconds of each measured call that an engine does not spend here
  std::array<AxisRange, shape_axes> measured{};
  int fitted_rows = 0;
  bool is_weak_instrument = false;  // measured with kernels slower than good ones are
  HeldOutError held_out;
  HeldOutError held_out_roofline;  // the same without correction tables
  HeldOutError held_out_tuned;     // the same without the untuned layers
  std::vector<CoefficientError> coefficients;
  std::vector<std::vector<double>> covariance;  // of the logarithms, in the order of coefficients
};

// Where the numbers of an imported or measured profile come from.
struct Provenance {
  std::string source, licence, software, date, raw_sha256;
  std::string energy_sensor;  // how joules were measured; empty: no energy in this profile
};

// Laws by kernel kind and precision. Copies share them until one is written to: a profile is copied
// far more often than it is changed.
class KernelCosts {
 public:
  using Laws = std::array<KernelCost, precision_count>;
  using Table = std::array<Laws, kernel_kind_count>;
  KernelCosts();
  static constexpr std::size_t size() { return kernel_kind_count; }
  const Laws& operator[](std::size_t kind) const { return (*table_)[kind]; }
  Table::const_iterator begin() const { return table_->begin(); }
  Table::const_iterator end() const { return table_->end(); }
  // To write. A reference must not outlive the next copy.
  Laws& operator[](std::size_t kind) { return own()[kind]; }
  Table::iterator begin() { return own().begin(); }
  Table::iterator end() { return own().end(); }

 private:
  Table& own();
  std::shared_ptr<Table> table_;
};

struct ChipProfile {
  std::string chip;  // catalogue id
  ProfileSource source = ProfileSource::assumed;
  Provenance provenance;
  KernelCosts costs;
};

struct KernelTime {
  double seconds = 0;
  bool extrapolated = false;  // the shape lies outside what was measured, or nothing was
};

// Cost: below 100 ns, no allocation.
KernelTime kernel_time(const ChipProfile& profile, const Kernel& kernel);
KernelTime kernel_time(const KernelCost& law, const Kernel& kernel);

// The parts of it, for fitting.
double roofline_time(const Roofline& law, const KernelShape& shape);
double log_correction(const std::vector<Correction>& tables, const KernelShape& shape);

// A roofline from the datasheet for a chip nobody measured: rates times efficiencies that are
// assumed and the same for every chip. Precisions without matrix units run at the rate of bf16.
// Needs at least peak.bf16 and memory_bandwidth; without a scale-up link, traffic crosses PCIe.
ChipProfile assumed_profile(const ChipSpec& chip);

}  // namespace jevons
