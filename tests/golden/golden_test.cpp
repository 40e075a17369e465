// Whole runs, to see when one has changed: each scenario here beside the figures it gave, to six
// digits. To accept a change: JEVONS_RENEW_GOLDEN=1 build/release/bin/golden_tests
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <doctest/doctest.h>

#include "scenarios/catalogue.h"
#include "scenarios/kinds.h"

namespace jevons {
namespace {

namespace fs = std::filesystem;

const fs::path project{JEVONS_SOURCE_DIR};

// One line per number: its pointer and six significant digits.
void append_figures(const JsonValue& json, const std::string& pointer, std::string& out) {
  if (const JsonNumber* number = json.number()) {
    std::array<char, 32> digits{};
    std::snprintf(digits.data(), digits.size(), "%.6g", number->value);
    out += pointer + " " + digits.data() + "\n";
  }
  if (const JsonValue::Object* members = json.object())
    for (const JsonMember& member : *members)
      append_figures(member.value, pointer + "/" + member.key, out);
  if (const JsonValue::List* list = json.list())
    for (std::size_t i = 0; i < list->size(); ++i)
      append_figures((*list)[i], pointer + "/" + std::to_string(i), out);
}

std::string figures_of(const std::string& name) {
  const std::string path = (project / "tests/golden" / (name + ".json")).string();
  const Scenario scenario =
      load_scenario(path, {}, {disk(), catalogues_in({project / "scenarios/parts"}), kinds()});
  RunContext context;
  std::string out;
  append_figures(scenario.kind.run(scenario.document, context).summary, "", out);
  return out;
}

void check_unchanged(const std::string& name) {
  const fs::path file = project / "tests/golden" / (name + ".txt");
  const std::string now = figures_of(name);
  if (std::getenv("JEVONS_RENEW_GOLDEN") != nullptr) std::ofstream{file} << now;
  std::istringstream before{*disk().read(file.string())};
  std::istringstream after{now};
  std::string was;
  std::string is;
  while (std::getline(before, was)) {
    REQUIRE(std::getline(after, is));
    CHECK(is == was);
  }
  CHECK_FALSE(std::getline(after, is));
}

}  // namespace

TEST_CASE("a trace on two replicas gives the figures it gave") {
  check_unchanged("colocated");
}

TEST_CASE("prefill and decode apart give the figures they gave") {
  check_unchanged("disaggregated");
}

TEST_CASE("shared prefixes give the figures they gave") {
  check_unchanged("prefix_cache");
}

TEST_CASE("drafts under a power cap give the figures they gave") {
  check_unchanged("speculative_closed_loop");
}

TEST_CASE("a mixture trained under DualPipe gives the figures it gave") {
  check_unchanged("deepseek_v3_training");
}

TEST_CASE("a dense model trained with failures and spares gives the figures it gave") {
  check_unchanged("llama3_405b");
}

}  // namespace jevons
