#include "scenarios/checkpoint_file.h"

#include <fstream>
#include <sstream>

namespace jevons {

namespace {

constexpr std::string_view magic = "jevons checkpoint 1\n";

}  // namespace

void refuse_checkpoint(const CheckpointPlace& place, const std::string& got) {
  throw ScenarioError{Mistake{place.file.string(), 0, "",
                              "a checkpoint of this scenario by this program", got,
                              "run without --resume to begin anew"}};
}

void save_checkpoint(const CheckpointPlace& place, const std::string& bytes) {
  const std::filesystem::path half = place.file.string() + ".half";
  {
    std::ofstream out{half, std::ios::binary};
    out << magic << place.identity << '\n' << bytes;
    out.close();
    if (!out) throw OutputError{half.string() + ": could not be written"};
  }
  std::filesystem::rename(half, place.file);
}

std::string load_checkpoint(const CheckpointPlace& place) {
  std::ifstream in{place.file, std::ios::binary};
  if (!in) refuse_checkpoint(place, "no file");
  std::ostringstream text;
  text << in.rdbuf();
  std::string bytes = text.str();
  if (!bytes.starts_with(magic)) refuse_checkpoint(place, "another kind of file");
  const std::size_t begin = magic.size(), end = bytes.find('\n', begin);
  if (end == std::string::npos || bytes.substr(begin, end - begin) != place.identity)
    refuse_checkpoint(place, "one of another scenario or program");
  return bytes.substr(end + 1);
}

}  // namespace jevons
