#pragma once
// The directory of a run's results. It is written under a temporary name beside its final one and
// renamed at the end, so that a run that fails or is interrupted leaves nothing half-written.
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

namespace jevons {

// The results could not be written: neither the scenario's fault nor ours.
class OutputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class OutputDir {
 public:
  // Throws ScenarioError when `final_path` is there already and is not an empty directory or
  // earlier results of ours (they have a manifest.json); those are replaced at the end.
  explicit OutputDir(const std::filesystem::path& final_path);
  ~OutputDir();  // removes what was not committed
  OutputDir(const OutputDir&) = delete;
  OutputDir& operator=(const OutputDir&) = delete;
  OutputDir(OutputDir&&) = delete;
  OutputDir& operator=(OutputDir&&) = delete;

  // Where to write a file of this name.
  std::filesystem::path file(std::string_view name) const { return temporary_ / name; }
  void write(std::string_view name, std::string_view text) const;
  const std::filesystem::path& final_path() const { return final_; }

  // Makes the results appear under their final name.
  void commit();

 private:
  std::filesystem::path final_;
  std::filesystem::path temporary_;
};

}  // namespace jevons
