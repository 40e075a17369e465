#include "scenarios/serve_tables.h"

namespace jevons {

void write_row(CsvFile& file, const RequestRecord& r) {
  file.whole(r.id).text(r.was_rejected ? "rejected" : "completed");
  file.seconds(r.arrival.time_since_epoch());
  if (r.was_rejected) {
    file.empty().empty().empty().empty();
  } else {
    file.seconds(r.first_scheduled - r.arrival).seconds(r.first_token - r.arrival);
    if (r.output_tokens > 1)
      file.seconds((r.completion - r.first_token) / (r.output_tokens - 1));
    else
      file.empty();
    file.seconds(r.completion - r.arrival);
  }
  file.whole(r.prompt_tokens).whole(r.cached_tokens).whole(r.output_tokens);
  file.whole(r.thinking_tokens).whole(r.preemptions);
  if (r.was_rejected)
    file.empty().empty();
  else
    file.whole(r.replica).whole(r.decode_replica);
  file.end_row();
}

void write_row(CsvFile& file, const ReplicaSample& s) {
  file.seconds(s.at.time_since_epoch()).whole(s.pool).whole(s.replica).whole(s.is_serving ? 1 : 0);
  file.whole(s.outstanding).whole(s.decoding).whole(s.prefilling);
  file.whole(s.kv_blocks).whole(s.kv_blocks_total).whole(s.cached_blocks).whole(s.preemptions);
  file.number(s.gpu_energy.in(unit::J));
  file.end_row();
}

}  // namespace jevons
