#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "scenarios/catalogue.h"
#include "studies/deployment_names.h"
#include "studies/deployment_rows.h"
#include "studies/overhead.h"
#include "studies/vllm_run.h"
#include "tests/support/temporary_path.h"

namespace jevons {
namespace {

namespace fs = std::filesystem;

const fs::path project{JEVONS_SOURCE_DIR};

Catalogues parts() {
  return catalogues_in({project / "scenarios" / "parts"});
}

// A table of deployments with one row.
std::vector<MeasuredDeployment> read_row(const std::string& row) {
  const fs::path path = temporary_path("deployment.csv");
  std::ofstream{path}
      << "id,silicon_data_source,backend,backend_version,model_path,precision,system,mode,isl,osl,"
         "gemm_quant_mode,moe_quant_mode,batch_size,tp_size,pp_size,attention_dp_size,moe_tp_size,"
         "moe_ep_size,prefill_num_workers,prefill_tp_size,prefill_pp_size,"
         "prefill_attention_dp_size,prefill_moe_tp_size,prefill_moe_ep_size,decode_num_workers,"
         "decode_tp_size,decode_pp_size,decode_attention_dp_size,decode_moe_tp_size,"
         "decode_moe_ep_size,silicon_ttft_ms,silicon_tpot_ms\n"
      << row << "\n";
  auto rows = read_end_to_end(path.string(), parts());
  fs::remove(path);
  return rows;
}

TEST_CASE("names of published tables are found in the catalogues") {
  const std::vector<std::string> models = parts().ids("models");
  CHECK(model_id_of("Qwen/Qwen3-235B-A22B-Instruct-2507-FP8", models) == "qwen3-235b-a22b");
  CHECK(model_id_of("meta-llama/Llama-4-Scout-17B-16E-Instruct", models) == "llama-4-scout");
  CHECK(model_id_of("meta-llama/Meta-Llama-3.1-8B-Instruct", models) == "llama-3.1-8b");
  CHECK(model_id_of("nvidia/DeepSeek-V3.1-NVFP4", models) == "deepseek-v3");
  CHECK(model_id_of("nvidia/NVIDIA-Nemotron-Nano-9B-v2", models).empty());
  const std::vector<std::string> chips = parts().ids("chips");
  CHECK(chip_id_of("h100_sxm", chips) == "h100-sxm");
  CHECK(chip_id_of("B200", chips) == "b200");
  CHECK(chip_id_of("A100-SXM4-40GB", chips) == "a100-40-sxm");
  CHECK(chip_id_of("H900", chips).empty());
}

TEST_CASE("a deployment row names workers and load and what was measured") {
  const auto rows = read_row(
      "a,silicon_concurrency=64; measured=2025-11-01,trtllm,1.0,deepseek-ai/DeepSeek-R1,fp8,"
      "h200_sxm,agg,1024,1024,fp8,fp8,64,8,1,1,8,1,,,,,,,,,,,,,500,30");
  REQUIRE(rows.size() == 1);
  CHECK_FALSE(rows[0].refusal);
  const Deployment& d = rows[0].deployment;
  CHECK(d.model == "deepseek-r1");
  CHECK(d.year == 2025);
  CHECK(d.weights == Precision::fp8_block);
  CHECK(d.gpus() == 8);
  CHECK(d.load.concurrency == 64);
  CHECK(*rows[0].measured.ttft_s == doctest::Approx(0.5));
  CHECK(*rows[0].measured.tpot_s == doctest::Approx(0.03));
}

TEST_CASE("a worker that stands as the square of its GPUs is read as one machine") {
  const auto rows = read_row(
      "a,silicon_concurrency=16; measured=2025-12-01,trtllm,1.0,deepseek-ai/DeepSeek-R1,fp4,"
      "b200_sxm,agg,1024,1024,nvfp4,nvfp4,16,64,1,1,8,8,,,,,,,,,,,,,260,7");
  CHECK(rows[0].deployment.gpus() == 8);
  CHECK(rows[0].deployment.workers[0].parallelism.ep == 8);
}

TEST_CASE("rows that cannot be understood are returned with the reason") {
  const std::string rest = ",1024,1024,fp8,fp8,16,8,1,1,8,1,,,,,,,,,,,,,260,7";
  CHECK(read_row("a,x,vllm,1,some/Model,fp8,b200_sxm,agg" + rest)[0].refusal ==
        Refusal::unknown_model);
  CHECK(read_row("a,x,vllm,1,Qwen/Qwen3-32B,fp8,b900,agg" + rest)[0].refusal ==
        Refusal::unknown_chip);
  CHECK(read_row("a,x,vllm,1,Qwen/Qwen3-32B,fp8,b200_sxm,disagg" + rest)[0].refusal ==
        Refusal::worker_counts_missing);
  CHECK(read_row("a,x,vllm,1,Qwen/Qwen3-32B,fp2,b200_sxm,agg,1024,1024,fp2,fp2,16,8,1,1,8,1,,,,,,,"
                 ",,,,,,260,7")[0]
            .refusal == Refusal::unknown_precision);
}

TEST_CASE("a run published under two names of one architecture has one key") {
  Deployment d;
  d.model = "deepseek-r1";
  d.workers = {Workers{}};
  Deployment other = d;
  other.model = "deepseek-v3";
  CHECK(key_of(d) == key_of(other));
  other.load.concurrency = d.load.concurrency + 1;
  CHECK(key_of(d) != key_of(other));
}

TEST_CASE("a larger batch decodes slower and delivers more") {
  ReplayParts bench{parts(), project / "calibration" / "profiles"};
  Deployment d;
  d.model = "llama-3.1-8b";
  d.chip = "h100-sxm";
  d.workers = {Workers{}};
  d.window = Window::steady;
  const auto at = [&](int batch) {
    d.load = {batch, 4, SkewedTokens{200, 0.5}, SkewedTokens{300, 0.5}, 0};
    return std::get<ServingFigures>(replay(d, EngineOverhead{}, bench));
  };
  const ServingFigures few = at(8), many = at(64);
  CHECK(*few.itl_s < *many.itl_s);
  CHECK(*few.output_tokens_per_s < *many.output_tokens_per_s);
  CHECK(*few.joules_per_token > *many.joules_per_token);
  d.model = "llama-3.1-405b";
  CHECK(std::get<Refusal>(replay(d, EngineOverhead{}, bench)) == Refusal::does_not_fit);
}

TEST_CASE("repeated prompts are found in the prefix cache") {
  ReplayParts bench{parts(), project / "calibration" / "profiles"};
  Deployment d;
  d.model = "qwen3-8b";
  d.chip = "h100-sxm";
  d.workers = {Workers{}};
  d.load = {16, 6, EvenTokens{4000, 4000}, EvenTokens{20, 20}, 0};
  const auto ttft = [&] {
    return *std::get<ServingFigures>(replay(d, EngineOverhead{}, bench)).ttft_s;
  };
  const double all_new = ttft();
  d.load.distinct_prompts = 4;
  CHECK(ttft() < 0.6 * all_new);
}

TEST_CASE("tokens per second of a request are spread from its first to its last") {
  const std::vector<ServedRequest> requests{{0, 0.5, 2.5, 10, 40}};
  const std::vector<double> rate = tokens_per_second(requests, 4);
  CHECK(rate[0] == doctest::Approx(10));
  CHECK(rate[1] == doctest::Approx(20));
  CHECK(rate[2] == doctest::Approx(10));
  CHECK(rate[3] == 0);
}

TEST_CASE("the recorded run is predicted within a fifth") {
  ReplayParts bench{parts(), project / "calibration" / "profiles"};
  const fs::path folder =
      project / "calibration" / "serving" / "vllm_runs" / "RTXPRO6000-Llama-3.1-8B";
  const VllmRun run = read_vllm_run(folder, parts());
  CHECK(run.requests.size() == 300);
  const EngineOverheads known =
      load_engine_overheads(project / "calibration" / "engines" / "overheads.json");
  const std::vector<ServedRequest> served =
      replay_run(run, known.of("vllm", run.row.deployment.year), bench);
  double sum = 0;
  for (std::size_t i = 0; i < served.size(); ++i)
    sum += (served[i].last_token - served[i].arrival) /
           (run.requests[i].last_token - run.requests[i].arrival);
  CHECK(sum / 300 == doctest::Approx(1).epsilon(0.2));
}

}  // namespace
}  // namespace jevons
