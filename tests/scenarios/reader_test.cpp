#include "scenarios/reader.h"

#include <string>

#include <doctest/doctest.h>

#include "scenarios/json_text.h"
#include "scenarios/write_value.h"
#include "tests/scenarios/small_plant.h"

namespace jevons {
namespace {

SmallPlant plant(std::string_view text) {
  return read<SmallPlant>(parse_json("a.json", text));
}

constexpr std::string_view full = R"({
  "$schema": "any",
  "seed": 9223372036854775807,
  "is_open": false,
  "pue": 1.5,
  "chip": {"tdp": "500 W", "memory_bandwidth": "3.35 TB/s"},
  "policy": {"kind": "fcfs"},
  "stepping": "iteration",
  "warmup": "0.3 ms",
  "pools": [{"role": "prefill"}, {"role": "decode", "gpus": 16}],
  "shares": {"a": 0.25, "b": 1},
  "caps": ["1 kW", "2 kW"],
  "limit": 1e3,
  "trace": "reader_test.cpp",
  "note": "all of it"
})";

}  // namespace

TEST_CASE("a scenario that names every field fills every field") {
  JsonDocument document = parse_json(JEVONS_SOURCE_DIR "/tests/scenarios/a.json", full);
  const SmallPlant p = read<SmallPlant>(document);
  CHECK(p.seed == 9223372036854775807U);
  CHECK_FALSE(p.is_open);
  CHECK(p.pue == 1.5);
  CHECK(p.chip.tdp == 500 * unit::W);
  CHECK(p.chip.memory_bandwidth == 3.35 * unit::TB / unit::s);
  CHECK(std::holds_alternative<Fcfs>(p.policy));
  CHECK(p.stepping == Stepping::iteration);
  CHECK(p.warmup == Span{300'000});
  REQUIRE(p.pools.size() == 2);
  CHECK(p.pools[0].gpus == 8);
  CHECK(p.pools[1].gpus == 16);
  CHECK(p.shares.at("b") == 1);
  CHECK(p.caps[1] == 2 * unit::kW);
  CHECK(p.limit == 1000);
  CHECK(p.trace->path == JEVONS_SOURCE_DIR "/tests/scenarios/reader_test.cpp");
  CHECK(p.note == "all of it");
}

TEST_CASE("keys that are left out keep their defaults") {
  const SmallPlant p = plant(R"({"chip": {}, "policy": {"kind": "backfill"}})");
  CHECK(p.pue == 1.2);
  CHECK(p.chip.tdp == 700 * unit::W);
  CHECK_FALSE(p.chip.memory_bandwidth.has_value());
  CHECK(std::get<Backfill>(p.policy).depth == 7);
  CHECK(p.warmup == std::chrono::seconds{5});
}

TEST_CASE("null means nothing where nothing is allowed") {
  CHECK_FALSE(plant(R"({"chip": {}, "limit": null})").limit.has_value());
}

TEST_CASE("a value that is written reads back as the same value") {
  JsonDocument document = parse_json(JEVONS_SOURCE_DIR "/tests/scenarios/a.json", full);
  const SmallPlant once = read<SmallPlant>(document);
  document.root = to_json(once);
  const SmallPlant twice = read<SmallPlant>(document);
  CHECK(to_text(to_json(twice)) == to_text(to_json(once)));
  CHECK(twice.chip.memory_bandwidth == once.chip.memory_bandwidth);
  CHECK(twice.warmup == once.warmup);
}

TEST_CASE("what is written carries units") {
  const std::string text = to_text(to_json(Backfill{}));
  CHECK(text == "{\n  \"depth\": 100\n}\n");
  CHECK(to_text(to_json(SmallChip{})) ==
        "{\n  \"id\": \"\",\n  \"tdp\": \"700 W\",\n  \"memory_bandwidth\": null\n}\n");
}

}  // namespace jevons
