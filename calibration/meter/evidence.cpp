#include "calibration/meter/evidence.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace jevons::calibration {
namespace {

using BlockKey = std::pair<std::string, int>;

struct References {
  std::vector<double> seconds;
  double drift() const { return std::abs(seconds.back() / seconds.front() - 1); }
};

// A case's rows of one measure, kept in the order in which cases first appear.
struct Group {
  std::vector<const WindowRow*> rows;
};

std::vector<Group> grouped(const std::vector<const WindowRow*>& rows, Measure measure) {
  std::vector<Group> groups;
  std::map<std::string, std::size_t> index;
  for (const WindowRow* row : rows) {
    if (row->measure != measure) continue;
    const auto [found, is_new] = index.try_emplace(row->name, groups.size());
    if (is_new) groups.emplace_back();
    groups[found->second].rows.push_back(row);
  }
  return groups;
}

template <class Value>
std::vector<double> values_of(const Group& group, Value&& value) {
  std::vector<double> values;
  for (const WindowRow* row : group.rows) values.push_back(value(*row));
  return values;
}

bool any_capped(const Group& group) {
  return std::any_of(group.rows.begin(), group.rows.end(),
                     [](const WindowRow* row) { return row->is_capped; });
}

TimePoint time_point(const Group& group) {
  const WindowRow& row = *group.rows.front();
  TimePoint point{.row = &row, .is_capped = any_capped(group)};
  point.seconds =
      estimate(values_of(group, [](const WindowRow& r) { return r.seconds_per_launch; }), row.name);
  point.is_weak = is_weak(case_of(row), point.seconds.value * unit::s);
  return point;
}

EnergyPoint energy_point(const Group& group) {
  const WindowRow& row = *group.rows.front();
  EnergyPoint point{.row = &row, .is_capped = any_capped(group)};
  point.window_watts = values_of(group, [](const WindowRow& r) { return r.watts(); });
  point.watts = estimate(point.window_watts, row.name);
  point.joules = estimate(
      values_of(group, [](const WindowRow& r) { return r.watts() * r.seconds_per_launch; }),
      row.name);
  point.seconds = median(values_of(group, [](const WindowRow& r) { return r.seconds_per_launch; }));
  point.sm_mhz = median(values_of(group, [](const WindowRow& r) { return r.conditions.sm_mhz; }));
  return point;
}

std::optional<Estimate> power_of(const std::vector<const WindowRow*>& rows, Measure measure) {
  const std::vector<Group> groups = grouped(rows, measure);
  if (groups.empty()) return std::nullopt;
  return estimate(values_of(groups.front(), [](const WindowRow& r) { return r.watts(); }),
                  jevons::name_of(measure));
}

}  // namespace

std::vector<const WindowRow*> accepted_rows(const RawLog& log, BlockCount* count) {
  std::map<BlockKey, References> references;
  for (const WindowRow& row : log.windows)
    if (row.measure == Measure::reference && row.outcome == Outcome::ok)
      references[{row.session, row.block}].seconds.push_back(row.seconds_per_launch);
  BlockCount counted;
  for (const auto& [key, found] : references) {
    const bool is_open = found.seconds.size() < 2;
    if (!is_open) counted.worst_drift = std::max(counted.worst_drift, found.drift());
    ++(is_open ? counted.open : found.drift() > most_drift ? counted.drifted : counted.kept);
  }
  if (count != nullptr) *count = counted;
  std::vector<const WindowRow*> rows;
  for (const WindowRow& row : log.windows) {
    if (row.outcome != Outcome::ok) continue;
    if (row.block > 0) {
      const auto found = references.find({row.session, row.block});
      if (found == references.end() || found->second.seconds.size() < 2 ||
          found->second.drift() > most_drift)
        continue;
    }
    rows.push_back(&row);
  }
  return rows;
}

const TimePoint* Evidence::time_of(const std::string& name) const {
  for (const TimePoint& point : times)
    if (point.row->name == name) return &point;
  return nullptr;
}

Evidence evidence_of(const RawLog& log) {
  Evidence e;
  const std::vector<const WindowRow*> rows = accepted_rows(log, &e.blocks);
  for (const Group& group : grouped(rows, Measure::time)) e.times.push_back(time_point(group));
  for (const Group& group : grouped(rows, Measure::energy))
    e.energies.push_back(energy_point(group));
  e.idle_without_context_w = power_of(rows, Measure::idle_without_context);
  e.idle_with_context_w = power_of(rows, Measure::idle_with_context);
  e.spinning_w = power_of(rows, Measure::spinning);
  for (const WindowRow* row : rows) {
    e.full_sm_mhz = std::max(e.full_sm_mhz, row->conditions.sm_mhz);
    e.limit_w = std::max(e.limit_w, row->conditions.limit_w);
  }
  e.refused = static_cast<std::size_t>(
      std::count_if(log.windows.begin(), log.windows.end(), [](const WindowRow& row) {
        return row.outcome == Outcome::disagreement || row.outcome == Outcome::throttled;
      }));
  return e;
}

}  // namespace jevons::calibration
