#include "studies/validate_kernels.h"

#include <algorithm>
#include <array>
#include <optional>

#include "scenarios/catalogue.h"
#include "scenarios/profiles.h"
#include "studies/kernel_rows.h"

namespace jevons {

namespace {

struct PublishedName {
  std::string_view folder, id;
};
constexpr std::array published{
    PublishedName{"a100_sxm", "a100-80-sxm"},
    PublishedName{"b200_sxm", "b200"},
    PublishedName{"h20", "h20-96"},
    PublishedName{"h800", "h800-sxm"},
    PublishedName{"rtx_pro_6000_server", "rtxpro6000-server"},
};

// The catalogue's id of a chip's folder, if it knows the chip.
std::optional<std::string> chip_of(const std::string& folder, const std::vector<std::string>& ids) {
  const auto known = [&ids](const std::string& id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
  };
  for (const PublishedName& name : published)
    if (name.folder == folder) return std::string{name.id};
  std::string id = folder;
  std::replace(id.begin(), id.end(), '_', '-');
  for (const std::string& candidate : {id, id + "-sxm", id.substr(0, id.find("-sxm"))})
    if (known(candidate)) return candidate;
  return {};
}

std::vector<std::filesystem::path> sorted(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> entries;
  for (const auto& entry : std::filesystem::directory_iterator{folder})
    entries.push_back(entry.path());
  std::sort(entries.begin(), entries.end());
  return entries;
}

class Folder {
 public:
  Folder(std::string chip, const ChipProfile* profile, bool is_held_out_only, ErrorTables& errors)
      : chip_{std::move(chip)},
        profile_{profile},
        is_held_out_only_{is_held_out_only},
        errors_{errors} {}

  void judge(const std::filesystem::path& file, ExpertLoads& loads) {
    const KernelTable table = read_kernel_table(file.string(), loads);
    const std::string name = file.filename().string();
    for (const auto& [reason, rows] : table.refused) refuse(name, reason, rows);
    if (profile_ == nullptr) return refuse(name, "unknown chip", table.rows.size());
    for (const KernelRow& row : table.rows) {
      if (is_held_out_only_ && !is_held_out(row.shape)) continue;
      const double predicted = kernel_time(*profile_, row.kernel).seconds;
      const auto shape = [&row] { return row.shape; };
      errors_.add(name, chip_, "time", predicted, row.seconds, shape);
      const std::string format{name_of(precision_of(row.kernel))};
      errors_.add(name + " (" + format + ")", chip_, "time", predicted, row.seconds, shape);
    }
  }

 private:
  void refuse(const std::string& table, const std::string& reason, std::size_t rows) {
    for (std::size_t i = 0; i < rows; ++i) errors_.refuse(table, chip_, "time", reason);
  }

  std::string chip_;
  const ChipProfile* profile_;
  bool is_held_out_only_;
  ErrorTables& errors_;
};

}  // namespace

void validate_kernels(const KernelData& data, const std::filesystem::path& profiles,
                      const Catalogues& catalogues, ErrorTables& errors) {
  const ProfileLibrary library{profiles, catalogues};
  ExpertLoads loads;
  const std::vector<std::string> ids = catalogues.ids(ChipSpec::catalogue);
  for (const std::filesystem::path& folder : sorted(data.folder)) {
    if (!std::filesystem::is_directory(folder)) continue;
    const std::string name = folder.filename().string();
    const auto id = chip_of(name, ids);
    std::optional<ChipProfile> profile;
    if (id) profile = library.profile_for(read_entry<ChipSpec>(catalogues, *id)).time;
    Folder chip{id.value_or(name), profile ? &*profile : nullptr, data.is_held_out_only, errors};
    for (const std::filesystem::path& file : sorted(folder))
      if (is_kernel_table(file.string())) chip.judge(file, loads);
  }
}

}  // namespace jevons
