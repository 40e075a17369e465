#include <algorithm>
#include <cmath>

#include "models/scheduling/reshuffle.h"

namespace jevons {

namespace {

// The least fraction that keeps a job's ratio at `rho`; above 1 where none does.
double least_fraction(const FairJob& j, double rho) {
  const double time = rho * j.alone - j.elapsed;
  return time > 0 ? j.work / time : 2;
}

// The least worst ratio. Needs fall and are convex in rho, so that steps of Newton from the left
// never pass the root.
double least_ratio(const std::vector<FairJob>& jobs, double total) {
  double rho = 0;
  for (const FairJob& j : jobs) rho = std::max(rho, (j.elapsed + j.work) / j.alone);
  for (int step = 0; step < 100; ++step) {
    double need = -total, slope = 0;
    for (const FairJob& j : jobs) {
      const double x = least_fraction(j, rho);
      need += j.gpus * x;
      slope += j.gpus * x * x * j.alone / j.work;
    }
    if (need <= 1e-9 * total) break;
    rho += need / slope;
  }
  return rho;
}

// Where log(1 - x) + 2 log(q x - 1) - price x is greatest: between the least fraction 1/q and 1.
double central(double q, double price) {
  if (q <= 1 + 1e-9) return 1;
  // price (1 - x)(q x - 1) = 2 q (1 - x) - (q x - 1), a quadratic in x.
  const double a = -price * q, b = price * (q + 1) + 3 * q, c = -price - 2 * q - 1;
  if (price < 1e-15) return -c / b;
  const double root = std::sqrt(std::max(b * b - 4 * a * c, 0.0));
  const double x = -2 * c / (b + root);
  return std::clamp(x, 1 / q, 1.0);
}

}  // namespace

std::vector<double> fair_fractions(const std::vector<FairJob>& jobs, double total) {
  const double rho = least_ratio(jobs, total);
  std::vector<double> q, x(jobs.size());
  for (const FairJob& j : jobs) q.push_back(1 / std::min(least_fraction(j, rho), 1.0));
  // The slack of the cluster times its price is 1 at the centre; the slack grows with the price.
  const auto slack = [&](double price) {
    double left = total;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      x[i] = central(q[i], price * jobs[i].gpus);
      left -= jobs[i].gpus * x[i];
    }
    return left;
  };
  double low = 0, high = 1;
  while (high < 1e12 && high * slack(high) < 1) high *= 4;
  for (int step = 0; step < 50 && high - low > 1e-9 * high; ++step) {
    const double price = 0.5 * (low + high);
    (price * slack(price) < 1 ? low : high) = price;
  }
  slack(high);
  return x;
}

}  // namespace jevons
