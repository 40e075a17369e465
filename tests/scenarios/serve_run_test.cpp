// From a serving scenario to its answer.
#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

#include "scenarios/serve_answer.h"
#include "scenarios/serve_build.h"
#include "tests/scenarios/serve_desk.h"

namespace jevons {
namespace {

using test::answer;
using test::number;
using test::scenario;

bool says(const Answer& answer, const std::string& text) {
  return answer.text.find(text) != std::string::npos;
}

std::vector<RequestSpec> requests_of(const std::vector<Setting>& settings) {
  ServeRequests requests{scenario(settings)};
  std::vector<RequestSpec> all;
  for (RequestSpec spec; requests.source().next(spec);) all.push_back(spec);
  return all;
}

}  // namespace

TEST_CASE("every request is served and every token that was asked for is generated") {
  const JsonValue summary = answer().summary;
  CHECK(number(summary, "/requests/completed") == 200);
  CHECK(number(summary, "/requests/prompt_tokens") == 200 * 500);
  CHECK(number(summary, "/requests/output_tokens") == 200 * 100);
  const double window = number(summary, "/window_end_s");
  CHECK(number(summary, "/output_tokens_per_s") * window == doctest::Approx(200 * 100));
  CHECK(number(summary, "/latency/ttft/count") == 200);
  CHECK(number(summary, "/latency/itl/count") == 200 * 99);
}

TEST_CASE("joules by what they were spent on add up to those of the nodes") {
  RunContext context;
  const ServeOutcome outcome = serve(scenario(), context);
  const ServeFigures f = figures_of(outcome);
  double all = 0;
  for (const Int128 aj : outcome.result.whole.aj) all += from_attojoules(aj).in(unit::J);
  CHECK(f.node_j() == doctest::Approx(all).epsilon(1e-9));
  CHECK(f.host_j == doctest::Approx(1700.0 / 8 * 2 * f.window_s).epsilon(1e-6));
  CHECK(f.prefill_j > 0);
  CHECK(f.idle_j > 0);
  CHECK(f.mean_gpu_w > 50);
  CHECK(f.mean_gpu_w < 700);
}

TEST_CASE("stepping through iterations gives the same answer as stepping over them") {
  const JsonValue macro = answer().summary;
  const JsonValue stepped = answer({{R"(/stepping="iteration")"}}).summary;
  for (const char* key : {"/window_end_s", "/latency/ttft/p99_s", "/latency/itl/p50_s",
                          "/energy/gpu_decode_j", "/mean_decoding_per_replica"})
    CHECK(number(macro, key) == doctest::Approx(number(stepped, key)).epsilon(1e-12));
}

TEST_CASE("the same seed gives the same page and another seed another one") {
  CHECK(answer().text == answer().text);
  CHECK(answer().text != answer({{"/seed=2"}}).text);
}

TEST_CASE("the page says whether a chain of thought was added") {
  CHECK(says(answer(), "no chain of thought\n"));
  const Setting trace{R"(/workload={"kind": "trace", "trace": "azure-2023-conv", "limit": 50})"};
  CHECK(says(answer({trace}), "no chain of thought added: a trace says nothing about reasoning\n"));
  const Answer reasoning = answer({trace, {R"(/workload/reasoning={"share": 1})"}});
  CHECK(says(reasoning, "chain of thought ADDED to 100 % of requests, median 800 tokens"));
  CHECK(number(reasoning.summary, "/requests/thinking_tokens") > 50 * 100);
}

TEST_CASE("lengths that know their hidden reasoning bring it along") {
  const Setting lengths{
      R"(/workload/lengths={"kind": "measured", "table": "servegen-deepseek-r1"})"};
  const std::vector<RequestSpec> all = requests_of({lengths, {"/workload/requests=20000"}});
  double thinking = 0, output = 0;
  for (const RequestSpec& r : all) {
    thinking += r.thinking_tokens;
    output += r.output_tokens;
  }
  CHECK(thinking / output == doctest::Approx(0.70).epsilon(0.02));
}

TEST_CASE("measured lengths keep prompt and output of a request together") {
  const Setting lengths{R"(/workload/lengths={"kind": "measured", "table": "sharegpt"})"};
  const std::vector<RequestSpec> all = requests_of({lengths});
  REQUIRE(all.size() == 200);
  // The conversations of this table hold at most 8192 tokens; independent draws would pass that.
  CHECK(std::all_of(all.begin(), all.end(), [](const RequestSpec& r) {
    return r.prompt_tokens + r.output_tokens <= 8192;
  }));
}

TEST_CASE("a trace is replayed as dense as the load says and as far as the limit says") {
  const auto replay = [](const std::string& more) {
    return requests_of(
        {{R"(/workload={"kind": "trace", "trace": "azure-2023-conv", "limit": 100)" + more + "}"}});
  };
  const auto last = [](const std::vector<RequestSpec>& all) {
    return since_start(all.back().arrival).in(unit::s);
  };
  const auto once = replay("");
  CHECK(once.size() == 100);
  CHECK(last(replay(R"(, "load": 4)")) == doctest::Approx(last(once) / 4).epsilon(1e-6));
}

TEST_CASE("prompts that fill the context are left out and outputs end with it") {
  const std::vector<Setting> short_context{{"/model/max_context=550"},
                                           {"/workload/lengths="
                                            R"(
      {"kind": "lognormal", "prompt_median": 500, "prompt_sigma": 0.2, "output_median": 40})"}};
  const Answer cut = answer(short_context);
  const double left_out = number(cut.summary, "/requests/too_long");
  CHECK(left_out > 20);
  CHECK(number(cut.summary, "/requests/cut_to_context") > 20);
  CHECK(number(cut.summary, "/requests/completed") == 200 - left_out);
  CHECK(says(cut, "requests left out: their prompt fills the model's context"));
}

TEST_CASE("recorded rates become arrivals of that density") {
  const std::vector<RequestSpec> all = requests_of(
      {{R"(/workload/arrivals={"kind": "recorded", "rates": "servegen-deepseek-r1", "load": 2})"},
       {"/workload/requests=null"},
       {R"(/workload/duration="20 min")"}});
  const double expected = 600 * 2 * (14.8633 + 18.4033);
  CHECK(std::abs(static_cast<double>(all.size()) - expected) < 4 * std::sqrt(expected));
}

TEST_CASE("a closed loop keeps as many requests outstanding as it says") {
  const JsonValue summary =
      answer({{R"(/workload/arrivals={"kind": "closed_loop", "concurrency": 8})"},
              {"/fleet/replicas=1"}})
          .summary;
  CHECK(number(summary, "/peak_batch") == 8);
  CHECK(number(summary, "/mean_decoding_per_replica") > 7);
}

TEST_CASE("prefill and decode may run on different chips") {
  const Answer apart = answer({{R"(/fleet={"kind": "disaggregated",
      "prefill": {"replicas": 1}, "decode": {"replicas": 1, "chip": "h20-96"}})"}});
  CHECK(*find_pointer(apart.summary, "/pools/0/chip")->text() == "NVIDIA H100 SXM5 80GB");
  CHECK(find_pointer(apart.summary, "/pools/1/chip")->text()->find("H20") != std::string::npos);
  CHECK(number(apart.summary, "/requests/completed") == 200);
}

TEST_CASE("only what happens in the window is measured") {
  const JsonValue part = answer({{R"(/measure={"begin": "4 s", "end": "6 s"})"}}).summary;
  CHECK(number(part, "/window_begin_s") == 4);
  CHECK(number(part, "/window_end_s") == 6);
  CHECK(number(part, "/latency/ttft/count") < 60);
  CHECK(number(part, "/latency/ttft/count") > 20);
  CHECK(number(part, "/energy/gpu_j") < number(answer().summary, "/energy/gpu_j") / 3);
}

TEST_CASE("measuring that would begin after the last completion is refused") {
  const std::string refusal = test::complaint([] { answer({{R"(/measure={"begin": "1 h"})"}}); });
  CHECK(refusal.starts_with("scenario#/measure/begin: expected a time before the run ends, at "));
  CHECK(refusal.ends_with(" s, got 1 h"));
}

TEST_CASE("shipped serving scenarios are sound and answer on one page") {
  for (const auto& entry : std::filesystem::directory_iterator{test::project / "scenarios"}) {
    if (entry.path().extension() != ".json") continue;
    const std::string path = entry.path().string();
    const JsonDocument written = load_document(path, disk());
    if (*written.root.find("kind")->text() != "serve") continue;
    const Scenario shipped =
        load_scenario(path, std::vector<Setting>{{R"(/stop_at="11 min")"}},
                      {disk(), catalogues_in({test::project / "scenarios/parts"}), kinds()});
    RunContext context;
    const std::string page = shipped.kind.run(shipped.document, context).text;
    CHECK_MESSAGE(std::count(page.begin(), page.end(), '\n') <= 45, path);
    CHECK_MESSAGE(page.find("stopped with") != std::string::npos, path);
  }
}

}  // namespace jevons
