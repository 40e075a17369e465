#pragma once
// manifest.json: what a result was made from. The same manifest means the same bytes.
#include <string_view>

#include "scenarios/kinds.h"

namespace jevons {

// The program that made a result.
struct BuildInfo {
  std::string_view version;
  std::string_view revision;  // of the source; "unknown" outside a repository
};

// Version, revision, kind, seed, hash of the resolved scenario without its origins, and for each
// file that was read (scenario, bases, catalogue entries, data files) its hash.
JsonValue manifest(const Scenario& scenario, const BuildInfo& build);

}  // namespace jevons
