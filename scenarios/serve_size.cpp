#include "scenarios/serve_size.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "scenarios/page.h"
#include "scenarios/serve_answer.h"
#include "scenarios/serve_build.h"
#include "scenarios/unit_text.h"

namespace jevons {
namespace {

constexpr int most_replicas = 4096;

[[noreturn]] void refuse_slo(std::string expected, std::string got, std::string hint = "") {
  throw ScenarioError{
      Mistake{"--slo", 0, "", std::move(expected), std::move(got), std::move(hint)}};
}

// "50ms" is as good as "50 ms".
Time time_from(const std::string& text) {
  std::string spaced = text;
  const auto unit_at = std::find_if(spaced.begin(), spaced.end(),
                                    [](unsigned char c) { return std::isalpha(c) != 0; });
  if (unit_at != spaced.begin() && unit_at != spaced.end() && *(unit_at - 1) != ' ')
    spaced.insert(unit_at, ' ');
  const auto read = read_quantity(spaced, dimension<Time>);
  if (const auto* problem = std::get_if<UnitProblem>(&read))
    refuse_slo("a time such as \"50 ms\"", in_quotes(text), problem->hint);
  const Time time = Time::from_base(std::get<double>(read));
  if (time < 1 * unit::us || time > 1 * unit::day)
    refuse_slo("a time from 1 us to 1 day", in_quotes(text));
  return time;
}

// Lets the user interrupt a run.
class Watch final : public ServingObserver {
 public:
  explicit Watch(RunContext& context) : context_{&context} {}
  bool go_on() override {
    context_->progress(0);
    return true;
  }

 private:
  RunContext* context_;
};

// Tries fleets of a scenario and remembers what came of them.
class Sizing {
 public:
  Sizing(ServeScenario scenario, RunContext& context)
      : scenario_{std::move(scenario)}, config_{serving_config(scenario_)}, context_{&context} {
    config_.autoscaling.reset();
    for (const PoolConfig& pool : config_.pools) replicas_.push_back(pool.replicas);
  }

  // Fewest replicas of each pool in turn, the last pool first, while the others have enough.
  bool solve() {
    if (!grow()) return false;
    for (std::size_t p = replicas_.size(); p-- > 0;) shrink(p);
    return true;
  }
  const std::vector<SizeTrial>& trials() const { return trials_; }
  const std::vector<int>& replicas() const { return replicas_; }
  const ServingConfig& config() const { return config_; }

 private:
  bool grow() {
    while (!is_enough()) {
      for (int& n : replicas_) n *= 2;
      has_grown_ = true;
      if (*std::max_element(replicas_.begin(), replicas_.end()) > most_replicas) return false;
    }
    return true;
  }
  void shrink(std::size_t pool) {
    // Half of what is enough was tried on the way up; of two pools it may have been the other's
    // fault.
    int too_few = has_grown_ && replicas_.size() == 1 ? replicas_[pool] / 2 : 0;
    for (int enough = replicas_[pool]; enough - too_few > 1;) {
      replicas_[pool] = too_few + (enough - too_few) / 2;
      (is_enough() ? enough : too_few) = replicas_[pool];
      replicas_[pool] = enough;
    }
  }
  bool is_enough();

  ServeScenario scenario_;
  ServingConfig config_;
  RunContext* context_;
  std::vector<int> replicas_;
  std::vector<SizeTrial> trials_;
  bool has_grown_ = false;
};

bool Sizing::is_enough() {
  for (std::size_t p = 0; p < replicas_.size(); ++p) config_.pools[p].replicas = replicas_[p];
  ServeRequests requests{scenario_};
  Watch watch{*context_};
  const ServingResult r = simulate(config_, requests.source(), &watch);
  const auto p95 = [](const QuantileSketch<std::int64_t>& sketch) {
    return sketch.empty() ? Time{} : sketch.quantile(0.95) * unit::ns;
  };
  SizeTrial trial{replicas_, p95(r.latency.ttft), p95(r.latency.tpot)};
  trial.is_enough = trial.ttft <= config_.slo.ttft && trial.tpot <= config_.slo.tpot &&
                    !r.was_stopped && r.measured_requests > 0;
  trials_.push_back(trial);
  return trial.is_enough;
}

std::string replicas_text(const std::vector<int>& replicas) {
  if (replicas.size() == 1) return grouped(replicas.front());
  return grouped(replicas.front()) + " + " + grouped(replicas.back());
}

std::string trials_text(const Sizing& sizing) {
  const bool is_apart = sizing.replicas().size() > 1;
  TextTable table{
      {{is_apart ? "prefill + decode" : "replicas", "TTFT p95, ms", "TPOT p95, ms", ""}}};
  std::vector<SizeTrial> trials = sizing.trials();
  std::sort(trials.begin(), trials.end(),
            [](const SizeTrial& a, const SizeTrial& b) { return a.replicas < b.replicas; });
  for (const SizeTrial& t : trials)
    table.rows.push_back({replicas_text(t.replicas), figure(t.ttft.in(unit::ms)),
                          figure(t.tpot.in(unit::ms)), t.is_enough ? "enough" : "too few"});
  return table.to_text(2);
}

JsonValue trials_json(const Sizing& sizing) {
  const auto number = [](auto value) { return JsonValue{json_number(value), {}}; };
  JsonValue::List list;
  for (const SizeTrial& t : sizing.trials()) {
    JsonValue::List replicas;
    for (const int n : t.replicas) replicas.push_back(number(std::int64_t{n}));
    list.push_back({JsonValue::Object{{"replicas", {std::move(replicas), {}}, {}},
                                      {"ttft_p95_s", number(t.ttft.in(unit::s)), {}},
                                      {"tpot_p95_s", number(t.tpot.in(unit::s)), {}},
                                      {"is_enough", {t.is_enough, {}}, {}}},
                    {}});
  }
  return {std::move(list), {}};
}

}  // namespace

Slo slo_from(const std::string& text, Slo slo) {
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string part = text.substr(begin, end - begin);
    const std::size_t equals = part.find('=');
    const std::string name = part.substr(0, equals);
    if (equals == std::string::npos || (name != "ttft" && name != "tpot"))
      refuse_slo("ttft=TIME,tpot=TIME or one of them", in_quotes(part),
                 "such as ttft=2s,tpot=50ms");
    (name == "ttft" ? slo.ttft : slo.tpot) = time_from(part.substr(equals + 1));
    begin = end + 1;
  }
  return slo;
}

Answer size(ServeScenario scenario, RunContext& context) {
  const Slo slo = scenario.slo;
  const std::string name = scenario.title.empty() ? scenario.model.name : scenario.title;
  Sizing sizing{std::move(scenario), context};
  const bool is_solved = sizing.solve();
  int gpus = 0;
  int nodes = 0;
  for (std::size_t p = 0; p < sizing.replicas().size(); ++p) {
    const Parallelism& spread = sizing.config().pools[p].model.parallelism;
    const int of_pool = sizing.replicas()[p] * spread.gpus();
    gpus += of_pool;
    nodes += (of_pool + spread.gpus_per_node - 1) / spread.gpus_per_node;
  }
  const std::string objective =
      "TTFT " + print(slo.ttft) + " and TPOT " + print(slo.tpot) + " at the 95th percentile";
  Answer answer;
  answer.text = name + "\n\n" + trials_text(sizing) + "\n  ";
  if (is_solved)
    answer.text += replicas_text(sizing.replicas()) + " replicas, " + grouped(gpus) + " GPUs in " +
                   grouped(nodes) + " nodes, keep " + objective + ".\n";
  else
    answer.text +=
        "No fleet of up to " + grouped(most_replicas) + " replicas keeps " + objective + ".\n";
  JsonValue::List replicas;
  for (const int n : sizing.replicas()) replicas.push_back({json_number(std::int64_t{n}), {}});
  answer.summary = {JsonValue::Object{{"is_solved", {is_solved, {}}, {}},
                                      {"replicas", {std::move(replicas), {}}, {}},
                                      {"gpus", {json_number(std::int64_t{gpus}), {}}, {}},
                                      {"nodes", {json_number(std::int64_t{nodes}), {}}, {}},
                                      {"slo_ttft_s", {json_number(slo.ttft.in(unit::s)), {}}, {}},
                                      {"slo_tpot_s", {json_number(slo.tpot.in(unit::s)), {}}, {}},
                                      {"trials", trials_json(sizing), {}}},
                    {}};
  return answer;
}

}  // namespace jevons
