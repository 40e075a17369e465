// The questions that are shipped as scenarios: what their answers must obey whatever the numbers.
#include <doctest/doctest.h>

#include "models/llm/capability.h"
#include "tests/scenarios/serve_desk.h"

namespace jevons {
namespace {

JsonValue summary(const std::string& name, const std::vector<Setting>& settings = {}) {
  const std::string path = (test::project / "scenarios" / (name + ".json")).string();
  const Scenario scenario = load_scenario(
      path, settings, {disk(), catalogues_in({test::project / "scenarios/parts"}), kinds()});
  RunContext context;
  return scenario.kind.run(scenario.document, context).summary;
}

// Of a metric in an arm, by its place in the file.
double value(const JsonValue& s, int metric, const std::string& arm, const char* what = "values") {
  return test::number(s, "/metrics/" + std::to_string(metric) + "/" + what + "/" + arm);
}

}  // namespace

TEST_CASE("every shipped scenario is sound") {
  for (const auto& entry : std::filesystem::directory_iterator{test::project / "scenarios"}) {
    if (entry.path().extension() != ".json") continue;
    const std::string path = entry.path().string();
    const std::string wrong = test::complaint([&path] {
      load_scenario(path, {},
                    {disk(), catalogues_in({test::project / "scenarios/parts"}), kinds()});
    });
    CHECK_MESSAGE(wrong.empty(), wrong);
  }
}

TEST_CASE("the dense twins in the catalogue are those of the mixture beside them") {
  const Catalogues parts = catalogues_in({test::project / "scenarios/parts"});
  const auto mixture = read_entry<ModelCard>(parts, "deepseek-v3");
  const auto is_made = [&](const char* id, double exponent) {
    const auto shipped = read_entry<ModelCard>(parts, id);
    const ModelCard made = dense_twin(mixture, effective_parameters(mixture, exponent));
    CHECK(shipped.layers == made.layers);
    CHECK(shipped.hidden == made.hidden);
    CHECK(shipped.ffn_inner == made.ffn_inner);
    CHECK(shipped.attention.heads == made.attention.heads);
    CHECK(parameters(shipped).total() == parameters(made).total());
  };
  is_made("deepseek-v3-dense-twin-low", assumed_sparsity_exponent_low);
  is_made("deepseek-v3-dense-twin", assumed_sparsity_exponent);
  is_made("deepseek-v3-dense-twin-high", assumed_sparsity_exponent_high);
}

// Published: 101,376 GPU-hours on 512 H800 (arXiv:2501.12948, appendix B.4.4). Neither layout nor
// batches of its rollouts are.
TEST_CASE("DeepSeek R1 Zero takes GPU hours within a factor of 1.5 of the published") {
  const double hours = test::number(summary("r1_grpo"), "/gpu_hours");
  CHECK(hours < 1.5 * 101'376);
  CHECK(hours > 101'376 / 1.5);
}

TEST_CASE("PPO holds a critic and spends more joules on an update than GRPO") {
  const JsonValue s = summary("grpo_vs_ppo");
  CHECK(value(s, 1, "PPO") > value(s, 1, "GRPO"));
  CHECK(value(s, 1, "PPO") - value(s, 1, "GRPO") ==
        doctest::Approx(value(s, 2, "PPO")).epsilon(1e-9));
  CHECK(value(s, 5, "PPO", "ratios") > 1);
  CHECK(value(s, 5, "PPO", "ratios") < 2);
}

TEST_CASE("a mixture and its dense twin reach one loss and the twin trains longer") {
  const JsonValue s = summary("moe_vs_dense");
  CHECK(value(s, 2, "dense twin", "ratios") == doctest::Approx(1).epsilon(0.005));
  CHECK(value(s, 3, "dense twin", "ratios") > 2);
  // No more than the parameters a token passes.
  CHECK(value(s, 3, "dense twin", "ratios") < value(s, 1, "dense twin", "ratios"));
  // Days and joules of training follow the range of the exponent.
  for (const int metric : {0, 3, 4}) {
    CHECK(value(s, metric, "twin low (0.3)", "ratios") < value(s, metric, "dense twin", "ratios"));
    CHECK(value(s, metric, "twin high (0.7)", "ratios") > value(s, metric, "dense twin", "ratios"));
  }
  CHECK(value(s, 3, "twin low (0.3)", "ratios") > 1);
}

TEST_CASE("at the break even both arms have spent the same energy") {
  const JsonValue s = summary("breakeven");
  const double tasks = test::number(s, "/break_evens/0/arms/mixture reasoning/count");
  const auto spent = [&](const std::string& arm) {
    return value(s, 0, arm) + tasks * value(s, 4, arm);
  };
  CHECK(spent("dense twin") == doctest::Approx(spent("mixture reasoning")).epsilon(1e-9));
  CHECK(test::number(s, "/break_evens/0/arms/mixture reasoning/days") ==
        doctest::Approx(tasks / 100e6));
  CHECK(find_pointer(s, "/break_evens/0/arms/mixture short answers/count")->is_null());
  // Low and high: the same against the twins at the ends of the range.
  const auto against = [&](const std::string& twin) {
    return (value(s, 0, twin) - value(s, 0, "mixture reasoning")) /
           (value(s, 4, "mixture reasoning") - value(s, 4, twin));
  };
  const double low = test::number(s, "/break_evens/0/arms/mixture reasoning/count_low");
  const double high = test::number(s, "/break_evens/0/arms/mixture reasoning/count_high");
  CHECK(low == doctest::Approx(against("twin low (0.3)")).epsilon(1e-9));
  CHECK(high == doctest::Approx(against("twin high (0.7)")).epsilon(1e-9));
  CHECK(low < tasks);
  CHECK(tasks < high);
  CHECK(find_pointer(s, "/break_evens/0/arms/twin low (0.3)") == nullptr);
}

TEST_CASE("chips of one price cost the same rent per day in equal value") {
  const JsonValue s = summary("same_model_five_tiers");
  const auto rent_a_day = [&s](const std::string& arm) {
    return value(s, 7, arm) / value(s, 3, arm);
  };
  for (const char* arm : {"H800 for the price", "H20 for the price", "A800 for the price"})
    CHECK(rent_a_day(arm) == doctest::Approx(rent_a_day("H100")).epsilon(0.06));
  CHECK(value(s, 3, "H20") > value(s, 3, "H100"));
}

}  // namespace jevons
