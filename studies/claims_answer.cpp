// Judged claims as a page and as JSON.
#include <algorithm>
#include <array>
#include <cmath>

#include "scenarios/json_members.h"
#include "scenarios/page.h"
#include "studies/claims.h"

namespace jevons {
namespace {

std::string signed_text(double value) {
  return (value < 0 ? "-" : "") + figure(std::abs(value));
}

std::string interval_text(const JudgedClaim& c) {
  if (!c.interval) return "none";
  return "[" + signed_text(c.interval->p5) + ", " + signed_text(c.interval->p95) + "]";
}

std::string table_text(const std::vector<JudgedClaim>& claims) {
  TextTable table;
  table.rows.push_back({"claim", "verdict", "our figure", "interval", "holds", "unit"});
  for (const JudgedClaim& c : claims)
    table.rows.push_back({c.claim.text, std::string{name_of(c.verdict)},
                          c.figure ? signed_text(*c.figure) : "none", interval_text(c),
                          std::string{name_of(c.claim.side)} + " " + signed_text(c.claim.threshold),
                          c.claim.unit});
  return table.to_text(2);
}

std::string details_text(const std::vector<JudgedClaim>& claims) {
  std::string page;
  for (const JudgedClaim& c : claims) {
    page += "\n  " + c.claim.text + "\n";
    page += "    said by  " + c.claim.said_by + ": " + c.claim.source + "\n";
    page += "    figure   " + c.claim.measure + " (" + c.claim.scenario + ")\n";
    page += "    interval " + c.basis + "\n";
    for (const ClaimVariant& variant : c.claim.variants)
      page += "             " + variant.why + "\n";
    if (!c.claim.note.empty()) page += "    note     " + c.claim.note + "\n";
  }
  return page;
}

JsonValue::Object claim_json(const JudgedClaim& c) {
  Members m;
  m.add("id", c.claim.id);
  m.add("claim", c.claim.text);
  m.add("said_by", c.claim.said_by);
  m.add("source", c.claim.source);
  m.add("scenario", c.claim.scenario);
  m.add("measure", c.claim.measure);
  m.add("unit", c.claim.unit);
  m.add("verdict", name_of(c.verdict));
  if (c.figure)
    m.add("figure", *c.figure);
  else
    m.put("figure", nullptr);
  if (c.interval) {
    Members range;
    range.add("low", c.interval->p5);
    range.add("high", c.interval->p95);
    m.put("interval", range.take());
  } else {
    m.put("interval", nullptr);
  }
  m.add("holds", name_of(c.claim.side));
  m.add("threshold", c.claim.threshold);
  m.add("basis", c.basis);
  m.add("note", c.claim.note);
  return m.take();
}

std::int64_t count_of(const std::vector<JudgedClaim>& claims, ClaimVerdict verdict) {
  return std::count_if(claims.begin(), claims.end(),
                       [&](const JudgedClaim& c) { return c.verdict == verdict; });
}

}  // namespace

Answer claims_answer(const ClaimsTable& table, const std::vector<JudgedClaim>& claims) {
  std::string page = (table.title.empty() ? "claims" : table.title) + ": " +
                     std::to_string(claims.size()) + " held against the models";
  Members counts;
  for (const auto& [verdict, name] : enum_names<ClaimVerdict>) {
    const std::int64_t n = count_of(claims, verdict);
    page += ", " + std::to_string(n) + " " + std::string{name};
    counts.add(name, n);
  }
  page += "\n\n" + table_text(claims) + details_text(claims);
  JsonValue::List list;
  for (const JudgedClaim& c : claims) list.push_back({claim_json(c), {}});
  Members m;
  m.put("verdicts", counts.take());
  m.put("claims", std::move(list));
  return {std::move(page), {m.take(), {}}};
}

}  // namespace jevons
