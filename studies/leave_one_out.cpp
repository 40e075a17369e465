#include "studies/leave_one_out.h"

#include <array>
#include <cstdio>
#include <map>
#include <vector>

#include "models/llm/profile_transfer.h"
#include "studies/fit.h"

namespace jevons {

std::string transfer_table_head() {
  return "| chip | from | kernel | format | rows | MAPE % | median % | p90 % | bias % |\n"
         "|---|---|---|---|---|---|---|---|---|\n";
}

std::string transfer_table(const ChipProfile& donor, const ChipSpec& from, const ChipSpec& to,
                           std::span<const KernelRow> rows) {
  const ChipProfile profile = transferred(donor, from, to);
  std::map<std::pair<KernelKind, Precision>, std::vector<const KernelRow*>> groups;
  for (const KernelRow& row : rows)
    groups[{kind_of(row.kernel), precision_of(row.kernel)}].push_back(&row);
  std::string table;
  for (const auto& [group, measured] : groups) {
    const KernelCost& law =
        profile
            .costs[static_cast<std::size_t>(group.first)][static_cast<std::size_t>(group.second)];
    if (!law.source) continue;
    const HeldOutError e = judged(law, measured);
    std::array<char, 200> line{};
    std::snprintf(line.data(), line.size(),
                  "| %s | %s | %s | %s | %d | %.1f | %.1f | %.1f | %+.1f |\n", to.id.c_str(),
                  from.id.c_str(), std::string{name_of(group.first)}.c_str(),
                  std::string{name_of(group.second)}.c_str(), e.rows, 100 * e.mape, 100 * e.median,
                  100 * e.p90, 100 * e.bias);
    table += line.data();
  }
  return table;
}

}  // namespace jevons
