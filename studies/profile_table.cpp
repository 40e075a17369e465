#include "studies/profile_table.h"

#include <array>
#include <cstdio>

namespace jevons {
namespace {

// "-" where nothing was judged, so that an empty cell never reads as perfect.
std::string percent(const HeldOutError& error, double share) {
  if (error.rows == 0) return "-";
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%.1f", 100 * share);
  return text.data();
}

std::string row(const std::string& chip, std::string_view kernel, std::string_view precision,
                const KernelCost& law) {
  const HeldOutError& e = law.held_out;
  std::string line = "| " + chip + " | " + std::string{kernel} + " | " + std::string{precision};
  line += " | " + std::to_string(law.fitted_rows) + " | " + std::to_string(e.rows);
  for (const double share : {e.mape, e.median, e.p90, e.worst, e.bias})
    line += " | " + percent(e, share);
  line += " | " + percent(law.held_out_roofline, law.held_out_roofline.mape);
  line += " | " + percent(law.held_out_tuned, law.held_out_tuned.mape) + " |\n";
  return line;
}

}  // namespace

std::string error_table_head() {
  return "| chip | kernel | format | fitted | held out | MAPE % | median % | p90 % | worst % | "
         "bias % "
         "| roofline alone % | tuned layers % |\n"
         "|---|---|---|---|---|---|---|---|---|---|---|---|\n";
}

std::string error_table(const ChipProfile& profile) {
  std::string table;
  for (const auto& [kernel, kernel_name] : enum_names<KernelKind>)
    for (const auto& [precision, precision_name] : enum_names<Precision>) {
      const KernelCost& law =
          profile.costs[static_cast<std::size_t>(kernel)][static_cast<std::size_t>(precision)];
      if (law.source) table += row(profile.chip, kernel_name, precision_name, law);
    }
  return table;
}

}  // namespace jevons
