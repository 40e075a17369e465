#pragma once
// kind "compare": the same work on chips of several tiers, each with a fleet of its own, with
// ranges. What a run means stands in studies/compare.h.
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "models/economics/ownership.h"
#include "models/economics/spread.h"
#include "models/jobs/inference/serving_config.h"
#include "models/llm/transformer.h"
#include "models/policy/chip_market.h"
#include "scenarios/kinds.h"
#include "sim/fields.h"

namespace jevons {

struct ComparedTier {
  std::string label;  // absent: the id of the chip
  ChipSpec chip;
  std::optional<Spread> price_usd;  // absent: that of the chip, with a range by its confidence

  template <class Visitor>
  void fields(Visitor&& field) {
    field("label", label, "as printed; absent: the id of the chip");
    field(required("chip"), chip, "accelerator");
    field("price_usd", price_usd, "of one chip; absent: the catalogue's, ranged by its confidence");
  }
};

struct EqualCount {
  static constexpr std::string_view name = "equal_count";
  double gpus = 2048;
  template <class Visitor>
  void fields(Visitor&& field) {
    field("gpus", gpus, Range{1.0, 1e9}, "GPUs of every fleet");
  }
};
struct EqualMoney {
  static constexpr std::string_view name = "equal_money";
  Money capex = 1e8 * unit::usd;
  template <class Visitor>
  void fields(Visitor&& field) {
    field("capex", capex, Range{1e3 * unit::usd, 1e13 * unit::usd},
          "spent on chips, servers, network and building");
  }
};
struct EqualPower {
  static constexpr std::string_view name = "equal_power";
  Power power = 3 * unit::MW;
  template <class Visitor>
  void fields(Visitor&& field) {
    field("power", power, Range{1 * unit::kW, 1e6 * unit::MW},
          "of the facility when all GPUs draw their limit");
  }
};
// What a rule leaves: the supply of the channel through which the chip comes.
struct Available {
  static constexpr std::string_view name = "available";
  double year = 2025;
  double share = 0.01;  // of that supply
  template <class Visitor>
  void fields(Visitor&& field) {
    field("year", year, Range{2000.0, 2100.0}, "whose supply counts");
    field("share", share, Range{1e-9, 1.0}, "of the channel's supply that this fleet gets");
  }
};
using ComparedFleet = std::variant<EqualCount, EqualMoney, EqualPower, Available>;

// Under which rules chips are bought; fee, tariff and premium go on their price.
struct BuyingRules {
  std::string date, destination = "CN";
  RegionAccess region;
  PolicyStatus most = PolicyStatus::case_by_case;
  bool smuggles = false;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("date"), date, "day of the deal, such as 2026-02-01");
    field("destination", destination, "country code");
    field(required("region"), region, "whose channels deliver");
    field("most", most, "the strictest status at which a seller still delivers");
    field("smuggles", smuggles, "chips that cannot be bought legally are smuggled");
  }
};

struct TrainWork {
  static constexpr std::string_view name = "train";
  std::string label = "training";
  ModelCard model;
  double tokens = 14.8e12;
  int gpus = 2048, global_batch = 4096, sequence = 4096;
  Spread goodput{0.85, 0.92, 0.97};

  template <class Visitor>
  void fields(Visitor&& field) {
    field("label", label, "as printed");
    field(required("model"), model, "what is trained");
    field("tokens", tokens, Range{1.0, 1e18}, "it is trained on");
    field("gpus", gpus, Range{1, 1'000'000}, "of the job whose parallelism is searched");
    field("global_batch", global_batch, Range{1, 10'000'000}, "sequences of a step");
    field("sequence", sequence, Range{1, 10'000'000}, "tokens of a sequence");
    field("goodput", goodput, "share of time that is progress: failures, restarts, checkpoints");
  }
};

struct PostTrainWork {
  static constexpr std::string_view name = "grpo";
  std::string label = "post-training";
  ModelCard model;
  double steps = 1000;
  int gpus = 64, prompts = 32, samples = 16;
  int prompt_tokens = 200, longest = 8192;
  double mean_tokens = 2000;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("label", label, "as printed");
    field(required("model"), model, "policy");
    field("steps", steps, Range{1.0, 1e9}, "of rollout and update");
    field("gpus", gpus, Range{1, 100'000}, "that share a step, rollouts and updates in turn");
    field("prompts", prompts, Range{1, 1'000'000}, "of a step");
    field("samples", samples, Range{1, 100'000}, "answers to each");
    field("prompt_tokens", prompt_tokens, Range{1, 1'000'000}, "tokens of a prompt");
    field("longest", longest, Range{16, 1'000'000}, "answers are cut here");
    field("mean_tokens", mean_tokens, Range{1.0, 1e6}, "mean tokens of an answer");
  }
};

struct ServeWork {
  static constexpr std::string_view name = "serve";
  std::string label = "serving";
  ModelCard model;
  double tokens = 1e12;  // output
  double input_tokens = 1000, output_tokens = 300, spread = 0.8;
  Slo slo;
  double attainment = 0.9;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("label", label, "as printed");
    field(required("model"), model, "what is served");
    field("tokens", tokens, Range{1.0, 1e20}, "output tokens, all in all");
    field("input_tokens", input_tokens, Range{1.0, 1e6}, "mean of prompts");
    field("output_tokens", output_tokens, Range{1.0, 1e6}, "mean of outputs, thoughts included");
    field("spread", spread, Range{0.0, 3.0}, "deviation of the logarithm of both");
    field("slo", slo, "objective of a request");
    field("attainment", attainment, Range{0.01, 1.0}, "share of requests that must meet it");
  }
};

// Hours of the reference chip spent on other works of the list.
struct MixWork {
  static constexpr std::string_view name = "mix";
  std::string label = "mix";
  std::map<std::string, double> shares;
  double hours = 1e6;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("label", label, "as printed");
    field(required("shares"), shares, Range{0.0, 1.0},
          "label of a work -> share of the reference's GPU-hours");
    field("hours", hours, Range{1.0, 1e15}, "GPU-hours of the reference chip, all in all");
  }
};
using ComparedWork = std::variant<TrainWork, PostTrainWork, ServeWork, MixWork>;
const std::string& label_of(const ComparedWork& work);

struct CompareScenario {
  static constexpr std::string_view name = "compare";
  static constexpr std::string_view help = "the same work on fleets of several chips, with ranges";
  std::string title, note;
  std::uint64_t seed = 1;
  std::vector<ComparedTier> tiers;  // the first is the reference
  ComparedFleet fleet;
  std::optional<BuyingRules> rules;
  std::vector<ComparedWork> works;
  OwnershipTerms costs;
  Spread electricity_usd_per_kwh{0.05, 0.08, 0.12};
  Spread carbon_g_per_kwh{250, 450, 650};
  Spread pue{1.1, 1.2, 1.4};
  Spread interest{0.05, 0.08, 0.12};
  Spread chip_life_years{4, 5, 6};
  Spread server_usd{6000, 9000, 14000};
  Power host_power_per_gpu = 212.5 * unit::W;
  std::optional<Time> deadline;  // for the chips that are needed; absent: that of the reference
  int samples = 400;
  int requests = 300;                 // of a simulated window of serving
  std::string published, difference;  // what others found, and why we differ

  template <class Visitor>
  void fields(Visitor&& field) {
    field("name", title, "as printed");
    field("note", note, "remark for readers");
    field("seed", seed, "seed of every random stream");
    field(required("tiers"), tiers, "chips that are compared; the first is the reference");
    field("fleet", fleet, "what the fleets have in common");
    field("rules", rules, "export rules and channels; absent: everybody buys at list price");
    field(required("works"), works, "what is done");
    field("costs", costs, "cost of ownership; ranges below go before its values");
    field("electricity_usd_per_kwh", electricity_usd_per_kwh, "price of energy");
    field("carbon_g_per_kwh", carbon_g_per_kwh, "of the grid");
    field("pue", pue, "energy of the facility over that of its equipment");
    field("interest", interest, "a year");
    field("chip_life_years", chip_life_years, "until chips, servers and network are written off");
    field("server_usd", server_usd, "server without chips, per GPU");
    field("host_power_per_gpu", host_power_per_gpu, Range{0 * unit::W, 100 * unit::kW},
          "of a node without its GPUs, per GPU, drawn all the time");
    field("deadline", deadline, Range{1 * unit::s, 1000 * unit::year},
          "by which chips needed are counted; absent: when the reference fleet is done");
    field("samples", samples, Range{2, 100'000}, "of the uncertain inputs");
    field("requests", requests, Range{100, 1'000'000}, "of a simulated window of serving");
    field("published", published, "what others found");
    field("difference", difference, "why this result differs from it");
  }
};

Mistakes laws(const CompareScenario& scenario, const JsonDocument& document);
// Asks the study that the context brings along.
Answer run(const CompareScenario& scenario, RunContext& context);

}  // namespace jevons
