#pragma once
// Measurements in a directory against the model. Parts of the directory that are not there are
// skipped and named.
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "studies/comparison.h"
#include "studies/error_table.h"
#include "studies/replay.h"

namespace jevons {

struct ValidationInput {
  std::filesystem::path data;         // a directory laid out as docs/calibration.md says
  std::filesystem::path calibration;  // profiles/ and engines/ of the project
  Catalogues catalogues;
  std::function<void(const Comparison&)> row = [](const Comparison&) {};
  std::function<void(double share)> progress = [](double) {};
};

struct ValidationReport {
  std::vector<ErrorTable> tables;
  std::vector<Comparison> figures;   // published figures, each to be shown by itself
  std::vector<std::string> skipped;  // parts that are not there
};

// Throws ScenarioError for a directory or a file that is not what it should be.
ValidationReport validate(const ValidationInput& input);

}  // namespace jevons
