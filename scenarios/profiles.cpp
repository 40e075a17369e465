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

ProfileLibrary::ProfileLibrary(std::filesystem::path folder, const Catalogues& catalogues)
    : folder_{std::move(folder)} {
  for (const std::string& id : catalogues.ids(ChipSpec::catalogue))
    if (std::filesystem::exists(file(id))) known_.push_back(read_entry<ChipSpec>(catalogues, id));
  for (const ChipSpec& chip : known_)
    if (std::filesystem::exists(energy_file(chip.id))) weighed_.push_back(chip);
}

ChipEnergy ProfileLibrary::energy_for(const ChipSpec& chip, bool use_own) const {
  const auto own = std::find_if(weighed_.begin(), weighed_.end(),
                                [&chip](const ChipSpec& c) { return c.id == chip.id; });
  if (use_own && own != weighed_.end()) return load_energy(energy_file(chip.id));
  const auto others = by_likeness(chip, weighed_);
  if (others.empty()) return assumed_energy(chip);
  const ChipSpec& from = *others.front();
  return transferred_energy(load_energy(energy_file(from.id)), from, chip);
}

HardwareProfile ProfileLibrary::profile_for(const ChipSpec& chip, bool use_own) const {
  ChipProfile own;
  own.source = ProfileSource::transferred;
  if (use_own && std::filesystem::exists(file(chip.id))) own = load_profile(file(chip.id));
  // Two, because the nearest may have been measured on few kernels only.
  constexpr std::size_t asked = 2;
  std::vector<ChipProfile> siblings;
  for (const ChipSpec* from : by_likeness(chip, known_)) {
    siblings.push_back(transferred(load_profile(file(from->id)), *from, chip));
    if (siblings.size() == asked) break;
  }
  return {completed(chip, std::move(own), siblings), energy_for(chip, use_own)};
}

HardwareProfile profile_for(const ChipSpec& chip) {
  static const ProfileLibrary library = [] {
    const std::filesystem::path project{JEVONS_PROJECT_DIR};
    return ProfileLibrary{project / "calibration" / "profiles",
                          catalogues_in({project / "scenarios" / "parts"})};
  }();
  // Reading and completing a profile takes as long as a small run; studies ask for the same chips
  // again and again.
  static std::mutex mutex;
  static std::map<std::string, HardwareProfile> kept;
  const std::string key = chip.id + to_text(to_json(chip));
  {
    const std::scoped_lock lock{mutex};
    if (const auto found = kept.find(key); found != kept.end()) return found->second;
  }
  HardwareProfile profile = library.profile_for(chip);
  const std::scoped_lock lock{mutex};
  return kept.try_emplace(key, std::move(profile)).first->second;
}

}  // namespace jevons
