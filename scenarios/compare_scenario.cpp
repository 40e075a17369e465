#include "scenarios/compare_scenario.h"

#include <algorithm>
#include <cmath>

#include "scenarios/check.h"
#include "scenarios/part_laws.h"
#include "scenarios/rulebook_io.h"

namespace jevons {

namespace {

struct CompareLaws {
  const CompareScenario& scenario;
  const JsonDocument& document;
  Mistakes broken{};

  void hold(bool law, const std::string& pointer, std::string expected, std::string got,
            std::string hint = "") {
    if (!law)
      broken.add(
          mistake_at(document, pointer, std::move(expected), std::move(got), std::move(hint)));
  }
  void ordered(const Spread& s, const std::string& pointer, double least) {
    hold(s.p5 <= s.p50 && s.p50 <= s.p95, pointer, "p5, p50 and p95 that do not fall",
         json_number(s.p5).spelled + ", " + json_number(s.p50).spelled + ", " +
             json_number(s.p95).spelled);
    hold(s.p5 >= least, pointer + "/p5", "a number of at least " + json_number(least).spelled,
         json_number(s.p5).spelled);
  }
  void spreads() {
    ordered(scenario.electricity_usd_per_kwh, "/electricity_usd_per_kwh", 0);
    ordered(scenario.carbon_g_per_kwh, "/carbon_g_per_kwh", 0);
    ordered(scenario.pue, "/pue", 1);
    ordered(scenario.interest, "/interest", 0);
    ordered(scenario.chip_life_years, "/chip_life_years", 0.1);
    ordered(scenario.server_usd, "/server_usd", 0);
  }
  void tiers() {
    hold(scenario.tiers.size() >= 2, "/tiers", "at least two tiers",
         std::to_string(scenario.tiers.size()));
    for (std::size_t i = 0; i < scenario.tiers.size(); ++i) {
      const ComparedTier& t = scenario.tiers[i];
      const std::string place = "/tiers/" + std::to_string(i);
      broken.add(laws_to_simulate(t.chip, document, place + "/chip"));
      hold(t.chip.link_bandwidth.has_value(), place + "/chip/link_bandwidth",
           "the rate of the link between chips", "unknown",
           "state what you assume, such as \"400 GB/s\"");
      hold(t.price_usd || t.chip.price, place + "/price_usd", "a price", "unknown",
           "state what you assume, such as { \"p5\": 9000, \"p50\": 12000, \"p95\": 15000 }");
      if (t.price_usd) ordered(*t.price_usd, place + "/price_usd", 1);
    }
  }
  void works() {
    hold(!scenario.works.empty(), "/works", "at least one work", "none");
    std::vector<std::string> labels;
    for (std::size_t i = 0; i < scenario.works.size(); ++i) {
      const std::string place = "/works/" + std::to_string(i);
      const std::string& label = label_of(scenario.works[i]);
      hold(std::find(labels.begin(), labels.end(), label) == labels.end(), place + "/label",
           "a label that no other work has", in_quotes(label));
      if (const auto* mix = std::get_if<MixWork>(&scenario.works[i])) mixed(*mix, labels, place);
      if (const auto* train = std::get_if<TrainWork>(&scenario.works[i]))
        ordered(train->goodput, place + "/goodput", 0.01);
      labels.push_back(label);
    }
  }
  void mixed(const MixWork& mix, const std::vector<std::string>& labels, const std::string& place) {
    double sum = 0;
    for (const auto& [label, share] : mix.shares) {
      sum += share;
      hold(std::find(labels.begin(), labels.end(), label) != labels.end(), place + "/shares",
           "labels of works above", in_quotes(label), did_you_mean(label, labels, "labels"));
    }
    hold(std::abs(sum - 1) < 1e-6, place + "/shares", "shares that sum to 1",
         json_number(sum).spelled);
  }
  void rules() {
    const bool needs = std::holds_alternative<Available>(scenario.fleet);
    hold(!needs || scenario.rules.has_value(), "/rules",
         "the rules under which a fleet of kind available is bought", "none");
    if (scenario.rules)
      hold(is_date(scenario.rules->date), "/rules/date", "a day such as \"2026-02-01\"",
           in_quotes(scenario.rules->date));
  }
};

}  // namespace

const std::string& label_of(const ComparedWork& work) {
  return std::visit([](const auto& w) -> const std::string& { return w.label; }, work);
}

Mistakes laws(const CompareScenario& scenario, const JsonDocument& document) {
  CompareLaws all{scenario, document};
  all.tiers();
  all.works();
  all.spreads();
  all.rules();
  return std::move(all.broken);
}

Answer run(const CompareScenario& scenario, RunContext& context) {
  ensure(context.compare != nullptr, "a comparison is run by a program that has its study");
  return context.compare(scenario, context);
}

}  // namespace jevons
