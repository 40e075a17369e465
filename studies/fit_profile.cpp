#include "studies/fit_profile.h"

#include <algorithm>

#include "scenarios/extends.h"
#include "scenarios/reader.h"
#include "scenarios/sha256.h"
#include "studies/fit.h"

namespace jevons {
namespace {

struct RawTable {
  std::string table, software, device, sha256;
  int rows = 0;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("table"), table, "name of the file without endings");
    field(required("software"), software, "serving stack or library and version");
    field(required("device"), device, "as the driver names it");
    field(required("rows"), rows, Range{0, 100'000'000}, "rows");
    field(required("sha256"), sha256, "of the published file it was made from");
  }
};

struct RawProvenance {
  std::string source, licence, date, software, change;
  std::vector<RawTable> tables;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("source"), source, "who measured, where it is published");
    field(required("licence"), licence, "licence of the rows");
    field(required("date"), date, "date of the copy");
    field(required("software"), software, "all of it");
    field(required("change"), change, "how the rows differ from the published ones");
    field(required("tables"), tables, "the files");
  }
};

std::vector<std::filesystem::path> tables_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator{folder})
    if (is_kernel_table(entry.path().string())) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

// Rates of the datasheet that no coefficient may exceed. Attention computes in the format of its
// products whatever the cache holds, so its arithmetic has no bound of its own here.
Peaks peaks_for(const ChipSpec& chip, KernelKind kind, Precision precision) {
  const bool has_products = kind == KernelKind::gemm || kind == KernelKind::moe ||
                            kind == KernelKind::head_gemm || kind == KernelKind::prefill_attention;
  Peaks peaks{.byte = chip.memory_bandwidth.value_or(Bandwidth{}).base()};
  if (has_products) peaks.flop = peak_rate(chip, precision).value_or(Speed{}).base();
  return peaks;
}

}  // namespace

MeasuredChip read_measured_chip(const std::filesystem::path& folder) {
  const auto about =
      read<RawProvenance>(load_document((folder / "provenance.json").string(), disk()));
  MeasuredChip measured;
  Sha256 hash;
  for (const std::filesystem::path& path : tables_in(folder)) {
    KernelTable table = read_kernel_table(path.string());
    std::move(table.rows.begin(), table.rows.end(), std::back_inserter(measured.rows));
    for (const auto& [reason, rows] : table.refused) measured.refused[reason] += rows;
    hash.add(sha256_of_file(path));
  }
  measured.provenance = {about.source, about.licence, about.software,
                         about.date,   hash.digest(), ""};
  return measured;
}

ChipProfile fit_profile(const MeasuredChip& measured, const ChipSpec& chip) {
  ChipProfile profile{.chip = chip.id,
                      .source = ProfileSource::imported,
                      .provenance = measured.provenance,
                      .costs = {}};
  std::map<std::pair<KernelKind, Precision>, std::vector<KernelRow>> laws;
  for (const KernelRow& row : measured.rows)
    laws[{kind_of(row.kernel), precision_of(row.kernel)}].push_back(row);
  for (const auto& [law, rows] : laws)
    profile.costs[static_cast<std::size_t>(law.first)][static_cast<std::size_t>(law.second)] =
        fit_law(rows, peaks_for(chip, law.first, law.second));
  return profile;
}

}  // namespace jevons
