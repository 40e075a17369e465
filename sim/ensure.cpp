#include "sim/ensure.h"

namespace jevons {

void broken(std::string_view law, const char* file, int line) {
  throw BrokenInvariant(std::string(file) + ":" + std::to_string(line) + ": " + std::string(law));
}

}  // namespace jevons
