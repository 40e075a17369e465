#pragma once
// What a serving run measures, with the field's names:
//   TTFT      time to first token: arrival to the end of the iteration that computes it
//   TPOT      mean time per output token after the first, per request
//   ITL       inter-token latency: the iteration times that decoding sequences go through
//   e2e       arrival to last token
//   queueing  arrival to the start of the first iteration with a token of the request
#include <cstdint>

#include "models/jobs/inference/progression.h"
#include "models/jobs/inference/sequence.h"
#include "models/jobs/inference/serving_config.h"
#include "models/ledger/energy_ledger.h"
#include "sim/int128.h"
#include "sim/sketch.h"
#include "sim/time.h"

namespace jevons {

struct LatencySketches {
  QuantileSketch<std::int64_t> ttft, tpot, e2e, queueing;  // nanoseconds
  QuantileSketch<std::int64_t> itl;                        // femtoseconds
};

// Running totals; two snapshots of them bound a measured window.
struct ServingTotals {
  Instant at{};
  std::int64_t arrived = 0, completed = 0, rejected = 0, good = 0;
  std::int64_t prompt_tokens = 0;  // of prompts whose prefill has ended, cached ones included
  std::int64_t cached_tokens = 0;
  std::int64_t output_tokens = 0;  // of completed requests
  std::int64_t thinking_tokens = 0;
  std::int64_t good_output_tokens = 0;
  double generated_tokens = 0;  // tokens emitted, whether or not their request has completed
  std::int64_t iterations = 0;
  Int128 busy_fs = 0;         // Σ over replicas of time with a span running
  Int128 decode_seq_fs = 0;   // Σ decoding sequences x time
  Int128 prefill_tokens = 0;  // computed, recomputation included
  std::array<Int128, energy_account_count> aj{};
};

// What happened between two snapshots; `at` is that of the later one.
ServingTotals difference(const ServingTotals& end, const ServingTotals& begin);

class ServingMetrics {
 public:
  explicit ServingMetrics(Slo slo) : slo_ttft_{to_span(slo.ttft)}, slo_tpot_{to_span(slo.tpot)} {}

  void record_span(Progression time, std::int64_t iterations, int decodes, int prompts,
                   std::int64_t prompt_tokens, std::int64_t progress_grains);
  // Inter-token latencies of iterations [from, until) of a span, for each decoding sequence.
  void record_itl(Progression time, std::int64_t from, std::int64_t until, int decodes);
  void record_first_token(const Sequence& s);
  void record_completion(const Sequence& s, Instant now);

  ServingTotals totals;
  LatencySketches latency;
  bool is_open = true;                                       // inside the measured window
  Instant measured_from{}, measured_until = Instant::max();  // of arrivals
  int peak_batch = 0;
  std::int64_t measured_requests = 0, measured_good = 0;
  Instant last_completion{};

 private:
  bool measures(const Sequence& s) const {
    return s.arrival >= measured_from && s.arrival < measured_until;
  }
  Span slo_ttft_, slo_tpot_;
};

}  // namespace jevons
