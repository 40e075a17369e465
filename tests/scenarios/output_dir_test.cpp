#include "scenarios/output_dir.h"

#include <fstream>
#include <string>

#include <doctest/doctest.h>
#include <unistd.h>

#include "tests/scenarios/small_plant.h"

namespace jevons {
namespace {

namespace fs = std::filesystem;

// An empty directory of this test alone, gone at its end.
struct Scratch {
  fs::path path = fs::temp_directory_path() / ("jevons-output-" + std::to_string(getpid()));
  Scratch() {
    fs::remove_all(path);
    fs::create_directories(path);
  }
  ~Scratch() { fs::remove_all(path); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  Scratch(Scratch&&) = delete;
  Scratch& operator=(Scratch&&) = delete;

  std::size_t entries() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator{path}, fs::directory_iterator{}));
  }
};

}  // namespace

TEST_CASE("results appear only when they are complete") {
  const Scratch scratch;
  const fs::path results = scratch.path / "deep" / "results";
  {
    OutputDir out{results};
    out.write("manifest.json", "{}");
    CHECK_FALSE(fs::exists(results));
    out.commit();
  }
  CHECK(fs::file_size(results / "manifest.json") == 2);
}

TEST_CASE("a run that does not finish leaves nothing behind") {
  const Scratch scratch;
  {
    const OutputDir out{scratch.path / "results"};
    out.write("requests.csv", "half a li");
  }
  CHECK(scratch.entries() == 0);
}

TEST_CASE("earlier results are replaced but nothing else is") {
  const Scratch scratch;
  for (const char* name : {"manifest.json", "old.csv"}) {
    fs::create_directories(scratch.path / "results");
    std::ofstream{scratch.path / "results" / name} << "old";
  }
  {
    OutputDir out{(scratch.path / "results/").string()};
    out.write("manifest.json", "new");
    out.commit();
  }
  CHECK(scratch.entries() == 1);
  CHECK(fs::file_size(scratch.path / "results" / "manifest.json") == 3);
  CHECK_FALSE(fs::exists(scratch.path / "results" / "old.csv"));

  fs::create_directories(scratch.path / "mine");
  std::ofstream{scratch.path / "mine" / "thesis.txt"} << "precious";
  const std::string mine = (scratch.path / "mine").string();
  CHECK(complaint([&mine] { const OutputDir out{mine}; }) ==
        "--out: expected a new directory or one with earlier results, got \"" + mine +
            "\" (hint: name another directory)");
  CHECK(fs::exists(scratch.path / "mine" / "thesis.txt"));
}

}  // namespace jevons
