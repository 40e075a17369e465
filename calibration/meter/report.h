#pragma once
// The raw log as a page a person can read (Markdown).
#include <string>
#include <vector>

#include "calibration/meter/plan.h"
#include "calibration/meter/raw_log.h"

namespace jevons::calibration {

// The measured ceilings of this board: the best copy and the best dense products.
struct Ceilings {
  double copy_bytes_s = 0, bf16_flop_s = 0, fp8_flop_s = 0, link_bytes_s = 0;
};
struct Evidence;
Ceilings ceilings_of(const Evidence& evidence);
// Time on the roofline of these ceilings over the measured time; 0 where a ceiling is missing.
double share_of_roofline(const KernelCase& c, double seconds, const Ceilings& ceilings);

std::string plan_text(const std::vector<Item>& items, const RawLog& log);
// `left`: items not measured yet.
std::string report_text(const RawLog& log, std::size_t left);

}  // namespace jevons::calibration
