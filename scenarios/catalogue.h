#pragma once
// Catalogues: chips, models, traces, lengths, rates. An entry is one JSON file,
// <folder>/<catalogue>/ <id>.json; to add one, add a file.
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/catalogue_entries.h"
#include "scenarios/extends.h"
#include "scenarios/reader.h"

namespace jevons {

// Folders searched in this order: "parts" beside the scenario, then the project's own.
std::vector<std::filesystem::path> part_folders(const std::filesystem::path& scenario,
                                                const std::filesystem::path& project_parts);

// The file of an entry; throws ScenarioError with a suggestion when there is none.
std::string entry_file(const Catalogues& catalogues, std::string_view catalogue,
                       std::string_view id);

// One entry as a value, its id set. Throws ScenarioError.
template <Catalogued T>
T read_entry(const Catalogues& catalogues, std::string_view id) {
  T entry = read<T>(load_document(entry_file(catalogues, T::catalogue, id), disk()));
  entry.id = id;
  return entry;
}

template <Catalogued T>
std::vector<T> read_all(const Catalogues& catalogues) {
  std::vector<T> entries;
  for (const std::string& id : catalogues.ids(T::catalogue))
    entries.push_back(read_entry<T>(catalogues, id));
  return entries;
}

// What `list` shows: unknown values are empty.
struct Listing {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};

// The catalogues that can be listed.
std::vector<std::string> catalogue_names();
// Throws ScenarioError for a broken entry; an unknown catalogue is our own mistake.
Listing list_catalogue(const Catalogues& catalogues, std::string_view catalogue);
// Columns padded to their widest value.
std::string to_text(const Listing& listing);

}  // namespace jevons
