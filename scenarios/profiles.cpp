#include "scenarios/profiles.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "models/llm/profile_transfer.h"
#include "scenarios/catalogue.h"
#include "scenarios/energy_io.h"
#include "scenarios/profile_io.h"
#include "scenarios/write_value.h"

namespace jevons {

namespace {

const ChipSpec* with_id(const std::vector<ChipSpec>& chips, const std::string& id) {
  const auto found =
      std::find_if(chips.begin(), chips.end(), [&id](const ChipSpec& c) { return c.id == id; });
  return found == chips.end() ? nullptr : &*found;
}

bool has_rates_of(const ChipSpec& a, const ChipSpec& b) {
  return a.peak.bf16 == b.peak.bf16 && a.peak.fp8 == b.peak.fp8 && a.peak.int8 == b.peak.int8 &&
         a.peak.fp4 == b.peak.fp4 && a.peak.int4 == b.peak.int4 &&
         a.memory_bandwidth == b.memory_bandwidth && a.link_bandwidth == b.link_bandwidth;
}

bool is_same_silicon(const ChipSpec& a, const ChipSpec& b) {
  return a.tdp == b.tdp && a.facts.die_area_mm2 == b.facts.die_area_mm2;
}

}  // namespace

ProfileLibrary::ProfileLibrary(std::filesystem::path folder, const Catalogues& catalogues)
    : folder_{std::move(folder)} {
  for (const std::string& id : catalogues.ids(ChipSpec::catalogue))
    if (std::filesystem::exists(file(id))) known_.push_back(read_entry<ChipSpec>(catalogues, id));
  for (const ChipSpec& chip : known_)
    if (std::filesystem::exists(energy_file(chip.id))) weighed_.push_back(chip);
}

ChipEnergy ProfileLibrary::own_energy(const ChipSpec& chip, const ChipSpec& catalogued) const {
  const ChipEnergy energy = load_energy(energy_file(chip.id));
  const bool is_as_known = has_rates_of(chip, catalogued) && is_same_silicon(chip, catalogued);
  return is_as_known ? energy : transferred_energy(energy, catalogued, chip);
}

ChipEnergy ProfileLibrary::energy_for(const ChipSpec& chip, bool use_own) const {
  const ChipSpec* own = with_id(weighed_, chip.id);
  if (use_own && own != nullptr) return own_energy(chip, *own);
  const auto others = by_likeness(chip, weighed_);
  if (others.empty()) return assumed_energy(chip);
  const ChipSpec& from = *others.front();
  return transferred_energy(load_energy(energy_file(from.id)), from, chip);
}

ChipProfile ProfileLibrary::own_times(const ChipSpec& chip) const {
  ChipProfile own = load_profile(file(chip.id));
  const ChipSpec* catalogued = with_id(known_, chip.id);
  const bool is_as_known = catalogued == nullptr || has_rates_of(chip, *catalogued);
  return is_as_known ? own : transferred(own, *catalogued, chip);
}

HardwareProfile ProfileLibrary::profile_for(const ChipSpec& chip, bool use_own) const {
  ChipProfile own;
  own.source = ProfileSource::transferred;
  if (use_own && std::filesystem::exists(file(chip.id))) own = own_times(chip);
  // Two, because the nearest may have been measured on few kernels only.
  constexpr std::size_t asked = 2;
  std::vector<ChipProfile> siblings;
  for (const ChipSpec* from : by_likeness(chip, known_)) {
    siblings.push_back(transferred(load_profile(file(from->id)), *from, chip));
    if (siblings.size() == asked) break;
  }
  return {completed(chip, std::move(own), siblings), energy_for(chip, use_own)};
}

const ChipSpec* ProfileLibrary::known(const std::string& id) const {
  return with_id(known_, id);
}

namespace {

const ProfileLibrary& project_library() {
  static const ProfileLibrary library = [] {
    const std::filesystem::path project{JEVONS_PROJECT_DIR};
    return ProfileLibrary{project / "calibration" / "profiles",
                          catalogues_in({project / "scenarios" / "parts"})};
  }();
  return library;
}

}  // namespace

std::string measured_kin(const ChipSpec& chip) {
  if (project_library().known(chip.id) != nullptr) return chip.id;
  const auto nearest = by_likeness(chip, project_library().known());
  return nearest.empty() ? "" : nearest.front()->id;
}

std::string changed_rates_text(const ChipSpec& chip) {
  const ChipSpec* known = project_library().known(chip.id);
  if (known == nullptr) return "";
  const bool is_timed = has_rates_of(chip, *known);
  if (is_timed && is_same_silicon(chip, *known)) return "";
  const std::string what = is_timed ? "power or area" : "rates";
  return chip.name + " has other " + what + " than the " + chip.id +
         " that was measured: its profile is scaled by the ratio and is no measurement";
}

HardwareProfile profile_for(const ChipSpec& chip) {
  // Reading and completing a profile takes as long as a small run; studies ask for the same chips
  // again and again.
  static std::mutex mutex;
  static std::map<std::string, HardwareProfile> kept;
  const std::string key = chip.id + to_text(to_json(chip));
  {
    const std::scoped_lock lock{mutex};
    if (const auto found = kept.find(key); found != kept.end()) return found->second;
  }
  HardwareProfile profile = project_library().profile_for(chip);
  const std::scoped_lock lock{mutex};
  return kept.try_emplace(key, std::move(profile)).first->second;
}

}  // namespace jevons
