#pragma once
// requests.csv and replicas.csv, written row by row while a run goes on. Every column is defined in
// docs/outputs.md.
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "models/jobs/inference/serving.h"

namespace jevons {

inline constexpr std::string_view request_columns =
    "request,status,arrival_s,queueing_s,ttft_s,tpot_s,e2e_s,prompt_tokens,cached_tokens,"
    "output_tokens,thinking_tokens,preemptions,prefill_replica,decode_replica";
inline constexpr std::string_view replica_columns =
    "time_s,pool,replica,is_serving,outstanding_requests,decoding_requests,prefilling_requests,"
    "kv_blocks_used,kv_blocks_total,cached_idle_blocks,preemptions,gpu_energy_j";

// Plain CSV, a cell at a time. Formatting by hand: the library's streams take longer than the
// simulation of a request.
class CsvFile {
 public:
  CsvFile(const std::filesystem::path& path, std::string_view header);

  CsvFile& whole(std::int64_t value);
  CsvFile& text(std::string_view value);
  CsvFile& empty() { return text(""); }
  CsvFile& seconds(Span value);  // to the nanosecond, without needless zeros
  CsvFile& number(double value);
  void end_row();
  // Throws OutputError if anything could not be written.
  void close();

 private:
  void comma() {
    if (!is_row_empty_) buffer_ += ',';
    is_row_empty_ = false;
  }
  void flush();

  std::filesystem::path path_;
  std::ofstream file_;
  std::string buffer_;
  bool is_row_empty_ = true;
};

void write_row(CsvFile& file, const RequestRecord& request);
void write_row(CsvFile& file, const ReplicaSample& sample);

}  // namespace jevons
