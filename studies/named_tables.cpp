#include <array>
#include <charconv>
#include <cmath>

#include "studies/kernel_sink.h"

namespace jevons {

namespace {

constexpr double us = 1e-6;

// The three numbers behind a prefix, e.g. 32, 8, 128 of "mha-decode-32-8-128".
std::optional<std::array<int, 3>> dims_behind(std::string_view prefix, std::string_view stem) {
  if (!stem.starts_with(prefix)) return std::nullopt;
  std::array<int, 3> dims{};
  const char* at = stem.data() + prefix.size();
  const char* const end = stem.data() + stem.size();
  for (int& d : dims) {
    const auto [next, error] = std::from_chars(at, end, d);
    if (error != std::errc{}) return std::nullopt;
    at = next == end ? next : next + 1;
  }
  return dims;
}

void read_decode(const std::array<int, 3>& dims, CsvRows& csv, Sink& sink) {
  const int kv = csv.column("kv_dtype"), batch = csv.column("batch_size"),
            length = csv.column("kv_len"), latency = csv.column("latency_us");
  while (csv.next())
    sink.row(DecodeAttention{*precision_from(csv.text(kv)), csv.number(batch),
                             csv.number(batch) * csv.number(length), dims[0], dims[1], dims[2],
                             false, 0},
             csv.number(latency) * us);
}

void read_prefill(const std::array<int, 3>& dims, CsvRows& csv, Sink& sink) {
  const int length = csv.column("seq_len"), latency = csv.column("latency_us");
  while (csv.next())
    sink.row(PrefillAttention{Precision::bf16, 1, csv.number(length), 0, dims[0], dims[1], dims[2],
                              0, Precision::bf16},
             csv.number(latency) * us);
}

void read_mla_decode(const std::array<int, 3>& dims, CsvRows& csv, Sink& sink) {
  const int kv = csv.column("kv_dtype"), batch = csv.column("batch_size"),
            length = csv.column("kv_len"), latency = csv.column("latency_us");
  while (csv.next())
    sink.row(MlaDecode{*precision_from(csv.text(kv)), csv.number(batch),
                       csv.number(batch) * csv.number(length), dims[0], dims[1], dims[2]},
             csv.number(latency) * us);
}

void read_mla_prefill(const std::array<int, 3>& dims, CsvRows& csv, Sink& sink) {
  const int length = csv.column("seq_len"), latency = csv.column("latency_us");
  while (csv.next())
    sink.row(MlaPrefill{Precision::bf16, 1, csv.number(length), 0, dims[0], dims[1], dims[2]},
             csv.number(latency) * us);
}

// Both grouped products of an expert layer, without permutation, activation and combine; blockwise
// fp8, experts in turn. `per_gpu`: column with the tokens of one GPU.
void read_grouped(std::string_view per_gpu, CsvRows& csv, Sink& sink) {
  const int tokens = csv.column(per_gpu), gpus = csv.column("num_gpus"),
            experts = csv.column("num_experts"), top_k = csv.column("topk"),
            hidden = csv.column("hidden_size"), inner = csv.column("intermediate_size"),
            up = csv.column("up_proj_us"), down = csv.column("down_proj_us");
  while (csv.next()) {
    MoeLayer l{.precision = Precision::fp8_block,
               .tokens = csv.number(tokens) * csv.number(gpus),
               .hidden = csv.whole(hidden),
               .inner = csv.whole(inner),
               .top_k = csv.whole(top_k),
               .experts = csv.whole(experts),
               .ep = csv.whole(gpus)};
    l.even = true;
    sink.row(l, (csv.number(up) + csv.number(down)) * us);
  }
}

}  // namespace

bool is_named_table(const std::string& stem) {
  if (stem == "grouped_gemm-decode-data" || stem == "grouped_gemm-prefill-data") return true;
  for (const std::string_view prefix :
       {"mha-decode-", "mha-prefill-", "mla-decode-", "mla-prefill-"})
    if (dims_behind(prefix, stem)) return true;
  return false;
}

std::string_view missing_header(const std::string& stem) {
  return dims_behind("mha-decode-", stem) ? "dtype,kv_dtype,batch_size,kv_len,latency_us,mfu" : "";
}

void read_named_table(const std::string& stem, CsvRows& csv, Sink& sink) {
  if (stem == "grouped_gemm-decode-data") return read_grouped("batch_size_per_gpu", csv, sink);
  if (stem == "grouped_gemm-prefill-data") return read_grouped("seq_len_per_gpu", csv, sink);
  if (const auto d = dims_behind("mha-decode-", stem)) return read_decode(*d, csv, sink);
  if (const auto d = dims_behind("mha-prefill-", stem)) return read_prefill(*d, csv, sink);
  if (const auto d = dims_behind("mla-decode-", stem)) return read_mla_decode(*d, csv, sink);
  if (const auto d = dims_behind("mla-prefill-", stem)) return read_mla_prefill(*d, csv, sink);
}

}  // namespace jevons
