#pragma once
// A world that can be followed by hand: one lab, one region, one segment, one chip.
#include "models/demand/years.h"

namespace jevons {

inline YearsSetup small_world() {
  YearsSetup setup;
  World& world = setup.world;
  world.start = 2024;
  world.end = 2034;
  world.regions["here"] = {.carbon_g_per_kwh = {{"2024", 400}},
                           .marginal_carbon_g_per_kwh = {},
                           .electricity_usd_per_kwh = {{"2024", 0.08}},
                           .pue = {{"2024", 1.2}},
                           .water_l_per_kwh = {{"2024", 2}},
                           .power_limit_mw = {},
                           .access_h100e_per_year = {},
                           .forbidden = {},
                           .export_tier = {},
                           .carbon_usd_per_t = {}};
  world.labs["lab"] = {.region = "here",
                       .cash_usd = 1e12,
                       .investment_usd_per_year = {},
                       .training_usd_per_year = {},
                       .reinvestment = {},
                       .fleet = {{"chip", 50'000}},
                       .on_order = {}};
  Segment chat;
  chat.tasks_per_day = 1e9;
  chat.input_tokens = 1000;
  chat.output_tokens = 1000;
  world.segments["chat"] = chat;
  ChipOffer chip;
  chip.chip.id = "chip";
  chip.release = 2022;
  chip.price_usd = {{"2024", 30'000}};
  chip.supply_per_year = {{"2024", 1e9}};
  world.chips.push_back(chip);
  ServingRate serving{.tokens_per_s = 400};
  for (std::size_t i = 0; i < serving.watts.size(); ++i)
    serving.watts[i] = 150 + 60 * static_cast<double>(i);
  setup.rates.push_back({.serving = {serving}, .training = {.flop_per_s = 4e14, .watts = 600}});
  return setup;
}

// Fleets follow demand at once and the whole price answers to innovations.
inline YearsSetup frictionless_world(double elasticity) {
  YearsSetup setup = small_world();
  setup.world.conduct.is_frictionless = true;
  setup.world.conduct.pass_through = 1;
  setup.world.labs["lab"].reinvestment = {{"2024", 0}};
  setup.world.segments["chat"].demand = {DemandForm::constant, elasticity, 100};
  setup.world.innovations.push_back({.date = 2024, .lab = "lab", .inference = 3});
  return setup;
}

}  // namespace jevons
