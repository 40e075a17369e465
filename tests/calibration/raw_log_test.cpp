#include "calibration/meter/raw_log.h"

#include <fstream>
#include <sstream>

#include <doctest/doctest.h>

#include "calibration/meter/refusal.h"
#include "tests/support/temporary_path.h"

using namespace jevons;
using namespace jevons::calibration;

namespace {

WindowRow a_row(int repeat) {
  const std::vector<KernelCase> cases = all_cases();
  WindowRow row = row_of(cases[cases.size() / 2]);
  row.session = "s1";
  row.repeat = repeat;
  row.seconds_per_launch = 1.0 / 3;
  row.conditions.reasons = 0xffffffffffU;
  row.note = "a, b\nc";
  return row;
}

std::string bytes_of(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream{path, std::ios::binary}.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("a row is read as it was written digit for digit") {
  WindowRow row;
  const WindowRow written = a_row(3);
  REQUIRE(read_line(line_of(written), row));
  CHECK(line_of(row) == line_of(written));
  CHECK(row.seconds_per_launch == 1.0 / 3);
  CHECK(row.conditions.reasons == 0xffffffffffU);
  CHECK(row.note == "a; b;c");
  CHECK(name_of(case_of(row)) == written.name);
  CHECK(work_of(case_of(row)).flop.in(unit::flop) == written.flop);
}

TEST_CASE("every case of the plan survives being written and read") {
  for (const KernelCase& c : all_cases()) {
    WindowRow row;
    REQUIRE(read_line(line_of(row_of(c)), row));
    CHECK(name_of(case_of(row)) == name_of(c));
  }
}

TEST_CASE("a line torn at any byte is not read and the next row stands alone") {
  const std::filesystem::path folder = temporary_path("torn");
  std::filesystem::remove_all(folder);
  {
    RawLogWriter writer{folder};
    writer.add(a_row(0));
    writer.add(a_row(1));
  }
  const std::string whole = bytes_of(folder / "windows.csv");
  const std::size_t last = whole.rfind('\n', whole.size() - 2) + 1;
  for (std::size_t end = last + 1; end < whole.size(); end += 7) {
    std::ofstream{folder / "windows.csv", std::ios::binary} << whole.substr(0, end);
    { RawLogWriter{folder}.add(a_row(2)); }
    const RawLog log = read_raw_log(folder);
    // Only a line that lacks nothing but its newline is whole.
    const bool is_whole = end == whole.size() - 1;
    CHECK(log.windows.size() == (is_whole ? 3 : 2));
    CHECK(log.torn == (is_whole ? 0 : 1));
    CHECK(log.windows.back().repeat == 2);
  }
  std::filesystem::remove_all(folder);
}

TEST_CASE("a header torn at any byte is written again") {
  const std::filesystem::path folder = temporary_path("header");
  std::filesystem::remove_all(folder);
  { const RawLogWriter writer{folder}; }
  const std::string header = bytes_of(folder / "windows.csv");
  for (std::size_t end = 0; end <= header.size(); end += 11) {
    std::ofstream{folder / "windows.csv", std::ios::binary} << header.substr(0, end);
    { RawLogWriter{folder}.add(a_row(2)); }
    CHECK(read_raw_log(folder).windows.size() == 1);
  }
  std::filesystem::remove_all(folder);
}

TEST_CASE("a log of another version is neither read nor continued") {
  const std::filesystem::path folder = temporary_path("version");
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  std::ofstream{folder / "windows.csv"} << "a,b\n1,2\n";
  const std::string sentence = (folder / "windows.csv").string() +
                               ": the columns are not those of this version (hint: give another "
                               "--out)";
  CHECK_THROWS_WITH_AS(read_raw_log(folder), sentence.c_str(), Refusal);
  CHECK_THROWS_WITH_AS(RawLogWriter{folder}, sentence.c_str(), Refusal);
  std::filesystem::remove_all(folder);
}

TEST_CASE("two programs cannot write one log") {
  const std::filesystem::path folder = temporary_path("lock");
  std::filesystem::remove_all(folder);
  const RawLogWriter first{folder};
  CHECK_THROWS_WITH_AS(
      RawLogWriter{folder},
      ((folder / "sessions.csv").string() + ": another program is writing it").c_str(), Refusal);
  std::filesystem::remove_all(folder);
}

TEST_CASE("a folder that cannot be written is refused") {
  CHECK_THROWS_AS(RawLogWriter{"/proc/jevons"}, Refusal);
}
