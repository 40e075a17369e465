// What must hold between the values of a scenario over years.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "models/demand/number_places.h"
#include "scenarios/check.h"
#include "scenarios/page.h"
#include "scenarios/years_scenario.h"

namespace jevons {
namespace {

class Court {
 public:
  Court(const YearsScenario& scenario, const JsonDocument& document)
      : scenario_{scenario}, world_{scenario.world}, document_{document} {}

  Mistakes judge() {
    hold(!world_.chips.empty(), "/chips", "at least one chip: supply needs chips", "none");
    // Everything that names a chip would complain of the same.
    if (!broken_.empty()) return std::move(broken_);
    times();
    names();
    innovations();
    paths();
    for (const auto& [name, input] : scenario_.uncertain) uncertain(input, "/uncertain/" + name);
    for (const auto& [name, lever] : scenario_.levers) pull(lever, "/levers/" + name);
    return std::move(broken_);
  }

 private:
  void hold(bool law, const std::string& pointer, std::string expected, std::string got,
            std::string hint = "") {
    if (!law)
      broken_.add(
          mistake_at(document_, pointer, std::move(expected), std::move(got), std::move(hint)));
  }

  void times() {
    hold(world_.end >= world_.start + 1, "/end", "at least one year after the start",
         figure(world_.end));
    const double years = world_.end - world_.start;
    hold(std::abs(years - std::round(years)) < 1e-9, "/end",
         "a whole number of years after the start", figure(world_.end));
    for (std::size_t i = 0; i < world_.innovations.size(); ++i)
      inside(world_.innovations[i].date, "/innovations/" + std::to_string(i) + "/date");
    for (std::size_t i = 0; i < world_.rules.size(); ++i)
      inside(world_.rules[i].date, "/rules/" + std::to_string(i) + "/date");
  }
  void inside(double date, const std::string& pointer) {
    hold(date >= world_.start && date <= world_.end, pointer,
         "a date between start and end, " + year(world_.start) + " to " + year(world_.end),
         year(date));
  }
  static std::string year(double y) {
    std::string text = std::to_string(y);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text;
  }

  template <class Map>
  void known(const Map& map, const std::string& name, const std::string& pointer,
             std::string_view what) {
    if (map.find(name) != map.end()) return;
    std::vector<std::string> ids;
    ids.reserve(map.size());
    for (const auto& [id, value] : map) ids.push_back(id);
    hold(false, pointer, "one of the " + std::string{what} + " " + joined(ids), '"' + name + '"',
         did_you_mean(name, ids, what));
  }
  void known_chip(const std::string& name, const std::string& pointer) {
    std::vector<std::string> ids;
    for (const ChipOffer& offer : world_.chips) ids.push_back(offer.chip.id);
    if (std::find(ids.begin(), ids.end(), name) != ids.end()) return;
    hold(false, pointer, "one of the chips " + joined(ids), '"' + name + '"',
         did_you_mean(name, ids, "chips"));
  }

  void names() {
    for (const auto& [region, facts] : world_.regions)
      chip_list(facts.forbidden, "/regions/" + region + "/forbidden");
    for (const auto& [lab, facts] : world_.labs) {
      known(world_.regions, facts.region, "/labs/" + lab + "/region", "regions");
      double gpus = 0;
      for (const auto& [chip, count] : facts.fleet) {
        known_chip(chip, "/labs/" + lab + "/fleet/" + chip);
        gpus += count;
      }
      for (const auto& [chip, count] : facts.on_order)
        known_chip(chip, "/labs/" + lab + "/on_order/" + chip);
      hold(gpus > 0, "/labs/" + lab + "/fleet", "some GPUs at the start", "none");
    }
    for (std::size_t i = 0; i < world_.rules.size(); ++i) {
      const std::string at = "/rules/" + std::to_string(i);
      known(world_.regions, world_.rules[i].region, at + "/region", "regions");
      chip_list(world_.rules[i].forbid, at + "/forbid");
      chip_list(world_.rules[i].allow, at + "/allow");
    }
    hold(!world_.labs.empty(), "/labs", "at least one lab", "none");
    hold(!world_.segments.empty(), "/segments", "at least one segment of demand", "none");
  }
  void chip_list(const std::vector<std::string>& chips, const std::string& pointer) {
    for (std::size_t i = 0; i < chips.size(); ++i)
      known_chip(chips[i], pointer + "/" + std::to_string(i));
  }

  // Two innovations of a lab, a channel and a day are one, and would be counted twice.
  void innovations() {
    const auto& all = world_.innovations;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const std::string at = "/innovations/" + std::to_string(i);
      if (!all[i].lab.empty()) known(world_.labs, all[i].lab, at + "/lab", "labs");
      hold(all[i].channel == Channel::algorithmic || all[i].training == 1, at + "/training",
           "1 for an innovation of chips, which serve and train alike", figure(all[i].training));
      for (std::size_t j = 0; j < i; ++j)
        hold(all[i].lab != all[j].lab || all[i].channel != all[j].channel ||
                 all[i].date != all[j].date,
             at, "an innovation that does not overlap another of its lab, channel and date",
             "the same as /innovations/" + std::to_string(j), "multiply their factors into one");
    }
  }

  void path(const YearPath& path, const std::string& pointer) {
    for (const auto& [key, value] : path) {
      double year = 0;
      const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), year);
      hold(error == std::errc{} && end == key.data() + key.size() && year >= 1900 && year <= 2200,
           pointer, R"(years such as "2025" or "2025.5" as keys)", '"' + key + '"');
    }
  }
  void paths() {
    path(world_.algorithms_inference, "/algorithms_inference");
    path(world_.algorithms_training, "/algorithms_training");
    for (const auto& [name, region] : world_.regions) {
      const std::string at = "/regions/" + name;
      path(region.carbon_g_per_kwh, at + "/carbon_g_per_kwh");
      path(region.marginal_carbon_g_per_kwh, at + "/marginal_carbon_g_per_kwh");
      path(region.electricity_usd_per_kwh, at + "/electricity_usd_per_kwh");
      path(region.pue, at + "/pue");
      path(region.water_l_per_kwh, at + "/water_l_per_kwh");
      path(region.power_limit_mw, at + "/power_limit_mw");
      path(region.access_h100e_per_year, at + "/access_h100e_per_year");
      path(region.carbon_usd_per_t, at + "/carbon_usd_per_t");
    }
    for (const auto& [name, lab] : world_.labs) {
      path(lab.investment_usd_per_year, "/labs/" + name + "/investment_usd_per_year");
      path(lab.training_usd_per_year, "/labs/" + name + "/training_usd_per_year");
      path(lab.reinvestment, "/labs/" + name + "/reinvestment");
    }
    for (const auto& [name, segment] : world_.segments) {
      const std::string at = "/segments/" + name;
      path(segment.length_factor, at + "/length_factor");
      path(segment.length_limit, at + "/length_limit");
      path(segment.adoption, at + "/adoption");
      path(segment.budget_usd_per_year, at + "/budget_usd_per_year");
    }
    for (std::size_t c = 0; c < world_.chips.size(); ++c) {
      const std::string at = "/chips/" + std::to_string(c);
      path(world_.chips[c].price_usd, at + "/price_usd");
      path(world_.chips[c].supply_per_year, at + "/supply_per_year");
      hold(!world_.chips[c].supply_per_year.empty(), at + "/supply_per_year", "at least one year",
           "none");
    }
  }

  void just_one(const std::vector<bool>& given, const std::string& pointer,
                const std::string& expected) {
    const auto count = std::count(given.begin(), given.end(), true);
    hold(count == 1, pointer, expected, count == 0 ? "none of them" : "more than one");
  }
  // Numbers stand at every place; `paths_only`: paths over years, which can change at a date.
  void places(const std::vector<std::string>& at, const std::string& pointer, bool has_value,
              bool paths_only) {
    hold(!at.empty(), pointer, "at least one place", "none");
    World copy = world_;
    for (std::size_t i = 0; i < at.size(); ++i) {
      const std::string here = pointer + "/" + std::to_string(i);
      const std::vector<NumberPlace> found = number_places(copy, at[i]);
      hold(!found.empty(), here, "a place where this scenario has a number", '"' + at[i] + '"',
           "such as \"/segments/*/price_elasticity\"");
      for (const NumberPlace& place : found) {
        if (paths_only)
          hold(place.path != nullptr, here, "a path over years, which can change at a date",
               "a number that holds for all years: \"" + at[i] + '"');
        else
          hold(place.path == nullptr || !has_value, here, "a number, which a value can replace",
               "a path over years: \"" + at[i] + '"', "give a factor");
      }
    }
  }
  void uncertain(const Uncertain& input, const std::string& pointer) {
    just_one({input.factor.has_value(), input.value.has_value(), input.growth.has_value()}, pointer,
             "one of factor, value and growth");
    places(input.at, pointer + "/at", input.value.has_value(), input.growth.has_value());
    const auto ordered = [&](const std::optional<Spread>& s, const char* key) {
      if (s)
        hold(s->p5 <= s->p50 && s->p50 <= s->p95, pointer + "/" + key, "p5 <= p50 <= p95",
             figure(s->p5) + ", " + figure(s->p50) + ", " + figure(s->p95));
    };
    ordered(input.factor, "factor");
    ordered(input.value, "value");
    ordered(input.growth, "growth");
  }
  void pull(const Lever& lever, const std::string& pointer) {
    inside(lever.from, pointer + "/from");
    hold(!lever.changes.empty() || lever.improvement || lever.deployment, pointer,
         "changes, an improvement or a deployment", "none of them");
    for (std::size_t i = 0; i < lever.changes.size(); ++i) {
      const std::string at = pointer + "/changes/" + std::to_string(i);
      just_one({lever.changes[i].factor.has_value(), lever.changes[i].value.has_value()}, at,
               "a factor or a value");
      places(lever.changes[i].at, at + "/at", lever.changes[i].value.has_value(), true);
    }
    if (lever.improvement)
      hold(lever.improvement->channel == Channel::algorithmic || lever.improvement->training == 1,
           pointer + "/improvement/training",
           "1 for an improvement of chips, which serve and train alike",
           figure(lever.improvement->training));
  }

  const YearsScenario& scenario_;
  const World& world_;
  const JsonDocument& document_;
  Mistakes broken_;
};

}  // namespace

Mistakes laws(const YearsScenario& scenario, const JsonDocument& document) {
  return Court{scenario, document}.judge();
}

}  // namespace jevons
