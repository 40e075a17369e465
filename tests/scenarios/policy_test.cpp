// The shipped export rules: worked examples, laws, and what a user is told.
#include <cmath>
#include <fstream>
#include <map>
#include <sstream>

#include <doctest/doctest.h>

#include "scenarios/access_answer.h"
#include "scenarios/policy_answer.h"
#include "scenarios/rulebook_io.h"
#include "sim/rng.h"

namespace jevons {

namespace {

Catalogues shipped() {
  return catalogues_in({JEVONS_SOURCE_DIR "/scenarios/parts"});
}
const Rulebook& book() {
  static const Rulebook loaded = load_rulebook(shipped());
  return loaded;
}
RuledChip chip(std::string_view id) {
  return ruled_chip(read_entry<ChipSpec>(shipped(), id));
}
PolicyAnswer answer(std::string_view id, const std::string& date, const std::string& to = "CN") {
  return book().answer(chip(id), {.date = date, .destination = to});
}
std::string status(std::string_view id, const std::string& date, const std::string& to = "CN") {
  return std::string{name_of(answer(id, date, to).headline)};
}
Finding finding(std::string_view rule, const RuledChip& of, const std::string& date) {
  return book().judge(*book().find(rule), of, {.date = date, .destination = "CN"});
}

// A data-centre chip without a vendor that any letter names.
RuledChip invented(double tpp, double area, double memory = 1000, double io = 100) {
  RuledChip c{"invented", "Somebody", true, false, true};
  c[ChipFact::tpp] = tpp;
  c[ChipFact::performance_density] = tpp / area;
  c[ChipFact::memory_bandwidth] = memory;
  c[ChipFact::io_bandwidth] = io;
  c[ChipFact::bandwidth_sum] = memory + io;
  return c;
}
PolicyStatus headline(const RuledChip& of, const std::string& date) {
  return book().answer(of, {.date = date, .destination = "CN"}).headline;
}

std::vector<std::map<std::string, std::string>> worked_examples() {
  std::ifstream file{JEVONS_SOURCE_DIR "/tests/scenarios/policy_status_matrix.csv"};
  std::vector<std::map<std::string, std::string>> rows;
  std::vector<std::string> names;
  for (std::string line; std::getline(file, line);) {
    std::vector<std::string> cells;
    std::istringstream text{line};
    for (std::string cell; std::getline(text, cell, ',');) cells.push_back(cell);
    if (names.empty()) {
      names = cells;
      continue;
    }
    auto& row = rows.emplace_back();
    for (std::size_t i = 0; i < cells.size(); ++i) row[names[i]] = cells[i];
  }
  return rows;
}

std::string in_words_of_table(PolicyStatus s) {
  if (s == PolicyStatus::not_controlled) return "n/a";
  if (s == PolicyStatus::nac) return "NAC_path";
  return std::string{name_of(s)};
}

std::string refusal(const DealWords& words) {
  try {
    deal_from(words, book(), "jevons policy chip");
  } catch (const ScenarioError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("the table of worked examples comes out of the rules") {
  const auto rows = worked_examples();
  REQUIRE(rows.size() == 39);
  for (auto row : rows) {
    const RuledChip c = chip(row["id"]);
    CAPTURE(c.id);
    CHECK(book().answer(c, {.date = "2022-12-01", .destination = "CN"}).classification ==
          row["oct2022"]);
    CHECK(book().answer(c, {.date = "2023-12-01", .destination = "CN"}).classification ==
          row["oct2023"]);
    const Finding letter = finding("2025-04-09-letter", c, "2025-05-01");
    const std::string by_letter = letter.status == PolicyStatus::not_controlled
                                      ? "clear"
                                      : std::string{name_of(letter.status)};
    // The table calls this chip clear although nobody knows its links.
    CHECK(by_letter == (c.id == "hygon-k100ai" ? "unknown" : row["apr2025_bandwidth_letter"]));
    CHECK(in_words_of_table(finding("2023-10-17", c, "2026-02-01").status) ==
          row["jan2026_cn_review"]);
    const Finding tariff = finding("2026-01-14-tariff", c, "2026-02-01");
    CHECK((tariff.is_touched == Verdict::yes ? tariff.prong->name : "") ==
          row["jan2026_tariff_band"]);
  }
}

TEST_CASE("chips made for China are free until the letters and their big brothers are not") {
  for (const char* id : {"h20-96", "l20", "l2", "rtx4090d", "rtx5090d"})
    CHECK(status(id, "2023-12-01") == "not_controlled");
  for (const char* id : {"l4", "l40s", "a800-sxm", "h800-sxm"})
    CHECK(status(id, "2023-12-01") == "presumption_of_denial");
  CHECK(status("l40", "2023-12-01") == "nac");
  CHECK(status("h20-96", "2025-04-08") == "not_controlled");
  CHECK(status("h20-96", "2025-04-09") == "licence");
  CHECK(status("rtx5090d", "2025-05-01") == "licence");
  CHECK(status("rtx5090dv2", "2025-09-01") == "not_controlled");
}

TEST_CASE("rules bind from the day they are in force") {
  CHECK(status("h100-sxm", "2022-10-20") == "not_controlled");
  CHECK(status("h100-sxm", "2022-10-21") == "presumption_of_denial");
  CHECK(status("h100-sxm", "2023-01-16", "MO") == "not_controlled");
  CHECK(status("h100-sxm", "2023-01-17", "MO") == "presumption_of_denial");
  CHECK(status("a800-sxm", "2023-11-16") == "not_controlled");
  CHECK(status("a800-sxm", "2023-11-17") == "presumption_of_denial");
  CHECK(status("l40", "2024-04-03", "SA") == "nac");
  CHECK(status("l40", "2024-04-04", "SA") == "aca");
  CHECK(status("h200-sxm", "2026-01-13") == "presumption_of_denial");
  CHECK(status("mi325x", "2026-01-15") == "case_by_case");
  CHECK(status("b200", "2026-01-15") == "presumption_of_denial");
}

TEST_CASE("place and parent and end use and way of shipping count") {
  const RuledChip h200 = chip("h200-sxm");
  const auto with = [&](Deal deal) { return book().answer(h200, deal).headline; };
  CHECK(status("h100-sxm", "2024-01-01", "AE") == "presumption_of_approval");
  CHECK(status("h100-sxm", "2024-01-01", "DE") == "not_controlled");
  CHECK(status("h100-sxm", "2024-01-01", "US") == "not_controlled");
  CHECK(with({.date = "2024-01-01", .destination = "DE", .parent = "CN"}) ==
        PolicyStatus::presumption_of_denial);
  // Case by case is for buyers in China; a Chinese parent elsewhere stays barred.
  CHECK(with({.date = "2026-02-01", .destination = "CN"}) == PolicyStatus::case_by_case);
  CHECK(with({.date = "2026-02-01", .destination = "SG", .parent = "CN"}) ==
        PolicyStatus::presumption_of_denial);
  CHECK(with({.date = "2026-02-01", .destination = "CN", .is_reexport = true}) ==
        PolicyStatus::presumption_of_denial);
  CHECK(with({.date = "2026-02-01", .destination = "CN", .end_use = EndUse::military}) ==
        PolicyStatus::presumption_of_denial);
  CHECK(book()
            .answer(chip("l20"),
                    {.date = "2024-01-01", .destination = "CN", .end_use = EndUse::supercomputer})
            .headline == PolicyStatus::presumption_of_denial);
}

TEST_CASE("a foundry is presumed to ship a controlled chip unless a designer vouches for it") {
  Deal deal{.date = "2025-03-01", .destination = "CN", .exporter = Exporter::foundry};
  CHECK(book().answer(chip("l20"), deal).headline == PolicyStatus::presumption_of_denial);
  deal.is_attested = true;
  CHECK(book().answer(chip("l20"), deal).headline == PolicyStatus::not_controlled);
  RuledChip small = chip("l20");
  small[ChipFact::transistors] = 32;
  deal.is_attested = false;
  CHECK(book().answer(small, deal).headline == PolicyStatus::presumption_of_denial);
  deal.date = "2027-01-01";
  CHECK(book().answer(small, deal).headline == PolicyStatus::not_controlled);
}

TEST_CASE("the importer can bar what the exporter lets go") {
  CHECK(status("h200-sxm", "2026-01-14") == "banned");
  CHECK(status("h200-sxm", "2026-01-27") == "banned");
  CHECK(status("h200-sxm", "2026-01-28") == "case_by_case");
  CHECK(status("rtx6000d", "2025-09-16") == "not_controlled");
  CHECK(status("rtx6000d", "2025-09-17") == "banned");
  CHECK(answer("h20-96", "2025-09-01").fee == 0.15);
  CHECK(answer("h200-sxm", "2026-02-01").tariff == 0.25);
  CHECK(answer("h200-sxm", "2026-02-01").fee == 0);
}

TEST_CASE("boundaries are exact") {
  const std::string day = "2024-01-01";
  const double wide = 1e5;  // density far below any prong
  CHECK(headline(invented(4800, wide), day) == PolicyStatus::presumption_of_denial);
  CHECK(headline(invented(4799.99, wide), day) == PolicyStatus::not_controlled);
  CHECK(headline(invented(1600, 1600 / 5.92), day) == PolicyStatus::presumption_of_denial);
  CHECK(headline(invented(1599.99, 100), day) == PolicyStatus::not_controlled);
  CHECK(headline(invented(2400, 1500), day) == PolicyStatus::nac);
  CHECK(headline(invented(2399.99, 2399.99 / 1.6), day) == PolicyStatus::not_controlled);
  CHECK(headline(invented(1600, 500), day) == PolicyStatus::nac);
  CHECK(headline(invented(20999.99, 900, 6499.99), "2026-02-01") == PolicyStatus::case_by_case);
  CHECK(headline(invented(21000, 900, 6499.99), "2026-02-01") ==
        PolicyStatus::presumption_of_denial);
  CHECK(headline(invented(20999.99, 900, 6500), "2026-02-01") ==
        PolicyStatus::presumption_of_denial);
  CHECK(headline(invented(4800, 900, 1000, 600), "2023-01-01") ==
        PolicyStatus::presumption_of_denial);
  CHECK(headline(invented(4800, 900, 1000, 599.99), "2023-01-01") == PolicyStatus::not_controlled);
}

TEST_CASE("raising performance or a bandwidth never frees a chip") {
  Rng rng{7, "monotone"};
  const auto days = days_of_change(book());
  for (int i = 0; i < 4000; ++i) {
    const double tpp = 500 + 30000 * rng.uniform();
    const double area = 100 + 2000 * rng.uniform();
    const double memory = 300 + 8000 * rng.uniform();
    const double io = 50 + 2000 * rng.uniform();
    const double up = 1 + 2 * rng.uniform();
    RuledChip low = invented(tpp, area, memory, io);
    low.is_datacenter = rng.uniform() < 0.7;
    low.vendor = rng.uniform() < 0.5 ? "NVIDIA" : "Somebody";
    const std::string& day = days[static_cast<std::size_t>(i) % days.size()];
    const PolicyStatus before = headline(low, day);
    RuledChip high = low;
    high[ChipFact::tpp] = tpp * up;
    high[ChipFact::performance_density] = tpp * up / area;
    CHECK(headline(high, day) >= before);
    high = low;
    high[ChipFact::memory_bandwidth] = memory * up;
    high[ChipFact::io_bandwidth] = io * up;
    high[ChipFact::bandwidth_sum] = (memory + io) * up;
    CHECK(headline(high, day) >= before);
  }
}

TEST_CASE("a rule that ended or is not enforced decides nothing") {
  int ended = 0;
  for (const std::string& day : days_of_change(book()))
    for (const ChipSpec& spec : read_all<ChipSpec>(shipped()))
      for (const char* to : {"CN", "MO", "AE", "IN", "DE"}) {
        const PolicyAnswer a = book().answer(ruled_chip(spec), {.date = day, .destination = to});
        for (const Finding& f : a.findings) {
          const RuleDates& d = f.rule->dates;
          if (!d.ends.empty() && day >= d.ends) {
            CHECK(f.state == RuleState::ended);
            ++ended;
          }
          if (!d.unenforced.empty() && day >= d.unenforced) CHECK(f.state == RuleState::unenforced);
        }
        if (a.headline != PolicyStatus::not_controlled)
          CHECK(a.findings[a.deciding].state == RuleState::binding);
        CHECK_FALSE(a.findings[a.deciding].rule->citation.empty());
        CHECK_FALSE(a.findings[a.deciding].rule->sources.empty());
      }
  CHECK(ended > 1000);
  CHECK(status("h100-sxm", "2025-02-01", "IN") == "not_controlled");
  CHECK(status("h100-sxm", "2025-06-01", "IN") == "not_controlled");
}

TEST_CASE("what is unknown stays unknown and is named") {
  const PolicyAnswer a = answer("mi308x", "2023-12-01");
  CHECK(a.headline == PolicyStatus::unknown);
  REQUIRE(a.missing.size() == 2);
  CHECK(a.missing[0] == ChipFact::tpp);
  CHECK(a.missing[1] == ChipFact::performance_density);
  // Enough is known of this one: whatever its density, its performance decides.
  CHECK(status("kunlun-p800", "2023-12-01") == "presumption_of_denial");
  CHECK(answer("kunlun-p800", "2026-02-01").missing ==
        std::vector<ChipFact>{ChipFact::memory_bandwidth});
  // Nothing follows in Germany, whatever the chip is.
  CHECK(status("mi308x", "2023-12-01", "DE") == "not_controlled");
}

TEST_CASE("distances say how near a chip is") {
  const RuledChip c = chip("rtx4090d");
  const auto all =
      book().distances(*book().find("2023-10-17"), c, {.date = "2024-01-01", .destination = "CN"});
  REQUIRE(all.size() == 1);
  CHECK(all[0].relative().value() == doctest::Approx(-0.0192).epsilon(0.01));
  const auto mi325x = book().distances(*book().find("2023-10-17"), chip("mi325x"),
                                       {.date = "2026-02-01", .destination = "CN"});
  CHECK(21000 - *mi325x[mi325x.size() - 2].value == doctest::Approx(81));
}

TEST_CASE("a deal that cannot be is refused in one sentence") {
  const std::string place = "jevons policy chip: ";
  CHECK(refusal({}) == place +
                           "expected --date as a day such as 2026-02-01, got nothing (hint: "
                           "rules change from day to day)");
  CHECK(refusal({.date = "2025-02-29"}) ==
        place + "expected --date as a day such as 2026-02-01, got \"2025-02-29\"");
  CHECK(refusal({.date = "2022-10-06"}) ==
        place +
            "expected --date not before the first rule (2022-10-07), got \"2022-10-06\" (hint: "
            "no export rule on chips is known before that day)");
  CHECK(refusal({.date = "2024-01-01", .destination = "XX"}) ==
        place +
            "expected --dest as a country code of two letters that the groups of the rules "
            "know, got \"XX\" (hint: such as CN, AE or DE)");
  CHECK(refusal({.date = "2024-01-01", .end_use = "militry"}) ==
        place +
            "expected --end-use as one of civil, military, supercomputer, got \"militry\" "
            "(hint: did you mean \"military\"?)");
  CHECK(refusal({.date = "2024-01-01", .is_attested = true}) ==
        place +
            "expected --attested only with --exporter foundry, got --exporter vendor (hint: "
            "the attestation is the foundry's way out of a presumption)");
  CHECK(refusal({.date = "2024-01-01", .destination = "US", .is_reexport = true}) ==
        place +
            "expected --reexport only to another country than US, got --dest US (hint: leave "
            "one of the two out)");
}

TEST_CASE("the answer about a chip is JSON with status and vector and distances and citation") {
  const Answer a = policy_chip_answer(book(), read_entry<ChipSpec>(shipped(), "h200-sxm"),
                                      {.date = "2026-02-01", .destination = "CN"});
  CHECK(*a.summary.find("status")->text() == "case_by_case");
  CHECK(*a.summary.find("prong")->text() == "3A090.a.1");
  CHECK(a.summary.find("citation")->text()->starts_with("91 FR 1684"));
  const JsonValue& vector = *a.summary.find("vector");
  for (const char* part : {"exporter_requirement", "review_policy", "licence_exception", "pool",
                           "fee", "tariff", "importer_action", "enforcement"})
    CHECK(vector.find(part)->list() != nullptr);
  CHECK_FALSE(vector.find("review_policy")->list()->empty());
  CHECK_FALSE(a.summary.find("distances")->list()->empty());
  // The diffusion rule stands in the text and is marked as not enforced.
  bool is_marked = false;
  for (const JsonValue& e : *vector.find("enforcement")->list())
    is_marked |= *e.find("rule")->text() == "2025-01-13-diffusion" && !*e.find("enforced")->flag();
  CHECK(is_marked);
}

TEST_CASE("what a region gets is the sum of its channels and every number has a source") {
  for (const auto& region : read_all<RegionAccess>(shipped())) {
    CAPTURE(region.id);
    for (const AccessChannel& c : region.channels) {
      const auto is_known = [&region](const std::string& id) {
        return std::any_of(region.sources.begin(), region.sources.end(),
                           [&id](const RuleSource& s) { return s.id == id; });
      };
      CHECK(is_known(c.source));
      for (const ChannelSupply& s : c.supply) {
        CHECK(is_known(s.source));
        CHECK(s.million_h100e.p5 <= s.million_h100e.p50);
        CHECK(s.million_h100e.p50 <= s.million_h100e.p95);
      }
    }
  }
  const auto china = read_entry<RegionAccess>(shipped(), "CN");
  double sum = 0;
  for (const AccessChannel& c : china.channels) sum += supply(c, 2025).value().p50;
  CHECK(supply(china, 2025).value().p50 == doctest::Approx(sum));
  // ai-2040: 0.15 + 0.6 + 0.48 + 0.45 million in 2025.
  CHECK(sum == doctest::Approx(1.68).epsilon(0.05));
  const double half = supply(*find(china, SupplyChannel::domestic), 2024.5).value().p50;
  CHECK(half == doctest::Approx(std::sqrt(0.25 * 0.6)));
  CHECK_FALSE(supply(china, 2020).has_value());
  CHECK(access_answer(china).text.find("smuggled") != std::string::npos);
}

TEST_CASE("an offer is legal where it can be and pays fee and tariff") {
  const auto china = read_entry<RegionAccess>(shipped(), "CN");
  const auto of = [&](const char* id, const std::string& date, bool smuggles) {
    return offer(book(), china, read_entry<ChipSpec>(shipped(), id),
                 {.date = date, .destination = "CN"}, PolicyStatus::case_by_case, smuggles);
  };
  const auto h20 = of("h20-96", "2025-09-01", false);
  REQUIRE(h20.has_value());
  CHECK(h20->channel == SupplyChannel::legal);
  CHECK(h20->price_factor.p50 == doctest::Approx(1.15));
  CHECK_FALSE(of("h100-sxm", "2025-09-01", false).has_value());
  CHECK(of("h100-sxm", "2025-09-01", true).value().channel == SupplyChannel::smuggled);
  CHECK(of("ascend910c", "2025-09-01", false).value().channel == SupplyChannel::domestic);
  CHECK(of("h200-sxm", "2026-02-01", false).value().price_factor.p50 == doctest::Approx(1.25));
}

}  // namespace jevons
