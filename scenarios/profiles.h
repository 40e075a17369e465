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
  // there, to see how well others predict it.
  HardwareProfile profile_for(const ChipSpec& chip, bool use_own = true) const;

 private:
  std::filesystem::path file(const std::string& id) const { return folder_ / (id + ".json"); }

  ChipEnergy energy_for(const ChipSpec& chip, bool use_own) const;
  std::filesystem::path energy_file(const std::string& id) const {
    return folder_.parent_path() / "energy" / (id + ".json");
  }

  std::filesystem::path folder_;
  std::vector<ChipSpec> known_, weighed_;  // chips with times, with energies
};

// The same from the project's own folders.
HardwareProfile profile_for(const ChipSpec& chip);

}  // namespace jevons
