// jevons-fit: measured kernel times -> chip profiles. No GPU is needed.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "apps/build_info.h"
#include "calibration/meter/refusal.h"
#include "models/llm/profile_transfer.h"
#include "scenarios/catalogue.h"
#include "scenarios/diagnostics.h"
#include "scenarios/profile_io.h"
#include "scenarios/sha256.h"
#include "studies/energy_files.h"
#include "studies/fit_profile.h"
#include "studies/leave_one_out.h"
#include "studies/measured_log.h"
#include "studies/overhead.h"
#include "studies/profile_table.h"

namespace jevons {
namespace {

constexpr const char* usage =
    "usage: jevons-fit [--raw DIR] [--out DIR] [--table] [CHIP...]\n"
    "Fits the measured rows in DIR/<chip> (default calibration/raw) and writes <chip>.json\n"
    "(default calibration/profiles). --table prints the errors of the written\n"
    "profiles on rows not used in the fit, --transfer those of the profile of the nearest other "
    "chip. Without CHIP:\n"
    "every folder of DIR.\n"
    "       jevons-fit --measured DIR [CHIP]\n"
    "Fits the raw log that jevons-calibrate wrote to DIR and writes <chip>.json to --out and to\n"
    "calibration/energy (with --out: to --out/energy). Laws that were not measured stay.\n"
    "       jevons-fit --energy\n"
    "Fits calibration/energy/raw and writes calibration/energy/<chip>.json.\n"
    "       jevons-fit --engines\n"
    "Fits the host times of engines to calibration/serving and calibration/energy/raw and writes\n"
    "calibration/engines/overheads.json; minutes.\n";

struct Request {
  std::filesystem::path raw = "calibration/raw", out = "calibration/profiles";
  std::optional<std::filesystem::path> measured, energy_out;
  bool prints_table = false, prints_transfer = false, fits_energy = false, fits_engines = false;
  std::vector<std::string> chips;
};

bool understood(const std::vector<std::string>& words, Request& request) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool has_value = i + 1 < words.size();
    if (words[i] == "--table")
      request.prints_table = true;
    else if (words[i] == "--transfer")
      request.prints_transfer = true;
    else if (words[i] == "--energy")
      request.fits_energy = true;
    else if (words[i] == "--engines")
      request.fits_engines = true;
    else if (words[i] == "--raw" && has_value)
      request.raw = words[++i];
    else if (words[i] == "--measured" && has_value)
      request.measured = words[++i];
    else if (words[i] == "--out" && has_value) {
      request.out = words[++i];
      request.energy_out = request.out / "energy";
    } else if (words[i].starts_with("-"))
      return false;
    else
      request.chips.push_back(words[i]);
  }
  return true;
}

std::vector<std::string> folders_in(const std::filesystem::path& raw) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator{raw})
    if (entry.is_directory()) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

void write_energies(const Catalogues& catalogues) {
  const std::filesystem::path folder = "calibration/energy";
  for (const EnergyText& text : fit_energies(folder / "raw", "calibration/profiles", catalogues)) {
    const std::filesystem::path path = folder / (text.chip + ".json");
    std::ofstream{path, std::ios::binary} << energy_text(text);
    std::printf("%s\n", path.string().c_str());
  }
}

// Every chip from the written profile of the chip most like it.
void print_transfers(const Request& request, const Catalogues& catalogues,
                     const std::vector<std::string>& chips) {
  std::vector<ChipSpec> known;
  for (const std::string& id : folders_in(request.raw))
    known.push_back(read_entry<ChipSpec>(catalogues, id));
  std::fputs(transfer_table_head().c_str(), stdout);
  for (const std::string& id : chips) {
    const auto chip = read_entry<ChipSpec>(catalogues, id);
    const MeasuredChip measured = read_measured_chip(request.raw / id);
    // The most like chip may have been measured on few kernels only: two show more.
    const std::vector<const ChipSpec*> near = by_likeness(chip, known);
    for (std::size_t i = 0; i < 2; ++i) {
      const ChipProfile donor = load_profile(request.out / (near[i]->id + ".json"));
      std::fputs(transfer_table(donor, *near[i], chip, measured.rows).c_str(), stdout);
    }
  }
}

void write_overheads(const Catalogues& catalogues) {
  const EngineOverheads fitted =
      fit_overhead_files("calibration", catalogues, [](const EngineOverhead& e) {
        std::printf("%s %d, %d rows\n", e.engine.c_str(), e.year, e.rows);
      });
  std::ofstream{"calibration/engines/overheads.json", std::ios::binary}
      << engine_overheads_text(fitted);
}

void write_text(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream{path, std::ios::binary} << text;
  std::printf("%s\n", path.string().c_str());
}

// A raw log of jevons-calibrate. What was there of the chip keeps the laws that were not measured.
void write_measured(const Request& request, const Catalogues& catalogues) {
  const std::filesystem::path& folder = *request.measured;
  const calibration::RawLog log = calibration::read_raw_log(folder);
  if (log.sessions.empty())
    throw calibration::Refusal{(folder / "sessions.csv").string() +
                               ": no log (hint: jevons-calibrate run --out DIR)"};
  const std::string id = request.chips.empty() ? chip_of_board(log.sessions.back().board, folder)
                                               : request.chips.front();
  const auto chip = read_entry<ChipSpec>(catalogues, id);
  const calibration::Evidence evidence = calibration::evidence_of(log);
  const std::filesystem::path known =
      std::filesystem::path{"calibration/profiles"} / (id + ".json");
  std::optional<ChipProfile> other;
  if (std::filesystem::exists(known)) other = load_profile(known);
  const std::string sha256 = sha256_of_file(folder / "windows.csv");
  write_text(request.out / (id + ".json"),
             profile_text(fit_measured(log, evidence, chip, other, sha256)));
  const std::filesystem::path energies =
      request.energy_out.value_or(std::filesystem::path{"calibration/energy"});
  constexpr double assumed_link_pj_per_byte = 30;  // as in the imported energies
  if (const auto energy = fit_measured_energy(log, evidence, chip, assumed_link_pj_per_byte))
    write_text(energies / (id + ".json"), energy_text(*energy));
  else
    std::printf("too few points were weighed: no energies written\n");
}

void run(const Request& request) {
  const Catalogues catalogues = catalogues_in({project_parts()});
  if (request.measured) return write_measured(request, catalogues);
  if (request.fits_energy) return write_energies(catalogues);
  if (request.fits_engines) return write_overheads(catalogues);
  std::vector<std::string> chips = request.chips.empty() ? folders_in(request.raw) : request.chips;
  if (request.prints_transfer) return print_transfers(request, catalogues, chips);
  if (request.prints_table) {
    std::fputs(error_table_head().c_str(), stdout);
    for (const std::string& id : chips)
      std::fputs(error_table(load_profile(request.out / (id + ".json"))).c_str(), stdout);
    return;
  }
  for (const std::string& id : chips) {
    const ChipProfile profile = fit_chip(request.raw / id, read_entry<ChipSpec>(catalogues, id));
    std::filesystem::create_directories(request.out);
    const std::filesystem::path path = request.out / (id + ".json");
    std::ofstream{path, std::ios::binary} << profile_text(profile);
    std::printf("%s\n", path.string().c_str());
  }
}

}  // namespace
}  // namespace jevons

int main(int argc, char** argv) {
  jevons::Request request;
  if (!jevons::understood({argv + 1, argv + argc}, request)) {
    std::fputs(jevons::usage, stderr);
    return 2;
  }
  try {
    jevons::run(request);
  } catch (const jevons::calibration::Refusal& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 2;
  } catch (const jevons::ScenarioError& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 2;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
  }
  return 0;
}
