#include "scenarios/catalogue.h"

#include <system_error>

namespace jevons {

namespace fs = std::filesystem;

std::vector<fs::path> part_folders(const fs::path& scenario, const fs::path& project_parts) {
  const fs::path beside = scenario.parent_path() / "parts";
  std::error_code ignored;
  if (fs::equivalent(beside, project_parts, ignored)) return {project_parts};
  return {beside, project_parts};
}

std::string entry_file(const Catalogues& catalogues, std::string_view catalogue,
                       std::string_view id) {
  if (const auto file = catalogues.find(catalogue, id)) return *file;
  throw ScenarioError{Mistake{.file = std::string{catalogue},
                              .line = 0,
                              .pointer = "",
                              .expected = "an id of the catalogue " + std::string{catalogue},
                              .got = in_quotes(id),
                              .hint = did_you_mean(id, catalogues.ids(catalogue), "ids")}};
}

}  // namespace jevons
