#pragma once
// A run written down so that it can go on later: the same bytes come out as if it had never
// stopped. The file belongs to one scenario and one build of the program, and says so.
#include <filesystem>
#include <string>

#include "scenarios/kinds.h"
#include "sim/archive.h"

namespace jevons {

// Written under another name and renamed: whoever dies in between leaves the last one whole.
void save_checkpoint(const CheckpointPlace& place, const std::string& bytes);
// Throws ScenarioError: no file, another scenario, another program.
std::string load_checkpoint(const CheckpointPlace& place);
[[noreturn]] void refuse_checkpoint(const CheckpointPlace& place, const std::string& got);

template <class Run>
void write_checkpoint(const CheckpointPlace& place, Run& run) {
  ByteWriter writer;
  writer(run);
  save_checkpoint(place, writer.bytes());
}

template <class Run>
void read_checkpoint(const CheckpointPlace& place, Run& run) {
  const std::string bytes = load_checkpoint(place);
  ByteReader reader{bytes};
  try {
    reader(run);
    if (!reader.is_at_end()) throw BadArchive{};
  } catch (const BadArchive&) {
    refuse_checkpoint(place, "one that is cut off or damaged");
  }
}

}  // namespace jevons
