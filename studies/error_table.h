#pragma once
// Errors of a model against measurements, one table per (table of measurements, chip, metric).
//   ape   |predicted / measured - 1| of one row; mape: its mean
//   bias  mean of predicted / measured - 1
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "scenarios/json_value.h"

namespace jevons {

struct ErrorTable {
  std::string table, chip, metric;
  int rows = 0;
  std::map<std::string, int> refused;  // reason -> rows
  double mape = 0, median_ape = 0, p90_ape = 0, worst_ape = 0, bias = 0;
  std::string worst_row;
};

// Collects rows in any order.
class ErrorTables {
 public:
  // `measured` > 0. `row()` names the row; it is asked only when the row is the worst so far.
  template <class Row>
  void add(std::string_view table, std::string_view chip, std::string_view metric, double predicted,
           double measured, Row&& row) {
    Errors& e = at(table, chip, metric);
    if (note(e, predicted / measured - 1)) e.worst_row = row();
  }
  void refuse(std::string_view table, std::string_view chip, std::string_view metric,
              std::string_view reason) {
    ++at(table, chip, metric).refused[std::string{reason}];
  }

  // Ordered by table, chip and metric.
  std::vector<ErrorTable> summary() const;

 private:
  struct Errors {
    std::vector<double> ape;
    double sum = 0, worst = -1;
    std::string worst_row;
    std::map<std::string, int> refused;
  };
  using Key = std::tuple<std::string, std::string, std::string>;

  Errors& at(std::string_view table, std::string_view chip, std::string_view metric);
  static bool note(Errors& errors, double error);

  std::map<Key, Errors> errors_;
};

// A table for people, and the array for programs.
std::string to_text(const std::vector<ErrorTable>& tables);
JsonValue to_json_tables(const std::vector<ErrorTable>& tables);

}  // namespace jevons
