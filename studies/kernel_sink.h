#pragma once
// Where the readers of tables put their rows.
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "studies/csv_rows.h"
#include "studies/kernel_rows.h"

namespace jevons {

// What one row of a table says: a kernel with its time (two for an exchange), or why not.
class Sink {
 public:
  Sink(KernelTable& table, ExpertLoads& loads) : table_{table}, loads_{loads} {}

  void row(const Kernel& kernel, double seconds) {
    if (!(seconds > 0)) return refuse("no positive time");
    std::string shape = describe(kernel);
    const auto [known, is_new] = index_.try_emplace(shape, table_.rows.size());
    if (is_new)
      table_.rows.push_back({kernel, seconds, std::move(shape)});
    else
      table_.rows[known->second].seconds = std::min(table_.rows[known->second].seconds, seconds);
  }
  void refuse(const std::string& reason) { ++table_.refused[reason]; }
  ExpertLoads& loads() { return loads_; }

 private:
  KernelTable& table_;
  ExpertLoads& loads_;
  std::unordered_map<std::string, std::size_t> index_;  // looked up, never walked
};

// The format a table names; empty for one that the model does not know.
std::optional<Precision> precision_from(std::string_view name);

// Tables whose file name holds the dimensions: heads, KV heads and head size, e.g.
// mha-decode-32-8-128. False if this is none of them.
bool is_named_table(const std::string& stem);
// The header that such a table has, for copies that lost it.
std::string_view missing_header(const std::string& stem);
void read_named_table(const std::string& stem, CsvRows& csv, Sink& sink);

}  // namespace jevons
