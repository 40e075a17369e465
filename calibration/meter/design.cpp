#include "calibration/meter/design.h"

#include <algorithm>
#include <limits>
#include <map>

namespace jevons::calibration {
namespace {

using Points = std::vector<std::size_t>;

// Figures for planning: an H200 as the targets of the kernels have it, and the order of magnitude
// of its energies (calibration/energy). A wrong one makes the design less sharp, nothing else.
constexpr double assumed_bf16_rate = 7e14, assumed_fp8_rate = 1e15, assumed_byte_rate = 3.8e12,
                 assumed_start_s = 4e-6;
constexpr EnergyRow assumed_coefficients{300, 1e-12, 0.55e-12, 60e-12, 80e-12};

// One window's part of the information: terms over power, each coefficient in units of its size.
EnergyRow weighted_row(const KernelCase& c) {
  EnergyRow row = energy_row(c, planned_seconds(c), 1);
  double watts = 0;
  for (std::size_t j = 0; j < row.size(); ++j) watts += row[j] *= assumed_coefficients[j];
  for (double& term : row) term /= watts;
  return row;
}

void add(Information& information, const EnergyRow& row, double weight) {
  for (std::size_t i = 0; i < row.size(); ++i)
    for (std::size_t j = 0; j < row.size(); ++j) information[i][j] += weight * row[i] * row[j];
}

class Design {
 public:
  Design(const std::vector<KernelCase>& candidates, const DesignLimits& limits)
      : candidates_{candidates}, limits_{limits}, used_(candidates.size()) {
    rows_.reserve(candidates.size());
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      rows_.push_back(weighted_row(candidates[i]));
      used_[i] = planned_seconds(candidates[i]) < limits.least_seconds;  // never to be taken
    }
  }

  Points chosen() {
    while (static_cast<int>(points_.size()) < limits_.points)
      if (!grow()) break;
    while (exchange()) {
    }
    return points_;
  }

 private:
  bool fits(std::size_t i) const {
    const auto found = per_kind_.find(candidates_[i].kind);
    return !used_[i] && (found == per_kind_.end() || found->second < limits_.most_per_kind);
  }

  void take(std::size_t i, int sign) {
    used_[i] = sign > 0;
    per_kind_[candidates_[i].kind] += sign;
    add(information_, rows_[i], sign);
  }

  // The free candidate with which the determinant is largest, and that determinant.
  std::pair<std::size_t, double> best() const {
    std::pair<std::size_t, double> found{candidates_.size(),
                                         -std::numeric_limits<double>::infinity()};
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      if (!fits(i)) continue;
      Information with = information_;
      add(with, rows_[i], 1);
      if (const double value = log_determinant(with); value > found.second + 1e-12)
        found = {i, value};
    }
    return found;
  }

  bool grow() {
    const std::size_t i = best().first;
    if (i == candidates_.size()) return false;
    take(i, 1);
    points_.push_back(i);
    return true;
  }

  bool exchange() {
    const double before = log_determinant(information_);
    for (std::size_t& point : points_) {
      take(point, -1);
      const auto [other, value] = best();
      const bool is_better = other < candidates_.size() && value > before + 1e-9;
      if (is_better) point = other;
      take(point, 1);
      if (is_better) return true;
    }
    return false;
  }

  const std::vector<KernelCase>& candidates_;
  const DesignLimits& limits_;
  std::vector<EnergyRow> rows_;
  std::vector<bool> used_;
  std::map<CaseKind, int> per_kind_;
  Information information_{};
  Points points_;
};

}  // namespace

double planned_seconds(const KernelCase& c) {
  const CaseWork work = work_of(c);
  const double rate = c.format == Format::fp8 ? assumed_fp8_rate : assumed_bf16_rate;
  return assumed_start_s + std::max(work.flop.in(unit::flop) / rate,
                                    (work.read + work.written).in(unit::B) / assumed_byte_rate);
}

Points energy_design(const std::vector<KernelCase>& candidates, const DesignLimits& limits) {
  return Design{candidates, limits}.chosen();
}

double design_quality(const std::vector<KernelCase>& candidates, const Points& points) {
  Information information{};
  for (const std::size_t i : points) add(information, weighted_row(candidates[i]), 1);
  return log_determinant(information);
}

}  // namespace jevons::calibration
