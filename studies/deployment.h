#pragma once
// One measured deployment as a value: what ran where, under which load, and what was measured.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "models/hardware/precision.h"
#include "models/llm/parallelism.h"
#include "sim/fields.h"
#include "sim/quantity.h"

namespace jevons {

// Why a row is not compared.
enum class Refusal {
  unknown_model,
  unknown_chip,
  unknown_precision,
  worker_counts_missing,
  does_not_fit,
  nothing_measured,
};
template <>
inline constexpr std::array enum_names<Refusal>{
    EnumName{Refusal::unknown_model, "unknown model"},
    EnumName{Refusal::unknown_chip, "unknown chip"},
    EnumName{Refusal::unknown_precision, "unknown precision"},
    EnumName{Refusal::worker_counts_missing, "worker counts missing"},
    EnumName{Refusal::does_not_fit, "does not fit"},
    EnumName{Refusal::nothing_measured, "nothing measured"},
};

// Lengths between `low` and `high`, each as likely.
struct EvenTokens {
  double low = 1, high = 1;
};
// Lengths with this mean and a lognormal spread.
struct SkewedTokens {
  double mean = 1, sigma = 1;
};
using TokenLaw = std::variant<EvenTokens, SkewedTokens>;

// Requests of one instant: as many as run at once, each replaced when it completes.
struct ClosedLoad {
  int concurrency = 1;
  double waves = 10;  // requests in all, in multiples of the concurrency
  TokenLaw prompt, output;
  int distinct_prompts = 0;  // further requests repeat earlier prompts; 0: all differ
};

// Equal engines of one role.
struct Workers {
  int count = 1;
  Parallelism parallelism;
};

// What is measured of a closed loop.
enum class Window {
  all,     // every request
  steady,  // from the first token of the B-th request to the completion of the (N-B-1)-th
};

struct Deployment {
  std::string table, id;
  std::string model, chip;  // catalogue ids
  std::string engine, version;
  int year = 0;
  Precision weights = Precision::bf16;
  std::optional<Precision> expert_weights;
  Precision kv = Precision::bf16;
  bool is_precision_stated = true;
  std::vector<Workers> workers;  // one that does all, or prefill and decode
  ClosedLoad load;
  int max_num_seqs = 256, max_batched_tokens = 8192;  // per DP rank
  bool chunked_prefill = true;
  int draft_tokens = 0;
  Window window = Window::all;
  bool is_sampled = false;  // tokens are drawn from the likeliest; false: the likeliest is taken
  double memory_utilization = 0.9;

  int gpus() const {
    int n = 0;
    for (const Workers& w : workers) n += w.count * w.parallelism.gpus();
    return n;
  }
};

// Of requests: means, as benchmarks report them; ITL: the median over tokens.
struct ServingFigures {
  std::optional<double> ttft_s, tpot_s, itl_s, output_tokens_per_s, joules_per_token, watts_per_gpu;
};

struct MeasuredDeployment {
  Deployment deployment;
  ServingFigures measured;
  std::optional<Refusal> refusal;  // what of the row could not be understood
};

}  // namespace jevons
