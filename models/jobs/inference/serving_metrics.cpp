#include "models/jobs/inference/serving_metrics.h"

#include <algorithm>

namespace jevons {

ServingTotals difference(const ServingTotals& end, const ServingTotals& begin) {
  ServingTotals d = end;
  d.arrived -= begin.arrived;
  d.completed -= begin.completed;
  d.rejected -= begin.rejected;
  d.good -= begin.good;
  d.prompt_tokens -= begin.prompt_tokens;
  d.cached_tokens -= begin.cached_tokens;
  d.output_tokens -= begin.output_tokens;
  d.thinking_tokens -= begin.thinking_tokens;
  d.good_output_tokens -= begin.good_output_tokens;
  d.generated_tokens -= begin.generated_tokens;
  d.iterations -= begin.iterations;
  d.busy_fs -= begin.busy_fs;
  d.decode_seq_fs -= begin.decode_seq_fs;
  d.prefill_tokens -= begin.prefill_tokens;
  for (std::size_t a = 0; a < d.aj.size(); ++a) d.aj[a] -= begin.aj[a];
  return d;
}

void ServingMetrics::record_span(Progression time, std::int64_t iterations, int decodes,
                                 int prompts, std::int64_t prompt_tokens,
                                 std::int64_t progress_grains) {
  const Int128 duration = time.sum(iterations);
  totals.iterations += iterations;
  totals.busy_fs += duration;
  totals.decode_seq_fs += duration * decodes;
  totals.prefill_tokens += prompt_tokens;
  totals.generated_tokens += static_cast<double>(progress_grains * iterations) / grains_per_token;
  peak_batch = std::max(peak_batch, decodes + prompts);
}

void ServingMetrics::record_itl(Progression time, std::int64_t from, std::int64_t until,
                                int decodes) {
  if (!is_open || decodes == 0 || until <= from) return;
  latency.itl.insert_progression(time.first + time.step * from, time.step,
                                 static_cast<std::uint64_t>(until - from),
                                 static_cast<std::uint64_t>(decodes));
}

void ServingMetrics::record_first_token(const Sequence& s) {
  totals.prompt_tokens += s.prompt_tokens;
  totals.cached_tokens += s.cached_tokens;
  totals.generated_tokens += 1;
  if (!measures(s)) return;
  latency.ttft.insert((s.first_token - s.arrival).count());
  latency.queueing.insert((s.first_scheduled - s.arrival).count());
}

void ServingMetrics::record_completion(const Sequence& s, Instant now) {
  ++totals.completed;
  totals.output_tokens += s.output_tokens;
  totals.thinking_tokens += s.thinking_tokens;
  last_completion = now;
  const Span ttft = s.first_token - s.arrival;
  const Span decode = now - s.first_token;
  const std::int64_t later = s.output_tokens - 1;
  const bool is_good = ttft <= slo_ttft_ && decode <= slo_tpot_ * later;
  if (is_good) {
    ++totals.good;
    totals.good_output_tokens += s.output_tokens;
  }
  if (!measures(s)) return;
  ++measured_requests;
  if (is_good) ++measured_good;
  if (later > 0) latency.tpot.insert(decode.count() / later);
  latency.e2e.insert((now - s.arrival).count());
}

}  // namespace jevons
