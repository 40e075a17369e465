// Each wrong scenario, its exact sentence: messages are an interface.
#include <string>

#include <doctest/doctest.h>

#include "scenarios/json_text.h"
#include "scenarios/reader.h"
#include "tests/scenarios/small_plant.h"

namespace jevons {
namespace {

// The complaint about a plant whose other keys are right.
std::string about(const std::string& member) {
  return complaint(
      [&member] { read<SmallPlant>(parse_json("a.json", "{\n\"chip\": {},\n" + member + "}")); });
}

}  // namespace

TEST_CASE("a number without a unit is refused") {
  CHECK(
      complaint([] { read<SmallPlant>(parse_json("a.json", R"({"chip": {"tdp": 700}})")); }) ==
      "a.json:1#/chip/tdp: expected a quantity such as \"700 W\", got 700 (hint: write the unit)");
  CHECK(about(R"("warmup": 5)") ==
        "a.json:3#/warmup: expected a time such as \"50 ms\", got 5 (hint: write the unit)");
}

TEST_CASE("a unit of another dimension is refused") {
  CHECK(about(R"("caps": ["1 kW", "1 kWh"])") ==
        "a.json:3#/caps/1: expected a quantity such as \"700 W\", got \"1 kWh\" (hint: \"kWh\" "
        "measures energy, not power)");
  CHECK(about(R"("warmup": "5 sec")") ==
        "a.json:3#/warmup: expected a time such as \"50 ms\", got \"5 sec\" (hint: known units: s, "
        "ms, us, ns, min, h, day, year)");
}

TEST_CASE("values out of range are refused with the range") {
  CHECK(about(R"("pue": 0.9)") == "a.json:3#/pue: expected a number from 1 to 3, got 0.9");
  CHECK(about(R"("policy": {"kind": "backfill", "depth": 0})") ==
        "a.json:3#/policy/depth: expected an integer from 1 to 10000, got 0");
  CHECK(about(R"("caps": ["2 MW"])") ==
        "a.json:3#/caps/0: expected a quantity from \"0 W\" to \"1 MW\", got \"2 MW\"");
  CHECK(about(R"("warmup": "2 h")") ==
        "a.json:3#/warmup: expected a time from \"0 s\" to \"1 h\", got \"2 h\"");
  CHECK(about(R"("shares": {"a/b": 1.5})") ==
        "a.json:3#/shares/a~1b: expected a number from 0 to 1, got 1.5");
  CHECK(about(R"("seed": -1)") == "a.json:3#/seed: expected an integer of at least 0, got -1");
  CHECK(about(R"("seed": 18446744073709551615)") ==
        "a.json:3#/seed: expected an integer of at least 0, got 18446744073709551615");
  CHECK(
      complaint([] {
        read<SmallPlant>(parse_json("a.json", R"({"chip": {"memory_bandwidth": "-1 B/s"}})"));
      }) ==
      "a.json:1#/chip/memory_bandwidth: expected a quantity of at least \"0 B/s\", got \"-1 B/s\"");
}

TEST_CASE("values of the wrong type are refused") {
  CHECK(about(R"("is_open": "true")") ==
        "a.json:3#/is_open: expected true or false, got \"true\" (hint: write it without quotes)");
  CHECK(about(R"("pue": "1.2")") ==
        "a.json:3#/pue: expected a number from 1 to 3, got \"1.2\" (hint: write a number without "
        "quotes and without unit)");
  CHECK(about(R"("limit": 1.5)") ==
        "a.json:3#/limit: expected an integer from 1 to 1000000, got 1.5");
  CHECK(about(R"("note": 5)") == "a.json:3#/note: expected text, got 5 (hint: write it in quotes)");
  CHECK(about(R"("pools": {})") == "a.json:3#/pools: expected a list, got an object");
  CHECK(about(R"("shares": [])") == "a.json:3#/shares: expected an object, got a list");
  CHECK(about(R"("pue": null)") == "a.json:3#/pue: expected a number from 1 to 3, got null");
  CHECK(complaint([] { read<SmallPlant>(parse_json("a.json", "[]")); }) ==
        "a.json:1: expected an object, got a list");
}

TEST_CASE("unknown keys are refused with the nearest one") {
  CHECK(about(R"("polcy": 1)") ==
        "a.json:3#/polcy: expected a known key, got \"polcy\" (hint: did you mean \"policy\"?)");
  CHECK(
      about(R"("policy": {"kind": "backfill", "size": 1})") ==
      "a.json:3#/policy/size: expected a known key, got \"size\" (hint: known keys: depth, kind)");
  CHECK(about(R"("pools": [{"role": "x", "$schema": ""}])") ==
        "a.json:3#/pools/0/$schema: expected a known key, got \"$schema\" (hint: known keys: role, "
        "gpus)");
}

TEST_CASE("missing keys are named with what they mean") {
  CHECK(complaint([] { read<SmallPlant>(parse_json("a.json", "{}")); }) ==
        "a.json:1#/chip: expected an object or an id of the catalogue chips, got nothing (hint: "
        "add \"chip\": accelerator)");
  CHECK(about(R"("pools": [
    {}])") ==
        "a.json:4#/pools/0/role: expected text, got nothing (hint: add \"role\": what the pool "
        "serves)");
}

TEST_CASE("unknown names are refused with the known ones") {
  CHECK(about(R"("stepping": "makro")") ==
        "a.json:3#/stepping: expected one of macro, iteration, got \"makro\" (hint: did you mean "
        "\"macro\"?)");
  CHECK(
      about(R"("policy": {"kind": "backfil"})") ==
      "a.json:3#/policy/kind: expected one of fcfs, backfill, got \"backfil\" (hint: did you mean "
      "\"backfill\"?)");
  CHECK(about(R"("policy": {"kind": "lottery"})") ==
        "a.json:3#/policy/kind: expected one of fcfs, backfill, got \"lottery\"");
  CHECK(about(R"("policy": {})") ==
        "a.json:3#/policy/kind: expected one of fcfs, backfill, got nothing (hint: add \"kind\")");
  CHECK(about(R"("policy": "fcfs")") ==
        "a.json:3#/policy: expected an object with \"kind\", got \"fcfs\" (hint: write {\"kind\": "
        "\"fcfs\"})");
}

TEST_CASE("files that are not there are refused with the nearest name") {
  const auto complain = [](const std::string& trace) {
    return complaint([&trace] {
      read<SmallPlant>(
          parse_json("tests/scenarios/a.json", R"({"chip": {}, "trace": ")" + trace + "\"}"));
    });
  };
  CHECK(
      complain("none/azure.csv") ==
      "tests/scenarios/a.json:1#/trace: expected the path of a file, got \"none/azure.csv\" (hint: "
      "there is no directory \"tests/scenarios/none\")");
}

TEST_CASE("all mistakes of a file are told in the order of its lines") {
  CHECK(about("\"pue\": 9,\n\"warmup\": 1,\n\"nite\": \"\",\n\"seed\": 0.5") ==
        "a.json:3#/pue: expected a number from 1 to 3, got 9\n"
        "a.json:4#/warmup: expected a time such as \"50 ms\", got 1 (hint: write the unit)\n"
        "a.json:5#/nite: expected a known key, got \"nite\" (hint: did you mean \"note\"?)\n"
        "a.json:6#/seed: expected an integer of at least 0, got 0.5");
}

TEST_CASE("a file full of mistakes is told in part and counted") {
  std::string caps;
  for (int i = 0; i < 150; ++i) caps += (i > 0 ? "," : "") + std::to_string(i);
  const std::string text = about("\"caps\": [" + caps + "]");
  CHECK(text.find("#/caps/99:") != std::string::npos);
  CHECK(text.find("#/caps/100:") == std::string::npos);
  CHECK(text.ends_with("\nand 50 more of this kind"));
}

TEST_CASE("long and odd values are quoted in part and on one line") {
  CHECK(about("\"stepping\": \"" + std::string(100, 'x') + "\"") ==
        "a.json:3#/stepping: expected one of macro, iteration, got \"" + std::string(60, 'x') +
            "\"...");
  CHECK(about(R"("a\nb": 1)").starts_with("a.json:3#/a?b: expected a known key, got \"a\\nb\""));
  CHECK(about(R"("stepping": "a\nb\u0007")") ==
        "a.json:3#/stepping: expected one of macro, iteration, got \"a\\nb\\u0007\"");
}

TEST_CASE("the nearest word is close and less than half changed") {
  const std::vector<std::string> known{"backfill", "fcfs", "sjf"};
  CHECK(did_you_mean("bakcfill", known, "names") == "did you mean \"backfill\"?");
  CHECK(did_you_mean("bckfil", known, "names") == "did you mean \"backfill\"?");
  CHECK(did_you_mean("xyz", known, "names") == "known names: backfill, fcfs, sjf");
  CHECK(did_you_mean("", known, "names") == "known names: backfill, fcfs, sjf");
  CHECK(did_you_mean("x", {}, "names").empty());
}

TEST_CASE("laws between fields point at the nearest place that was written") {
  const JsonDocument document = parse_json("a.json", "{\n\"chip\": {\n\"tdp\": \"1 W\"}}");
  CHECK(to_text(mistake_at(document, "/chip/tdp", "more", "\"1 W\"")) ==
        "a.json:3#/chip/tdp: expected more, got \"1 W\"");
  CHECK(to_text(mistake_at(document, "/chip/price/low", "a price", "nothing")) ==
        "a.json:2#/chip/price/low: expected a price, got nothing");
}

}  // namespace jevons
