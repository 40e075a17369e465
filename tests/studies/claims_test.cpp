// Claims: how a verdict follows from a figure, and what is refused.
#include "studies/claims.h"

#include <doctest/doctest.h>

#include "scenarios/diagnostics.h"
#include "scenarios/extends.h"

namespace jevons {
namespace {

TextFiles in_memory(const std::string& text) {
  return {[text](const std::string& path) -> std::optional<std::string> {
            if (path == "claims.json") return text;
            return std::nullopt;
          },
          [](const std::string&) { return std::vector<std::string>{}; }};
}

JsonValue parsed(const std::string& text) {
  return load_document("claims.json", in_memory(text)).root;
}

constexpr const char* summary =
    R"({"ratio": 2, "range": {"p5": 1.5, "p50": 2, "p95": 3}, "share": 0.5, "draws": 100, "none": null,
        "parts": [{"lever": "a/b", "saved": {"p5": -1, "p50": 1, "p95": 2}}]})";

// One claim with these further members.
std::string table(const std::string& members) {
  return R"({"claims": [{"id": "x", "claim": "it is more", "said_by": "all", "source": "here",
             "scenario": "s.json", "measure": "figure", )" +
         members + "}]}";
}

JudgedClaim judged_one(const std::string& members) {
  const JsonDocument document = load_document("claims.json", in_memory(table(members)));
  const SummaryOf summary_of = [](const std::string&, const std::vector<std::string>& settings) {
    if (settings.empty()) return parsed(summary);
    return parsed(R"({"ratio": 0.5, "none": null})");
  };
  return judged(read_claims(document), document, summary_of, [](double) {}).front();
}

ClaimVerdict verdict(const std::string& members) {
  return judged_one(members).verdict;
}

std::string refusal(const std::string& members) {
  try {
    judged_one(members);
  } catch (const ScenarioError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("the verdict on a claim turns with its threshold and its side") {
  const std::string range = R"("metric": "/range", )";
  CHECK(verdict(range + R"("side": "above", "threshold": 1)") == ClaimVerdict::supported);
  CHECK(verdict(range + R"("side": "above", "threshold": 2)") == ClaimVerdict::unknown);
  CHECK(verdict(range + R"("side": "above", "threshold": 4)") == ClaimVerdict::contradicted);
  CHECK(verdict(range + R"("side": "below", "threshold": 4)") == ClaimVerdict::supported);
  CHECK(verdict(range + R"("side": "below", "threshold": 1)") == ClaimVerdict::contradicted);
  CHECK(verdict(range + R"("side": "above", "threshold": 1.5)") == ClaimVerdict::unknown);
}

TEST_CASE("a claim whose figure has no interval stays unknown and says so") {
  const JudgedClaim c = judged_one(R"("metric": "/ratio", "side": "above", "threshold": 1)");
  CHECK(c.verdict == ClaimVerdict::unknown);
  CHECK(c.figure == 2.0);
  CHECK_FALSE(c.interval);
  CHECK(c.basis == "no interval can be had");
  const JudgedClaim none = judged_one(R"("metric": "/none", "side": "above", "threshold": 1)");
  CHECK(none.verdict == ClaimVerdict::unknown);
  CHECK(none.basis == "no figure: the scenario has none");
}

TEST_CASE("an interval of a claim spans draws or cases or assumptions") {
  const JudgedClaim drawn =
      judged_one(R"("metric": "/ratio", "interval": "/range", "side": "above", "threshold": 1)");
  REQUIRE(drawn.interval);
  CHECK(drawn.interval->p5 == 1.5);
  CHECK(drawn.interval->p95 == 3);
  const JudgedClaim cases =
      judged_one(R"("metric": "/ratio", "between": ["/share"], "side": "above", "threshold": 1)");
  CHECK(cases.interval->p5 == 0.5);
  CHECK(cases.verdict == ClaimVerdict::unknown);
  const JudgedClaim assumed = judged_one(
      R"("metric": "/ratio", "variants": [{"why": "else", "settings": ["/a=1"]}],
         "side": "above", "threshold": 0.1)");
  CHECK(assumed.interval->p5 == 0.5);
  CHECK(assumed.interval->p95 == 2);
  CHECK(assumed.verdict == ClaimVerdict::supported);
  const JudgedClaim divided =
      judged_one(R"("metric": "/range", "over": "/range", "side": "above", "threshold": 1)");
  CHECK(divided.figure == 1.0);
  CHECK(divided.interval->p5 == 0.5);
  CHECK(divided.interval->p95 == 2);
}

TEST_CASE("a share of draws has the interval of Wilson") {
  const JudgedClaim c =
      judged_one(R"("metric": "/share", "count": "/draws", "side": "above", "threshold": 0.05)");
  REQUIRE(c.interval);
  // By hand: z = 1.645, z^2/n = 0.02706, centre 0.5, half 1.645/1.02706 sqrt(0.0025 + 0.0000677).
  CHECK(c.interval->p5 == doctest::Approx(0.4188).epsilon(1e-3));
  CHECK(c.interval->p95 == doctest::Approx(0.5812).epsilon(1e-3));
  const Spread never = share_interval(0, 20);
  CHECK(never.p5 == 0);
  CHECK(never.p95 > 0.05);
}

TEST_CASE("an element of a list is found by what its member says") {
  const JsonValue root = parsed(summary);
  CHECK(find_named(root, "/parts/lever=a~1b/saved/p50")->number()->value == 1);
  CHECK(find_named(root, "/parts/0/saved/p50")->number()->value == 1);
  CHECK(find_named(root, "/parts/lever=c/saved/p50") == nullptr);
  CHECK(find_named(root, "/nowhere") == nullptr);
}

TEST_CASE("a mistake in a file of claims is told in one sentence") {
  CHECK(
      refusal(R"("metric": "ratio", "side": "above", "threshold": 1)")
          .find(
              R"(claims.json:2#/claims/0/metric: expected a pointer into the summary such as "/C/total/energy_twh", got "ratio")") !=
      std::string::npos);
  CHECK(
      refusal(R"("metric": "/rato", "side": "above", "threshold": 1)")
          .find(
              R"(/claims/0/metric: expected a pointer to a number or range of the summary, got "/rato" (hint: the summary has ratio, range, share, draws, none, parts))") !=
      std::string::npos);
  CHECK(refusal(R"("metric": "/ratio", "settings": ["samples=0"], "side": "above", "threshold": 1)")
            .find(R"(/claims/0/settings/0: expected a setting such as "/samples=0", got)") !=
        std::string::npos);
  CHECK(refusal(R"("metric": "/ratio", "side": "beyond", "threshold": 1)")
            .find("/claims/0/side: expected one of above, below") != std::string::npos);
  CHECK(refusal(R"("metric": "/ratio", "side": "above")").find("threshold") != std::string::npos);
  CHECK_THROWS_AS(read_claims(load_document("claims.json", in_memory(R"({"claims": []})"))),
                  ScenarioError);
}

}  // namespace jevons
