#pragma once
// Claims of the public debate, held against the models. A claim names a scenario, a figure of its
// summary and a threshold; the verdict follows from where the interval of the figure lies. See
// docs/claims.md.
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "models/economics/spread.h"
#include "scenarios/kinds.h"
#include "sim/fields.h"

namespace jevons {

enum class ClaimSide { above, below };
template <>
inline constexpr std::array enum_names<ClaimSide>{
    EnumName{ClaimSide::above, "above"},
    EnumName{ClaimSide::below, "below"},
};

// The same scenario with other assumptions.
struct ClaimVariant {
  std::string why;
  std::vector<std::string> settings;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("why"), why, "what is assumed instead");
    field(required("settings"), settings, "beside those of the claim, as after --set");
  }
};

// Pointers lead into the summary. A token "key=value" stands for the element of a list whose member
// `key` is that text: "/levers/lever=token cap/saved_twh".
struct Claim {
  std::string id, text, said_by, source, note;
  std::string scenario;  // path from the file of claims
  std::vector<std::string> settings;
  std::string measure, unit;  // what the figure is, in words
  std::string metric, over;   // pointers to a number or a range; over: divides it
  std::string interval;       // pointer to the range of the figure, where the metric is a number
  std::string count;          // pointer to the number of draws of which the metric is a share
  std::vector<std::string> between;  // pointers to figures that the interval spans too
  std::vector<ClaimVariant> variants;
  ClaimSide side = ClaimSide::above;
  double threshold = 0;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("id"), id, "a name that no other claim has");
    field(required("claim"), text, "what is claimed");
    field(required("said_by"), said_by, "who says it");
    field(required("source"), source, "where");
    field("note", note, "what the figure does not say");
    field(required("scenario"), scenario, "path of a scenario, from this file");
    field("settings", settings, "changes of the scenario, as after --set");
    field(required("measure"), measure, "what the figure is, in words");
    field("unit", unit, "as printed");
    field(required("metric"), metric, "pointer into the summary: a number, or p5, p50, p95");
    field("over", over, "the same; divides the metric");
    field("interval", interval, "pointer to the range of the metric: p5, p50, p95");
    field("count", count, "pointer to the number of draws of which the metric is a share");
    field("between", between, "pointers to other figures that the interval spans");
    field("variants", variants, "other assumptions, whose figures the interval spans");
    field(required("side"), side, "on which side of the threshold the claim holds");
    field(required("threshold"), threshold, "of the figure");
  }
};

struct ClaimsTable {
  std::string title, note;
  int samples = 60;
  std::vector<Claim> claims;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("name", title, "as printed");
    field("note", note, "remark for readers");
    field("samples", samples, Range{2, 100'000}, "draws of scenarios that draw");
    field(required("claims"), claims, "what is said");
  }
};

// Throws ScenarioError with every mistake.
ClaimsTable read_claims(const JsonDocument& document);

enum class ClaimVerdict { supported, contradicted, unknown };
template <>
inline constexpr std::array enum_names<ClaimVerdict>{
    EnumName{ClaimVerdict::supported, "supported"},
    EnumName{ClaimVerdict::contradicted, "contradicted"},
    EnumName{ClaimVerdict::unknown, "unknown"},
};

struct JudgedClaim {
  Claim claim;
  std::optional<double> figure;
  std::optional<Spread> interval;  // p50 is the figure
  ClaimVerdict verdict = ClaimVerdict::unknown;
  std::string basis;  // what the interval is, or why there is none
};

// Of an interval against a threshold; touching it decides nothing.
ClaimVerdict verdict_on(const std::optional<Spread>& interval, ClaimSide side, double threshold);

// 90 % interval of a share of n independent draws.
// Source: Wilson 1927, doi:10.1080/01621459.1927.10502953.
Spread share_interval(double share, double n);

// The value at a pointer with named elements; null when there is none.
const JsonValue* find_named(const JsonValue& root, std::string_view pointer);

// The summary of a scenario with settings, computed once for each of them.
using SummaryOf =
    std::function<JsonValue(const std::string& scenario, const std::vector<std::string>& settings)>;

// Throws ScenarioError where a pointer leads nowhere.
std::vector<JudgedClaim> judged(const ClaimsTable& table, const JsonDocument& document,
                                const SummaryOf& summary_of,
                                const std::function<void(double)>& progress);

Answer claims_answer(const ClaimsTable& table, const std::vector<JudgedClaim>& claims);

}  // namespace jevons
