#include "studies/claims.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "scenarios/page.h"
#include "scenarios/reader.h"

namespace jevons {
namespace {

std::string claim_at(std::size_t i, std::string_view key) {
  return "/claims/" + std::to_string(i) + "/" + std::string{key};
}

// What must hold inside one claim.
class ClaimLaws {
 public:
  explicit ClaimLaws(const JsonDocument& document) : document_{&document} {}

  void judge(const Claim& claim, std::size_t i) {
    hold(!claim.id.empty() && ids_.insert(claim.id).second, claim_at(i, "id"),
         "a name that no other claim has", in_quotes(claim.id));
    pointer(claim.metric, claim_at(i, "metric"));
    for (const auto& [key, text] :
         {std::pair{"over", &claim.over}, {"interval", &claim.interval}, {"count", &claim.count}})
      if (!text->empty()) pointer(*text, claim_at(i, key));
    for (std::size_t b = 0; b < claim.between.size(); ++b)
      pointer(claim.between[b], claim_at(i, "between/" + std::to_string(b)));
    hold(claim.interval.empty() || claim.count.empty(), claim_at(i, "count"),
         "either an interval or a count", "both");
    hold(claim.interval.empty() || claim.over.empty(), claim_at(i, "interval"),
         "no interval beside over, which divides ranges itself", "both");
    settings(claim.settings, claim_at(i, "settings"));
    for (std::size_t v = 0; v < claim.variants.size(); ++v)
      settings(claim.variants[v].settings,
               claim_at(i, "variants/" + std::to_string(v) + "/settings"));
  }
  Mistakes broken() const { return broken_; }

 private:
  void hold(bool law, const std::string& at, std::string expected, std::string got) {
    if (!law) broken_.add(mistake_at(*document_, at, std::move(expected), std::move(got)));
  }
  void pointer(const std::string& text, const std::string& at) {
    hold(text.starts_with('/'), at, "a pointer into the summary such as \"/C/total/energy_twh\"",
         in_quotes(text));
  }
  void settings(const std::vector<std::string>& all, const std::string& at) {
    for (std::size_t s = 0; s < all.size(); ++s)
      hold(all[s].starts_with('/') && all[s].find('=') != std::string::npos,
           at + "/" + std::to_string(s), "a setting such as \"/samples=0\"", in_quotes(all[s]));
  }

  const JsonDocument* document_;
  std::set<std::string> ids_;
  Mistakes broken_;
};

// A number, or a range; nothing for null. `at`: where the pointer is written.
struct Found {
  std::optional<Spread> value;
  bool is_range = false;
};

std::string keys_of(const JsonValue& value) {
  std::vector<std::string> keys;
  if (value.object() != nullptr)
    for (const JsonMember& member : *value.object()) keys.push_back(member.key);
  return joined(keys);
}

Found found_at(const JsonValue& summary, const std::string& pointer, const JsonDocument& document,
               const std::string& at) {
  const JsonValue* value = find_named(summary, pointer);
  if (value != nullptr && value->is_null()) return {};
  if (value != nullptr && value->number() != nullptr)
    return {Spread::exactly(value->number()->value), false};
  if (value != nullptr) {
    const JsonValue* const low = value->find("p5");
    const JsonValue* const middle = value->find("p50");
    const JsonValue* const high = value->find("p95");
    const auto is_number = [](const JsonValue* v) {
      return v != nullptr && v->number() != nullptr;
    };
    if (is_number(low) && is_number(middle) && is_number(high))
      return {Spread{low->number()->value, middle->number()->value, high->number()->value}, true};
  }
  throw ScenarioError{mistake_at(document, at, "a pointer to a number or range of the summary",
                                 in_quotes(pointer), "the summary has " + keys_of(summary))};
}

void widen(Spread& range, const Spread& by) {
  range.p5 = std::min(range.p5, by.p5);
  range.p95 = std::max(range.p95, by.p95);
}

// Figures of one claim.
class Judge {
 public:
  Judge(const Claim& claim, std::size_t index, const JsonDocument& document,
        const SummaryOf& summary_of)
      : claim_{claim}, index_{index}, document_{document}, summary_of_{summary_of} {}

  JudgedClaim judged() {
    JudgedClaim result;
    result.claim = claim_;
    const JsonValue summary = summary_of_(claim_.scenario, claim_.settings);
    const Found figure = figure_in(summary);
    if (!figure.value) {
      result.basis = "no figure: the scenario has none";
      return result;
    }
    result.figure = figure.value->p50;
    Spread range = *figure.value;
    if (figure.is_range) note_basis("5 to 95 % of the draws");
    from_summary(summary, range);
    from_variants(range);
    result.basis = basis_.empty() ? "no interval can be had" : basis_;
    if (!basis_.empty()) result.interval = range;
    result.verdict = verdict_on(result.interval, claim_.side, claim_.threshold);
    if (result.interval && result.verdict == ClaimVerdict::unknown)
      result.basis += "; the interval straddles the threshold";
    return result;
  }

 private:
  std::string at(std::string_view key) const { return claim_at(index_, key); }
  void note_basis(const std::string& text) { basis_ += (basis_.empty() ? "" : "; ") + text; }

  // Ranges of numerator and denominator are taken to move against each other.
  Found ratio(const JsonValue& summary, const std::string& pointer,
              const std::string& where) const {
    Found top = found_at(summary, pointer, document_, where);
    if (claim_.over.empty() || !top.value) return top;
    const Found bottom = found_at(summary, claim_.over, document_, at("over"));
    if (!bottom.value || bottom.value->p5 <= 0) return {};
    const Spread& t = *top.value;
    const Spread& b = *bottom.value;
    return {Spread{std::min(t.p5 / b.p95, t.p5 / b.p5), t.p50 / b.p50,
                   std::max(t.p95 / b.p5, t.p95 / b.p95)},
            top.is_range || bottom.is_range};
  }
  Found figure_in(const JsonValue& summary) const {
    return ratio(summary, claim_.metric, at("metric"));
  }
  void from_summary(const JsonValue& summary, Spread& range) {
    if (!claim_.interval.empty()) {
      const Found found = found_at(summary, claim_.interval, document_, at("interval"));
      if (found.value && found.is_range) {
        widen(range, *found.value);
        note_basis("5 to 95 % of the draws");
      }
    }
    if (!claim_.count.empty()) {
      const Found n = found_at(summary, claim_.count, document_, at("count"));
      if (n.value && n.value->p50 > 0) {
        widen(range, share_interval(range.p50, n.value->p50));
        note_basis("90 % interval of a share of " + figure(n.value->p50) + " draws");
      }
    }
    for (std::size_t b = 0; b < claim_.between.size(); ++b) {
      const Found other = ratio(summary, claim_.between[b], at("between/" + std::to_string(b)));
      if (other.value) widen(range, *other.value);
    }
    if (!claim_.between.empty())
      note_basis("span of " + std::to_string(claim_.between.size() + 1) + " cases");
  }
  void from_variants(Spread& range) {
    for (const ClaimVariant& variant : claim_.variants) {
      std::vector<std::string> settings = claim_.settings;
      settings.insert(settings.end(), variant.settings.begin(), variant.settings.end());
      const Found other = figure_in(summary_of_(claim_.scenario, settings));
      if (other.value) widen(range, *other.value);
    }
    if (!claim_.variants.empty())
      note_basis("span of " + std::to_string(claim_.variants.size() + 1) + " assumptions");
  }

  const Claim& claim_;
  std::size_t index_;
  const JsonDocument& document_;
  const SummaryOf& summary_of_;
  std::string basis_;
};

// The element of a list whose member is as the token says.
const JsonValue* element_named(const JsonValue& list, const std::string& token) {
  const std::size_t sign = token.find('=');
  if (sign == std::string::npos) return nullptr;
  const std::string value = token.substr(sign + 1);
  for (const JsonValue& element : *list.list()) {
    const JsonValue* member = element.find(std::string_view{token}.substr(0, sign));
    if (member != nullptr && member->text() != nullptr && *member->text() == value) return &element;
  }
  return nullptr;
}

}  // namespace

ClaimsTable read_claims(const JsonDocument& document) {
  throw_if_any(check(describe(ClaimsTable{}), document));
  auto table = filled<ClaimsTable>(document);
  ClaimLaws laws{document};
  for (std::size_t i = 0; i < table.claims.size(); ++i) laws.judge(table.claims[i], i);
  Mistakes broken = laws.broken();
  if (table.claims.empty())
    broken.add(mistake_at(document, "/claims", "at least one claim", "none"));
  throw_if_any(broken);
  return table;
}

ClaimVerdict verdict_on(const std::optional<Spread>& interval, ClaimSide side, double threshold) {
  if (!interval) return ClaimVerdict::unknown;
  const bool is_above = interval->p5 > threshold;
  const bool is_below = interval->p95 < threshold;
  if (!is_above && !is_below) return ClaimVerdict::unknown;
  return is_above == (side == ClaimSide::above) ? ClaimVerdict::supported
                                                : ClaimVerdict::contradicted;
}

Spread share_interval(double share, double n) {
  const double z = normal_quantile(0.95);
  const double z2 = z * z / n;
  const double middle = (share + z2 / 2) / (1 + z2);
  const double half = z / (1 + z2) * std::sqrt(share * (1 - share) / n + z2 / (4 * n));
  return {std::max(0.0, middle - half), share, std::min(1.0, middle + half)};
}

const JsonValue* find_named(const JsonValue& root, std::string_view pointer) {
  const JsonValue* at = &root;
  while (at != nullptr && !pointer.empty()) {
    if (pointer.front() != '/') return nullptr;
    const std::size_t end = std::min(pointer.find('/', 1), pointer.size());
    const std::string_view step = pointer.substr(0, end);
    const JsonValue* next = find_pointer(*at, step);
    const auto token = unescape_token(step.substr(1));
    if (next == nullptr && token && at->list() != nullptr) next = element_named(*at, *token);
    at = next;
    pointer.remove_prefix(end);
  }
  return at;
}

std::vector<JudgedClaim> judged(const ClaimsTable& table, const JsonDocument& document,
                                const SummaryOf& summary_of,
                                const std::function<void(double)>& progress) {
  std::vector<JudgedClaim> all;
  for (std::size_t i = 0; i < table.claims.size(); ++i) {
    all.push_back(Judge{table.claims[i], i, document, summary_of}.judged());
    progress(static_cast<double>(i + 1) / static_cast<double>(table.claims.size()));
  }
  return all;
}

}  // namespace jevons
