#include "scenarios/engine_overheads.h"

#include <cstdlib>

#include "scenarios/extends.h"
#include "scenarios/reader.h"
#include "scenarios/write_value.h"

namespace jevons {

EngineOverhead EngineOverheads::of(std::string_view engine, int year) const {
  const EngineOverhead* best = nullptr;
  for (const EngineOverhead& e : entries) {
    if (e.engine != engine) continue;
    if (best == nullptr || std::abs(e.year - year) < std::abs(best->year - year)) best = &e;
  }
  return best != nullptr ? *best : EngineOverhead{};
}

EngineOverheads project_overheads() {
  return load_engine_overheads(std::filesystem::path{JEVONS_PROJECT_DIR} / "calibration" /
                               "engines" / "overheads.json");
}

EngineOverheads load_engine_overheads(const std::filesystem::path& path) {
  return read<EngineOverheads>(load_document(path.string(), disk()));
}

std::string engine_overheads_text(const EngineOverheads& overheads) {
  return to_text(to_json(overheads));
}

}  // namespace jevons
