#pragma once
// requests.csv and replicas.csv, written row by row while a run goes on. Every column is defined in
// docs/outputs.md.
#include <string_view>

#include "models/jobs/inference/serving.h"
#include "scenarios/csv_file.h"

namespace jevons {

inline constexpr std::string_view request_columns =
    "request,status,arrival_s,queueing_s,ttft_s,tpot_s,e2e_s,prompt_tokens,cached_tokens,"
    "output_tokens,thinking_tokens,preemptions,prefill_replica,decode_replica";
inline constexpr std::string_view replica_columns =
    "time_s,pool,replica,is_serving,outstanding_requests,decoding_requests,prefilling_requests,"
    "kv_blocks_used,kv_blocks_total,cached_idle_blocks,preemptions,gpu_energy_j";

void write_row(CsvFile& file, const RequestRecord& request);
void write_row(CsvFile& file, const ReplicaSample& sample);

}  // namespace jevons
