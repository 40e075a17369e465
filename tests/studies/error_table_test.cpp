#include "studies/error_table.h"

#include <doctest/doctest.h>

namespace jevons {
namespace {

ErrorTables four_rows() {
  ErrorTables tables;
  const auto add = [&tables](double predicted, const char* row) {
    tables.add("runs.csv", "b200", "tpot", predicted, 10.0, [row] { return row; });
  };
  add(11, "a");
  add(8, "b");
  add(10, "c");
  add(14, "d");
  tables.refuse("runs.csv", "b200", "tpot", "does not fit");
  tables.refuse("runs.csv", "b200", "tpot", "does not fit");
  return tables;
}

TEST_CASE("an error table holds mean and median and quantiles and the worst row") {
  const std::vector<ErrorTable> tables = four_rows().summary();
  REQUIRE(tables.size() == 1);
  const ErrorTable& t = tables.front();
  CHECK(t.rows == 4);
  CHECK(t.mape == doctest::Approx(0.175));
  CHECK(t.median_ape == doctest::Approx(0.1));
  CHECK(t.p90_ape == doctest::Approx(0.4));
  CHECK(t.worst_ape == doctest::Approx(0.4));
  CHECK(t.worst_row == "d");
  CHECK(t.bias == doctest::Approx(0.075));
  CHECK(t.refused.at("does not fit") == 2);
}

TEST_CASE("a table of refused rows alone has no errors") {
  ErrorTables tables;
  tables.refuse("runs.csv", "h100-sxm", "ttft", "unknown model");
  const JsonValue json = to_json_tables(tables.summary());
  const JsonValue& table = json.list()->front();
  CHECK(table.find("rows")->number()->value == 0);
  CHECK(table.find("mape")->is_null());
  CHECK(table.find("refused")->find("unknown model")->number()->value == 1);
}

TEST_CASE("the text of an error table aligns its columns") {
  const std::string text = to_text(four_rows().summary());
  CHECK(text ==
        "table     chip  metric  rows    MAPE  median     p90   worst   bias  worst row  refused\n"
        "runs.csv  b200  tpot       4  17.5 %  10.0 %  40.0 %  40.0 %  7.5 %  d          "
        "2 does not fit\n");
}

}  // namespace
}  // namespace jevons
