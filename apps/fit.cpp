// jevons-fit: measured kernel times -> chip profiles. No GPU is needed.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "apps/build_info.h"
#include "scenarios/catalogue.h"
#include "scenarios/profile_io.h"
#include "studies/fit_profile.h"
#include "studies/profile_table.h"

namespace jevons {
namespace {

constexpr const char* usage =
    "usage: jevons-fit [--raw DIR] [--out DIR] [--table] [CHIP...]\n"
    "Fits the measured rows in DIR/<chip> (default calibration/raw) and writes <chip>.json\n"
    "(default calibration/profiles). --table prints the errors on rows not used in the fit\n"
    "instead of writing. Without CHIP: every folder of DIR.\n";

struct Request {
  std::filesystem::path raw = "calibration/raw", out = "calibration/profiles";
  bool prints_table = false;
  std::vector<std::string> chips;
};

bool understood(const std::vector<std::string>& words, Request& request) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool has_value = i + 1 < words.size();
    if (words[i] == "--table")
      request.prints_table = true;
    else if (words[i] == "--raw" && has_value)
      request.raw = words[++i];
    else if (words[i] == "--out" && has_value)
      request.out = words[++i];
    else if (words[i].starts_with("-"))
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

void run(const Request& request) {
  const Catalogues catalogues = catalogues_in({project_parts()});
  std::vector<std::string> chips = request.chips.empty() ? folders_in(request.raw) : request.chips;
  if (request.prints_table) std::fputs(error_table_head().c_str(), stdout);
  for (const std::string& id : chips) {
    const ChipProfile profile =
        fit_profile(read_measured_chip(request.raw / id), read_entry<ChipSpec>(catalogues, id));
    if (request.prints_table) {
      std::fputs(error_table(profile).c_str(), stdout);
      continue;
    }
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
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
  }
  return 0;
}
