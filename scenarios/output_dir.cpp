#include "scenarios/output_dir.h"

#include <fstream>
#include <stdexcept>
#include <system_error>

#include <unistd.h>

#include "scenarios/diagnostics.h"

namespace jevons {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view mark = "manifest.json";  // what earlier results of ours always hold

bool may_be_replaced(const fs::path& path) {
  std::error_code ignored;  // what cannot be looked into is not ours to replace
  if (!fs::exists(path, ignored)) return true;
  if (!fs::is_directory(path, ignored)) return false;
  return fs::is_empty(path, ignored) || fs::exists(path / mark, ignored);
}

}  // namespace

OutputDir::OutputDir(const fs::path& final_path) : final_{final_path.lexically_normal()} {
  if (!final_.has_filename()) final_ = final_.parent_path();  // "results/" means "results"
  if (!may_be_replaced(final_))
    throw ScenarioError{Mistake{"--out", 0, "", "a new directory or one with earlier results",
                                "\"" + final_.string() + "\"", "name another directory"}};
  // The process number keeps two runs to the same place apart.
  temporary_ = final_;
  temporary_ += ".part-" + std::to_string(getpid());
  std::error_code failed;
  fs::remove_all(temporary_, failed);
  fs::create_directories(temporary_, failed);
  if (failed)
    throw ScenarioError{Mistake{"--out", 0, "", "a directory that can be made",
                                "\"" + final_.string() + "\"", failed.message()}};
}

OutputDir::~OutputDir() {
  std::error_code ignored;  // a destructor has nobody to tell
  if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
}

void OutputDir::write(std::string_view name, std::string_view text) const {
  std::ofstream out{file(name), std::ios::binary};
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  if (!out) throw OutputError{"cannot write " + (final_ / name).string()};
}

void OutputDir::commit() {
  std::error_code failed;
  fs::remove_all(final_, failed);
  if (!failed) fs::rename(temporary_, final_, failed);
  if (failed) throw OutputError{"cannot write " + final_.string() + ": " + failed.message()};
  temporary_.clear();
}

}  // namespace jevons
