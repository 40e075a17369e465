#pragma once
// Catalogue entries inside a document: "chip": "h800-sxm", or {"id": "h800-sxm", "tdp": "500 W"}
// where some values differ, becomes what the entry's file says, with those values over it.
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/diagnostics.h"
#include "scenarios/extends.h"
#include "scenarios/json_value.h"
#include "scenarios/shape.h"

namespace jevons {

struct Catalogues {
  // The file of an entry, if there is one.
  std::function<std::optional<std::string>(std::string_view catalogue, std::string_view id)> find;
  std::function<std::vector<std::string>(std::string_view catalogue)> ids;
};

// Entries are files <root>/<catalogue>/<id>.json; the first root that has one wins.
Catalogues catalogues_in(const std::vector<std::filesystem::path>& roots);

// Puts in entries for their ids, and alternatives of a choice for their bare names. Unknown ids are
// told together; a broken entry stops.
Mistakes put_entries(const Shape& shape, JsonDocument& document, const Catalogues& catalogues,
                     const TextFiles& files);

}  // namespace jevons
