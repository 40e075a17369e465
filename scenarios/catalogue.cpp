#include "scenarios/catalogue.h"

#include <algorithm>
#include <system_error>
#include <utility>

namespace jevons {

namespace fs = std::filesystem;

namespace {

std::vector<std::string> ids_in(const fs::path& folder, std::string_view catalogue) {
  std::vector<std::string> ids;
  for (const std::string& name : names_beside(folder / catalogue / "any"))
    if (const fs::path path{name}; path.extension() == ".json") ids.push_back(path.stem().string());
  return ids;
}

// An id is looked up among the names of files, never put into a path: it may hold anything.
std::optional<std::string> find_entry(const std::vector<fs::path>& folders,
                                      std::string_view catalogue, std::string_view id) {
  for (const fs::path& folder : folders)
    for (const std::string& known : ids_in(folder, catalogue))
      if (known == id) return (folder / catalogue / (known + ".json")).string();
  return std::nullopt;
}

std::vector<std::string> ids_in_all(const std::vector<fs::path>& folders,
                                    std::string_view catalogue) {
  std::vector<std::string> all;
  for (const fs::path& folder : folders)
    for (std::string& id : ids_in(folder, catalogue)) all.push_back(std::move(id));
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

}  // namespace

std::vector<fs::path> part_folders(const fs::path& scenario, const fs::path& project_parts) {
  const fs::path beside = scenario.parent_path() / "parts";
  std::error_code ignored;
  if (fs::equivalent(beside, project_parts, ignored)) return {project_parts};
  return {beside, project_parts};
}

Catalogues catalogues_in(std::vector<fs::path> folders) {
  return {.find = [folders](std::string_view catalogue,
                            std::string_view id) { return find_entry(folders, catalogue, id); },
          .ids = [folders = std::move(folders)](
                     std::string_view catalogue) { return ids_in_all(folders, catalogue); }};
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
