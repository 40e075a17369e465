// Chips at the same work, on a small model so that a comparison takes a second.
#include "studies/compare.h"

#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

#include "scenarios/json_text.h"
#include "studies/sampling.h"

namespace jevons {

namespace {

Scenario scenario_of(const std::string& change = "{}") {
  const std::string base = R"({ "kind": "compare", "samples": 100, "requests": 100,
    "tiers": [ { "chip": "h100-sxm" }, { "chip": "h20-96" } ],
    "fleet": { "kind": "equal_count", "gpus": 64 },
    "works": [
      { "kind": "train", "label": "train", "model": "llama-3.1-8b", "gpus": 8, "global_batch": 32,
        "tokens": 1e9 },
      { "kind": "serve", "label": "serve", "model": "llama-3.1-8b", "input_tokens": 500,
        "output_tokens": 100, "tokens": 1e9 },
      { "kind": "mix", "label": "mix", "shares": { "train": 0.5, "serve": 0.5 } } ] })";
  const TextFiles files{[base, change](const std::string& path) -> std::optional<std::string> {
                          if (path == "base.json") return base;
                          if (path != "s.json") return disk().read(path);
                          JsonDocument d = parse_json("base", base);
                          merge(d.root, parse_json("change", change).root);
                          return to_text(d.root);
                        },
                        disk().beside};
  return load_scenario("s.json", {},
                       {files, catalogues_in({JEVONS_SOURCE_DIR "/scenarios/parts"}), kinds()});
}

CompareOutcome outcome_of(const std::string& change = "{}") {
  const Scenario s = scenario_of(change);
  return compare(filled<CompareScenario>(s.document), [](double) {});
}

std::string refusal(const std::string& change) {
  try {
    scenario_of(change);
  } catch (const ScenarioError& error) {
    const std::string text = error.what();
    return text.substr(text.find('#'));
  }
  return "";
}

}  // namespace

TEST_CASE("a column of a latin hypercube has one value in each stratum and keeps its name") {
  const auto u = latin_column("price", 50, 7);
  std::vector<double> sorted = u;
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t i = 0; i < 50; ++i) {
    CHECK(sorted[i] >= static_cast<double>(i) / 50);
    CHECK(sorted[i] <= static_cast<double>(i + 1) / 50);
  }
  CHECK(u == latin_column("price", 50, 7));
  CHECK(u != latin_column("pue", 50, 7));
}

TEST_CASE("rank correlation sees any rising relation and no scale") {
  const std::vector<double> x{1, 2, 3, 4, 5};
  CHECK(rank_correlation(x, {1, 8, 27, 64, 1000}) == doctest::Approx(1));
  CHECK(rank_correlation(x, {5, 4, 3, 2, 1}) == doctest::Approx(-1));
  CHECK(rank_correlation(x, {3, 3, 3, 3, 3}) == 0);
  CHECK(rank_correlation({1, 2, 2, 3}, {1, 2, 2, 3}) == doctest::Approx(1));
  const Spread s = spread_of({5, 1, 3, 2, 4});
  CHECK(s.p50 == 3);
  CHECK(s.p5 == doctest::Approx(1.2));
}

TEST_CASE("a reference is worth itself and parts of a bill sum to it") {
  const CompareOutcome c = outcome_of();
  const TierResult& h100 = c.tiers[0];
  for (const ComparedResult& r : h100.works) {
    REQUIRE(r.why_not.empty());
    CHECK(r[Measured::effective] == Spread::exactly(1));
    CHECK(r[Measured::usd_ratio].p50 == doctest::Approx(1));
    CHECK(r[Measured::days].p50 == doctest::Approx(r[Measured::gpu_hours].p50 / 64 / 24));
    CHECK(r[Measured::usd].p50 > r[Measured::usd_capital].p50 + r[Measured::usd_energy].p50);
    CHECK(r.on_usd.size() == 3);
  }
  // Less arithmetic trains slower; how much lies between memory rates and peaks.
  const ComparedResult& trained = c.tiers[1].works[0];
  CHECK(trained[Measured::effective].p50 > 148 / 989.5 * 0.9);
  CHECK(trained[Measured::effective].p50 < 0.6);
  CHECK((trained.binding == Binding::compute || trained.binding == Binding::power));
  // A mix lies between its parts.
  const auto eff = [&](std::size_t w) { return c.tiers[1].works[w][Measured::effective].p50; };
  CHECK(eff(2) >= std::min(eff(0), eff(1)) * 0.99);
  CHECK(eff(2) <= std::max(eff(0), eff(1)) * 1.01);
}

TEST_CASE("nameplate ratios of the H20 are those of datasheets and ours come with a range") {
  const CompareOutcome c = outcome_of();
  REQUIRE(c.tiers[1].nameplate.has_value());
  const NameplateCheck& n = *c.tiers[1].nameplate;
  CHECK(n.flop_nameplate == doctest::Approx(3.82).epsilon(0.01));
  CHECK(n.byte_nameplate == doctest::Approx(0.48).epsilon(0.01));
  CHECK(n.flop_ours.p5 < n.flop_ours.p50);
  CHECK(n.flop_ours.p50 < n.flop_ours.p95);
  CHECK(n.flop_sign > 0.5);
  CHECK(n.prefill.static_share + n.prefill.arithmetic_share + n.prefill.memory_share ==
        doctest::Approx(1));
}

TEST_CASE("the same seed gives the same comparison and another seed another") {
  const auto usd = [](const CompareOutcome& c) { return c.tiers[1].works[1][Measured::usd]; };
  const Spread once = usd(outcome_of());
  CHECK(usd(outcome_of()) == once);
  CHECK(usd(outcome_of(R"({ "seed": 2 })")) != once);
}

TEST_CASE("fleets are equal in what the scenario says") {
  const CompareOutcome money =
      outcome_of(R"({ "works": [ { "kind": "train", "model": "llama-3.1-8b", "gpus": 8,
        "global_batch": 32 } ], "fleet": { "kind": "equal_money", "gpus": null,
        "capex": "10 MUSD" } })");
  CHECK(money.tiers[1].gpus.p50 > money.tiers[0].gpus.p50);
  const CompareOutcome power =
      outcome_of(R"({ "works": [ { "kind": "train", "model": "llama-3.1-8b", "gpus": 8,
        "global_batch": 32 } ], "fleet": { "kind": "equal_power", "gpus": null,
        "power": "1 MW" } })");
  CHECK(power.tiers[0].gpus.p50 == doctest::Approx(1e6 / 1.2 / 912.5));
  CHECK(power.tiers[1].gpus.p50 == doctest::Approx(1e6 / 1.2 / 612.5));
}

TEST_CASE("rules leave a fleet or none and put duties on its price") {
  const std::string work = R"("works": [ { "kind": "train", "model": "llama-3.1-8b", "gpus": 8,
        "global_batch": 32 } ])";
  const CompareOutcome c =
      outcome_of("{" + work + R"(, "tiers": [ { "chip": "h20-96" }, { "chip": "h100-sxm" },
        { "chip": "ascend910c" } ], "fleet": { "kind": "available", "gpus": null, "year": 2025 },
        "rules": { "date": "2025-09-01", "region": "CN" } })");
  CHECK(c.tiers[0].status == "licence");
  CHECK(c.tiers[0].fee == 0.15);
  CHECK(c.tiers[0].gpus.p5 < c.tiers[0].gpus.p95);
  CHECK(c.tiers[0].works[0][Measured::usd_duties].p50 > 0);
  CHECK(c.tiers[1].why_not == "cannot be bought: presumption_of_denial");
  CHECK(c.tiers[1].works[0].why_not == c.tiers[1].why_not);
  CHECK(c.tiers[2].channel == "domestic");
}

TEST_CASE("a comparison that cannot be made is refused in one sentence") {
  CHECK(refusal(R"({ "tiers": [ { "chip": "h100-sxm" } ] })") ==
        "#/tiers: expected at least two tiers, got 1");
  CHECK(refusal(R"({ "tiers": [ { "chip": "h100-sxm" }, { "chip": "h20" } ] })")
            .find("/tiers/1/chip: expected an id of the catalogue chips, got \"h20\"") !=
        std::string::npos);
  CHECK(refusal(R"({ "pue": { "p5": 1.2, "p50": 1.1, "p95": 1.3 } })") ==
        "#/pue: expected p5, p50 and p95 that do not fall, got 1.2, 1.1, 1.3");
  CHECK(refusal(R"({ "fleet": { "kind": "available", "gpus": null } })") ==
        "#/rules: expected the rules under which a fleet of kind available is bought, got none");
  CHECK(refusal(R"({ "works": [ { "kind": "mix", "shares": { "x": 1 } } ] })") ==
        "#/works/0/shares: expected labels of works above, got \"x\"");
}

}  // namespace jevons
