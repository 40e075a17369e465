#pragma once
// The one place that decides where the time and energy of a chip's kernels come from: the chip's
// own file in calibration/profiles, what can be transferred from the nearest chip that has one, and
// the datasheet for the rest.
#include <filesystem>
#include <string>
#include <vector>

#include "models/hardware/chip.h"
#include "models/jobs/inference/iteration_costs.h"
#include "scenarios/catalogue_entries.h"

namespace jevons {

class ProfileLibrary {
 public:
  // `folder` holds <chip id>.json, "energy" beside it the energies; `catalogues` knows the chips.
  // Throws ScenarioError.
  ProfileLibrary(std::filesystem::path folder, const Catalogues& catalogues);

  // Needs what laws_to_simulate asks of a chip. Not `use_own`: as if the chip's own file were not
  // there, to see how well others predict it. A chip with the id of a measured one and other rates
  // than the catalogue's gets those laws scaled to its rates, and they are called transferred.
  HardwareProfile profile_for(const ChipSpec& chip, bool use_own = true) const;
  // The chip of this id whose times are known; nothing: there is none.
  const ChipSpec* known(const std::string& id) const;
  const std::vector<ChipSpec>& known() const { return known_; }

 private:
  std::filesystem::path file(const std::string& id) const { return folder_ / (id + ".json"); }

  ChipProfile own_times(const ChipSpec& chip) const;
  ChipEnergy own_energy(const ChipSpec& chip, const ChipSpec& catalogued) const;
  ChipEnergy energy_for(const ChipSpec& chip, bool use_own) const;
  std::filesystem::path energy_file(const std::string& id) const {
    return folder_.parent_path() / "energy" / (id + ".json");
  }

  std::filesystem::path folder_;
  std::vector<ChipSpec> known_, weighed_;  // chips with times, with energies
};

// The same from the project's own folders.
HardwareProfile profile_for(const ChipSpec& chip);

// The chip whose measured kernels a profile rests on: this one, or the nearest. Empty: there is
// none.
std::string measured_kin(const ChipSpec& chip);

// What to say of a chip whose rates are not those that its profile was fitted to; empty: they are.
std::string changed_rates_text(const ChipSpec& chip);

}  // namespace jevons
