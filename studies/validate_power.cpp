#include "studies/validate_power.h"

#include <algorithm>
#include <string>

#include "models/hardware/power_cap.h"
#include "studies/csv_rows.h"
#include "studies/research_cluster.h"

namespace jevons {

namespace {

// One set of parameters for all chips; chosen on these jobs at caps of half the limit and more.
void caps(const std::filesystem::path& file, std::vector<Comparison>& out) {
  CsvRows rows{file.string()};
  const int gpu = rows.column("gpu"), cap = rows.column("cap_w"), top = rows.column("max_cap_w"),
            rate = rows.column("rel_throughput_median"), spent = rows.column("rel_energy_median");
  while (rows.next()) {
    const double limit = rows.number(cap), most = rows.number(top);
    if (limit >= most) continue;
    const double draw = 0.97 * most;
    ClockedWork work{.seconds = 1, .clock_seconds = 0.35, .static_watts = 0.2 * most};
    work.arithmetic_joules = 0.75 * (draw - work.static_watts);
    work.other_joules = draw - work.static_watts - work.arithmetic_joules;
    const ClockLaw law{.voltage_floor = 0.7};
    const double f = clock_under(limit, work, law);
    const std::string table = limit < 0.5 * most ? "training under caps below half the limit"
                                                 : "training under caps (closure chosen on these)";
    const std::string chip{rows.text(gpu)};
    const std::string row = std::to_string(static_cast<int>(limit)) + " of " +
                            std::to_string(static_cast<int>(most)) + " W";
    out.push_back({table, chip, "throughput", row, 1 / seconds_at(work, f), rows.number(rate)});
    out.push_back({table, chip, "energy", row, joules_at(work, f, law) / draw, rows.number(spent)});
  }
}

struct Distribution {
  std::vector<double> watts, percent;

  double quantile(double p) const {
    const auto at = std::lower_bound(percent.begin(), percent.end(), p) - percent.begin();
    return watts[std::min(static_cast<std::size_t>(at), watts.size() - 1)];
  }
  double mean() const {
    double sum = 0;
    for (std::size_t i = 1; i < watts.size(); ++i)
      sum += 0.5 * (watts[i] + watts[i - 1]) * (percent[i] - percent[i - 1]) / 100;
    return sum;
  }
};

Distribution read_distribution(const std::filesystem::path& file, const char* watts,
                               const char* percent) {
  CsvRows rows{file.string()};
  const int w = rows.column(watts), p = rows.column(percent);
  Distribution d;
  while (rows.next()) {
    d.watts.push_back(rows.number(w));
    d.percent.push_back(rows.number(p));
  }
  return d;
}

double quantile(const std::vector<double>& sorted, double p) {
  return sorted[static_cast<std::size_t>(p / 100 * static_cast<double>(sorted.size() - 1))];
}

void research(const std::filesystem::path& folder, std::vector<Comparison>& out) {
  const Distribution gpu =
      read_distribution(folder / "gpu_power_cdf.csv", "seren_gpu_w", "seren_cdf_pct");
  const Distribution node =
      read_distribution(folder / "server_power_cdf.csv", "seren_gpu_node_w", "gpu_node_cdf_pct");
  out.push_back({"A100 research cluster, node from its GPUs", "a100-80-sxm", "power",
                 "mean of nodes", a100_node_watts(gpu.mean()), node.mean()});
  const PowerSamples simulated = research_cluster_powers();
  const std::string table = "A100 research cluster (shown: the mix of jobs is chosen)";
  for (const double p : {10.0, 25.0, 50.0, 75.0, 90.0}) {
    const std::string at = ", " + std::to_string(static_cast<int>(p)) + " % below";
    out.push_back({table, "a100-80-sxm", "GPU power", "GPUs" + at, quantile(simulated.gpu_w, p),
                   gpu.quantile(p)});
    out.push_back({table, "a100-80-sxm", "node power", "nodes" + at, quantile(simulated.node_w, p),
                   node.quantile(p)});
  }
}

}  // namespace

std::vector<Comparison> validate_power(const std::filesystem::path& data) {
  std::vector<Comparison> out;
  for (const char* place :
       {"energy/training_powercap_curve.csv", "energy/raw/training_powercap_curve.csv"})
    if (std::filesystem::exists(data / place)) {
      caps(data / place, out);
      break;
    }
  if (std::filesystem::exists(data / "power" / "gpu_power_cdf.csv") &&
      std::filesystem::exists(data / "power" / "server_power_cdf.csv"))
    research(data / "power", out);
  return out;
}

}  // namespace jevons
