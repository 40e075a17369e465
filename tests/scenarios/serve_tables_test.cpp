// requests.csv and replicas.csv, and the page that defines their columns.
#include "scenarios/serve_tables.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <doctest/doctest.h>
#include <unistd.h>

#include "scenarios/output_dir.h"
#include "scenarios/page.h"
#include "scenarios/schema.h"
#include "tests/scenarios/serve_desk.h"

namespace jevons {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ifstream in{path};
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> out;
  std::istringstream in{line};
  for (std::string cell; std::getline(in, cell, ',');) out.push_back(cell);
  if (line.ends_with(',')) out.emplace_back();
  return out;
}

struct Table {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  std::vector<double> column(const std::string& name) const {
    const auto at = std::find(columns.begin(), columns.end(), name) - columns.begin();
    std::vector<double> out;
    for (const auto& row : rows) out.push_back(std::stod(row[static_cast<std::size_t>(at)]));
    return out;
  }
};

Table table_of(const fs::path& path) {
  std::istringstream in{text_of(path)};
  Table table;
  std::string line;
  std::getline(in, line);
  table.columns = cells(line);
  while (std::getline(in, line)) table.rows.push_back(cells(line));
  return table;
}

// Runs the small scenario and reads what it wrote.
struct Written {
  Table requests, replicas;
  JsonValue summary;
};

Written written(const std::vector<Setting>& settings = {}) {
  const fs::path path = fs::temp_directory_path() / ("jevons-tables-" + std::to_string(getpid()));
  const OutputDir out{path};
  RunContext context{&out};
  Written result;
  result.summary = run(test::scenario(settings), context).summary;
  result.requests = table_of(out.file("requests.csv"));
  result.replicas = table_of(out.file("replicas.csv"));
  return result;
}

double sum(const std::vector<double>& values) {
  double total = 0;
  for (const double value : values) total += value;
  return total;
}

// Every key of an object and of all objects inside of it.
void collect_keys(const JsonValue& json, std::vector<std::string>& keys) {
  if (const JsonValue::Object* members = json.object())
    for (const JsonMember& member : *members) {
      keys.push_back(member.key);
      collect_keys(member.value, keys);
    }
  if (const JsonValue::List* list = json.list())
    for (const JsonValue& element : *list) collect_keys(element, keys);
}

}  // namespace

TEST_CASE("requests.csv has a row per request and agrees with the summary") {
  const Written w = written();
  REQUIRE(w.requests.rows.size() == 200);
  for (const auto& row : w.requests.rows) CHECK(row.size() == w.requests.columns.size());
  CHECK(sum(w.requests.column("output_tokens")) ==
        test::number(w.summary, "/requests/output_tokens"));
  CHECK(sum(w.requests.column("ttft_s")) / 200 ==
        doctest::Approx(test::number(w.summary, "/latency/ttft/mean_s")));
  std::vector<double> e2e = w.requests.column("e2e_s");
  std::sort(e2e.begin(), e2e.end());
  // A sketch answers within 0.39 % of the value of rank 100.
  CHECK(test::number(w.summary, "/latency/e2e/p50_s") == doctest::Approx(e2e[99]).epsilon(0.0039));
}

TEST_CASE("replicas.csv ends with the energy that the summary counts") {
  const Written w = written({{R"(/sample_interval="10 ms")"}});
  const double end = test::number(w.summary, "/window_end_s");
  CHECK(w.replicas.rows.size() == 2 * (static_cast<std::size_t>(end / 0.01) + 1));
  const std::vector<double> energy = w.replicas.column("gpu_energy_j");
  const double last = energy[energy.size() - 1] + energy[energy.size() - 2];
  CHECK(last == doctest::Approx(test::number(w.summary, "/energy/gpu_j")).epsilon(0.01));
}

TEST_CASE("a rejected request has a row without times") {
  const Written w = written({{"/workload/lengths="
                              R"({"kind": "fixed", "prompt": 40000})"},
                             {"/chip/memory=\"22 GB\""},
                             {"/workload/requests=3"}});
  REQUIRE(w.requests.rows.size() == 3);
  CHECK(test::number(w.summary, "/requests/rejected") == 3);
  CHECK(w.requests.rows[0][1] == "rejected");
  CHECK(w.requests.rows[0][4].empty());
  CHECK(w.requests.rows[0].size() == w.requests.columns.size());
}

TEST_CASE("seconds are written to the nanosecond and no longer than needed") {
  const fs::path path = fs::temp_directory_path() / ("jevons-csv-" + std::to_string(getpid()));
  {
    CsvFile file{path, "a,b,c,d"};
    file.seconds(Span{1'500'000'000}).seconds(Span{1}).seconds(Span{}).empty();
    file.end_row();
    file.close();
  }
  CHECK(text_of(path) == "a,b,c,d\n1.5,0.000000001,0,\n");
  fs::remove(path);
}

TEST_CASE("a table that cannot be written is a failure and no silence") {
  CsvFile file{"/nowhere/requests.csv", "a"};
  CHECK_THROWS_AS(file.close(), OutputError);
}

TEST_CASE("figures show three digits and group thousands") {
  CHECK(figure(0) == "0");
  CHECK(figure(0.01234) == "0.0123");
  CHECK(figure(0.5) == "0.50");
  CHECK(figure(9.996) == "10.0");
  CHECK(figure(12.34) == "12.3");
  CHECK(figure(99.96) == "100");
  CHECK(figure(1234567) == "1,234,567");
  CHECK(grouped(-1234) == "-1,234");
  CHECK(grouped(999) == "999");
}

TEST_CASE("the page of outputs defines every column with its unit") {
  const std::string page = text_of(test::project / "docs/outputs.md");
  for (const std::string_view header : {request_columns, replica_columns})
    for (const std::string& column : cells(std::string{header}))
      CHECK_MESSAGE(page.find("\n| `" + column + "` | ") != std::string::npos, column);
}

TEST_CASE("the page of outputs defines every key of the summary") {
  const std::string page = text_of(test::project / "docs/outputs.md");
  std::vector<std::string> keys;
  collect_keys(test::answer().summary, keys);
  for (const std::string& key : keys)
    CHECK_MESSAGE((page.find("`" + key + "`") != std::string::npos ||
                   page.find("`" + key + "[]`") != std::string::npos),
                  key);
}

TEST_CASE("the page of scenarios is what the program prints") {
  // To renew: jevons reference > docs/scenario.md
  CHECK(text_of(test::project / "docs/scenario.md") == reference_text(kinds()));
}

}  // namespace jevons
