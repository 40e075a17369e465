#pragma once
// Measured kernel times: one file of rows -> kernels with seconds. The files are those of
// calibration/raw and of the tables they were made from; the name of a file says what its columns
// mean.
#include <array>
#include <map>
#include <string>
#include <vector>

#include "models/llm/expert_load.h"
#include "models/llm/kernel.h"

namespace jevons {

struct KernelRow {
  Kernel kernel;
  double seconds = 0;
  std::string shape;  // the kernel in words; equal shapes are the same kernel
};

struct KernelTable {
  std::vector<KernelRow> rows;  // one per shape: the fastest kernel that was measured for it
  std::size_t read = 0;         // rows in the file
  std::map<std::string, std::size_t> refused;  // reason -> rows
};

// Loads of skewed expert layers, kept per layout: a table costs milliseconds.
class ExpertLoads {
 public:
  ExpertLoad of(const MoeLayer& layer);

 private:
  std::map<std::array<int, 4>, ExpertLoadTable> tables_;
};

// True if the file name is one of the tables that can be read.
bool is_kernel_table(const std::string& path);

// Throws ScenarioError (file, line, expected, got) if a column is missing or a cell is no number.
// Rows of formats that the model does not know are counted in `refused`.
KernelTable read_kernel_table(const std::string& path);
// The same for a reader of many files, whose layouts are mostly the same.
KernelTable read_kernel_table(const std::string& path, ExpertLoads& loads);

// "gemm fp8 m=16 n=4096 k=7168": every field that tells two kernels apart.
std::string describe(const Kernel& kernel);

// Rows by which laws are judged: three in ten shapes, chosen by a hash of `describe`.
bool is_held_out(const std::string& shape);

}  // namespace jevons
