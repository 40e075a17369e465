#pragma once
// What the build knows and the source does not.
#include <string_view>

#include "scenarios/manifest.h"

namespace jevons {

BuildInfo build_info();
// The catalogues of the source tree this program was built from.
std::string_view project_parts();

}  // namespace jevons
