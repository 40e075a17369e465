// `jevons policy` as its user meets it: what is refused, in which words.
#include <sstream>

#include <doctest/doctest.h>

#include "apps/program.h"
#include "scenarios/json_text.h"

namespace jevons {

namespace {

struct Told {
  int status = 0;
  std::string out, err;
};

Told policy(const std::vector<std::string>& words) {
  std::vector<std::string> arguments{"policy"};
  arguments.insert(arguments.end(), words.begin(), words.end());
  const Workbench bench{kinds(), JEVONS_SOURCE_DIR "/scenarios/parts", {"1.2.3", "abc"}};
  std::ostringstream out, err;
  const int status = run_program(arguments, bench, out, err);
  return {status, out.str(), err.str()};
}

std::string refusal(const std::vector<std::string>& words) {
  const Told told = policy(words);
  CHECK(told.status == 2);
  CHECK(told.out.empty());
  return told.err;
}

}  // namespace

TEST_CASE("an unknown chip is refused with the one that was meant") {
  CHECK(refusal({"chip", "h20", "--date", "2024-01-01"}) ==
        "chips: expected an id of the catalogue chips, got \"h20\" (hint: did you mean "
        "\"h20-141\"?)\n");
  CHECK(refusal({"chip", "h10-sxm", "--date", "2024-01-01"}) ==
        "chips: expected an id of the catalogue chips, got \"h10-sxm\" (hint: did you mean "
        "\"h100-sxm\"?)\n");
}

TEST_CASE("days and places that no rule knows are refused") {
  CHECK(refusal({"chip", "h20-96", "--date", "2020-01-01"}) ==
        "jevons policy chip: expected --date not before the first rule (2022-10-07), got "
        "\"2020-01-01\" (hint: no export rule on chips is known before that day)\n");
  CHECK(refusal({"chip", "h20-96", "--date", "2024-01-01", "--dest", "XX"}) ==
        "jevons policy chip: expected --dest as a country code of two letters that the groups of "
        "the rules know, got \"XX\" (hint: such as CN, AE or DE)\n");
}

TEST_CASE("flags that contradict each other are refused") {
  CHECK(refusal({"chip", "h20-96", "--date", "2024-01-01", "--all"}) ==
        "jevons policy chip: expected either a chip or --all, got both (hint: jevons list chips "
        "shows the ids)\n");
  CHECK(refusal({"chip", "h20-96", "--date", "2024-01-01", "--attested"}) ==
        "jevons policy chip: expected --attested only with --exporter foundry, got --exporter "
        "vendor (hint: the attestation is the foundry's way out of a presumption)\n");
  CHECK(refusal({"timeline", "--date", "2024-01-01"}) ==
        "jevons policy timeline: expected every day, got --date (hint: for one day write jevons "
        "policy chip)\n");
  CHECK(refusal({"chip", "h20-96", "--date", "2024-01-01", "--max", "decode"}) ==
        "jevons policy chip: expected only flags of policy chip, got --max (hint: that one is for "
        "policy design)\n");
  CHECK(refusal({"desing", "--max", "decode"}) ==
        "jevons policy: expected one of chip, timeline, access, design, got \"desing\" (hint: did "
        "you mean \"design\"?)\n");
}

TEST_CASE("a design that cannot be asked for is refused") {
  CHECK(refusal({"design", "--date", "2024-01-01"}) ==
        "jevons policy design: expected --max as one of decode, training, prefill, got nothing\n");
  CHECK(refusal({"design", "--max", "decod"}) ==
        "jevons policy design: expected --max as one of decode, training, prefill, got \"decod\" "
        "(hint: did you mean \"decode\"?)\n");
  CHECK(refusal({"design", "--max", "decode", "--rule", "2023-10-1"}) ==
        "jevons policy design: expected --rule as the id of a rule, got \"2023-10-1\" (hint: did "
        "you mean \"2023-10-17\"?)\n");
  CHECK(refusal({"design", "--max", "decode", "--rule", "2024-12-02-hbm"}) ==
        "jevons policy design: expected --rule as one on exports of chips that was in force, got "
        "\"2024-12-02-hbm\" (hint: such as 2023-10-17)\n");
  CHECK(refusal({"design", "--max", "decode", "--rule", "2023-10-17", "--date", "2023-01-01"}) ==
        "jevons policy design: expected --date not before --rule is in force (2023-11-17), got "
        "\"2023-01-01\" (hint: leave --date out)\n");
  CHECK(refusal({"design", "--max", "decode", "--rule", "2023-10-17", "--die", "mi308x"}) ==
        "jevons policy design: expected --die as a chip whose rates, memory and power are known, "
        "got \"mi308x\" (hint: jevons list chips shows them)\n");
}

TEST_CASE("a design is told as a page and as JSON") {
  const std::vector<std::string> asked{"design",      "--max",      "decode",
                                       "--rule",      "2023-10-17", "--die",
                                       "a100-80-sxm", "--model",    "llama-3.1-8b"};
  const Told page = policy(asked);
  CHECK(page.status == 0);
  CHECK(page.out.find("it stops just short of 2023-10-17 3A090.b.1") != std::string::npos);
  std::vector<std::string> as_json = asked;
  as_json.emplace_back("--json");
  const JsonValue answer = parse_json("out", policy(as_json).out).root;
  CHECK(find_pointer(answer, "/best/tpp")->number()->value < 2400);
  CHECK(find_pointer(answer, "/best/rate")->number()->value > 0);
  CHECK(*find_pointer(answer, "/day_before")->text() == "2023-10-16");
  CHECK(find_pointer(answer, "/references")->list()->size() == 3);
}

}  // namespace jevons
