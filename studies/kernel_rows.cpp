#include "studies/kernel_rows.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <functional>
#include <optional>
#include <unordered_map>

#include "models/llm/expert_load.h"
#include "sim/rng.h"
#include "studies/csv_rows.h"
#include "studies/kernel_sink.h"

namespace jevons {

namespace {

constexpr double ms = 1e-3, us = 1e-6;

void read_gemm(CsvRows& csv, Sink& sink) {
  const int m = csv.column("m"), n = csv.column("n"), k = csv.column("k");
  const int dtype = csv.find("gemm_dtype");
  const int latency = dtype < 0 ? csv.column("latency_us") : csv.column("latency");
  while (csv.next()) {
    // The tables without a format column hold fp8 products with blockwise scales.
    const auto precision =
        dtype < 0 ? std::optional{Precision::fp8_block} : precision_from(csv.text(dtype));
    if (!precision)
      sink.refuse("unknown precision");
    else
      sink.row(Gemm{*precision, csv.number(m), csv.number(n), csv.number(k)},
               csv.number(latency) * (dtype < 0 ? us : ms));
  }
}

// "balanced" or "power_law_1.2".
double skew_from(std::string_view distribution) {
  constexpr std::string_view power_law = "power_law_";
  double skew = 0;
  if (distribution.starts_with(power_law))
    std::from_chars(distribution.data() + power_law.size(),
                    distribution.data() + distribution.size(), skew);
  return skew;
}

void read_moe(CsvRows& csv, Sink& sink) {
  const int tokens = csv.column("num_tokens"), hidden = csv.column("hidden_size"),
            inner = csv.column("inter_size"), top_k = csv.column("topk"),
            experts = csv.column("num_experts"), tp = csv.column("moe_tp_size"),
            ep = csv.column("moe_ep_size"), distribution = csv.column("distribution"),
            dtype = csv.column("moe_dtype"), kernel = csv.column("kernel_source"),
            latency = csv.column("latency");
  std::vector<std::pair<MoeLayer, double>> wide;  // 4-bit weights, products in bf16
  bool has_narrow = false;                        // 4-bit weights, products in 8 bits
  while (csv.next()) {
    const auto precision = precision_from(csv.text(dtype));
    if (!precision) {
      sink.refuse("unknown precision");
      continue;
    }
    MoeLayer l{.precision = *precision,
               .tokens = csv.number(tokens),
               .hidden = csv.whole(hidden),
               .inner = csv.whole(inner),
               .top_k = csv.whole(top_k),
               .experts = csv.whole(experts),
               .tp = csv.whole(tp),
               .ep = csv.whole(ep),
               .skew = skew_from(csv.text(distribution))};
    l.gated = csv.text(kernel).find("nongated") == std::string_view::npos;
    l.even = l.skew == 0;
    const bool is_low_latency = csv.text(kernel).find("min_latency") != std::string_view::npos;
    l.kernel = is_low_latency ? MoeKernel::low_latency : MoeKernel::throughput;
    if (!l.even) l.load = sink.loads().of(l);
    has_narrow = has_narrow || csv.text(dtype) == "w4a8_mxfp4_mxfp8";
    if (csv.text(dtype) == "w4a16_mxfp4")
      wide.emplace_back(l, csv.number(latency) * ms);
    else
      sink.row(l, csv.number(latency) * ms);
  }
  // The same weights with wider products are what a chip does that cannot do better.
  for (const auto& [layer, seconds] : wide) {
    if (has_narrow)
      sink.refuse("slower format for the same weights");
    else
      sink.row(layer, seconds);
  }
}

void read_prefill(CsvRows& csv, Sink& sink) {
  const int batch = csv.column("batch_size"), query = csv.column("isl"),
            heads = csv.column("num_heads"), kv_heads = csv.column("num_key_value_heads"),
            head_dim = csv.column("head_dim"), window = csv.column("window_size"),
            math = csv.column("attn_dtype"), kv = csv.column("kv_cache_dtype"),
            prefix = csv.column("step"), latency = csv.column("latency");
  while (csv.next()) {
    const auto p = precision_from(csv.text(math)), c = precision_from(csv.text(kv));
    if (!p || !c)
      sink.refuse("unknown precision");
    else
      sink.row(PrefillAttention{*c, csv.number(batch), csv.number(query), csv.number(prefix),
                                csv.whole(heads), csv.whole(kv_heads), csv.whole(head_dim),
                                csv.whole(window), *p},
               csv.number(latency) * ms);
  }
}

// A decoding row of step s reads the s tokens before and the new one.
void read_decode(CsvRows& csv, Sink& sink) {
  const int batch = csv.column("batch_size"), step = csv.column("step"),
            heads = csv.column("num_heads"), kv_heads = csv.column("num_key_value_heads"),
            head_dim = csv.column("head_dim"), window = csv.column("window_size"),
            kv = csv.column("kv_cache_dtype"), latency = csv.column("latency");
  while (csv.next()) {
    const auto precision = precision_from(csv.text(kv));
    if (!precision) {
      sink.refuse("unknown precision");
      continue;
    }
    const double length = csv.number(step) + 1, cut = csv.number(window);
    const double read = cut > 0 ? std::min(length, cut) : length;
    sink.row(
        DecodeAttention{*precision, csv.number(batch), csv.number(batch) * read, csv.whole(heads),
                        csv.whole(kv_heads), csv.whole(head_dim), cut > 0, cut > 0 ? length : 0.0},
        csv.number(latency) * ms);
  }
}

void read_mla_prefill(CsvRows& csv, Sink& sink) {
  const int batch = csv.column("batch_size"), query = csv.column("isl"),
            heads = csv.column("num_heads"), kv = csv.column("kv_cache_dtype"),
            prefix = csv.column("step"), latency = csv.column("latency");
  while (csv.next()) {
    const auto precision = precision_from(csv.text(kv));
    if (!precision)
      sink.refuse("unknown precision");
    else
      sink.row(MlaPrefill{*precision, csv.number(batch), csv.number(query), csv.number(prefix),
                          csv.whole(heads)},
               csv.number(latency) * ms);
  }
}

void read_mla_decode(CsvRows& csv, Sink& sink) {
  const int batch = csv.column("batch_size"), step = csv.column("step"),
            heads = csv.column("num_heads"), kv = csv.column("kv_cache_dtype"),
            latency = csv.column("latency");
  while (csv.next()) {
    const auto precision = precision_from(csv.text(kv));
    if (!precision)
      sink.refuse("unknown precision");
    else
      sink.row(MlaDecode{*precision, csv.number(batch), csv.number(batch) * (csv.number(step) + 1),
                         csv.whole(heads)},
               csv.number(latency) * ms);
  }
}

// The products around absorbed latent attention: nope 128 -> rank 512 before, 512 -> 128 after.
void read_head_gemm(CsvRows& csv, Sink& sink) {
  const int tokens = csv.column("num_tokens"), heads = csv.column("num_heads"),
            op = csv.column("op_name"), dtype = csv.column("bmm_dtype"),
            latency = csv.column("latency");
  while (csv.next()) {
    const auto precision = precision_from(csv.text(dtype));
    const bool before = csv.text(op) == "mla_gen_pre";
    if (!precision)
      sink.refuse("unknown precision");
    else
      sink.row(HeadGemm{*precision, csv.number(tokens), csv.whole(heads), before ? 128 : 512,
                        before ? 512 : 128},
               csv.number(latency) * ms);
  }
}

// Message sizes are in elements.
void read_nccl(CsvRows& csv, Sink& sink) {
  const int op = csv.column("op_name"), dtype = csv.column("nccl_dtype"),
            gpus = csv.column("num_gpus"), size = csv.column("message_size"),
            latency = csv.column("latency");
  constexpr std::array<std::pair<std::string_view, CollectiveKind>, 4> kinds{{
      {"all_reduce", CollectiveKind::all_reduce},
      {"all_gather", CollectiveKind::all_gather},
      {"reduce_scatter", CollectiveKind::reduce_scatter},
      {"alltoall", CollectiveKind::all_to_all},
  }};
  while (csv.next()) {
    const auto precision = precision_from(csv.text(dtype));
    const auto* kind = std::find_if(kinds.begin(), kinds.end(),
                                    [&](const auto& k) { return k.first == csv.text(op); });
    if (!precision || kind == kinds.end())
      sink.refuse(precision ? "unknown collective" : "unknown precision");
    else
      sink.row(Collective{kind->second, csv.number(size) * bytes_per_element(*precision),
                          csv.whole(gpus), 8},
               csv.number(latency) * ms);
  }
}

void read_peer_all_reduce(CsvRows& csv, Sink& sink) {
  const int dtype = csv.column("allreduce_dtype"), gpus = csv.column("num_gpus"),
            size = csv.column("message_size"), latency = csv.column("latency");
  while (csv.next()) {
    const auto precision = precision_from(csv.text(dtype));
    if (!precision)
      sink.refuse("unknown precision");
    else
      sink.row(Collective{CollectiveKind::peer_all_reduce,
                          csv.number(size) * bytes_per_element(*precision), csv.whole(gpus), 8},
               csv.number(latency) * ms);
  }
}

// Dispatch sends fp8 rows, combine bf16 rows: the defaults of the measured library.
void add_exchange(Sink& sink, ExpertExchange x, double dispatch_us, double combine_us) {
  x.phase = ExchangePhase::dispatch;
  x.precision = Precision::fp8;
  sink.row(x, dispatch_us * us);
  x.phase = ExchangePhase::combine;
  x.precision = Precision::bf16;
  sink.row(x, combine_us * us);
}

ExpertExchange exchange_of(const CsvRows& csv) {
  return {.tokens = csv.number(csv.column("num_token")),
          .hidden = csv.whole(csv.column("hidden_size")),
          .top_k = csv.whole(csv.column("num_topk")),
          .experts = csv.whole(csv.column("num_experts")),
          .gpus = 8 * csv.whole(csv.column("node_num")),
          .per_node = 8};
}

void read_high_throughput_exchange(CsvRows& csv, Sink& sink) {
  const int sms = csv.column("dispatch_sms"), dispatch = csv.column("dispatch_transmit_us"),
            dispatch_notify = csv.column("dispatch_notify_us"),
            combine = csv.column("combine_transmit_us"),
            combine_notify = csv.column("combine_notify_us");
  while (csv.next()) {
    ExpertExchange x = exchange_of(csv);
    x.sms = csv.whole(sms);
    add_exchange(sink, x, csv.number(dispatch) + csv.number(dispatch_notify),
                 csv.number(combine) + csv.number(combine_notify));
  }
}

void read_low_latency_exchange(CsvRows& csv, Sink& sink) {
  const int dispatch = csv.column("dispatch_avg_t_us"), combine = csv.column("combine_avg_t_us");
  while (csv.next()) {
    ExpertExchange x = exchange_of(csv);
    x.low_latency = true;
    add_exchange(sink, x, csv.number(dispatch), csv.number(combine));
  }
}

using Reader = std::function<void(CsvRows&, Sink&)>;

// "context_attention" for ".../h20/context_attention.csv.gz".
std::string stem_of(const std::string& path) {
  const std::string name = std::filesystem::path{path}.filename().string();
  return name.substr(0, name.find(".csv"));
}

Reader reader_for(const std::string& stem) {
  static const std::map<std::string, Reader> readers{
      {"gemm", read_gemm},
      {"gemm-data", read_gemm},
      {"moe", read_moe},
      {"context_attention", read_prefill},
      {"generation_attention", read_decode},
      {"context_mla", read_mla_prefill},
      {"generation_mla", read_mla_decode},
      {"mla_bmm", read_head_gemm},
      {"nccl", read_nccl},
      {"custom_allreduce", read_peer_all_reduce},
      {"wideep_deepep_normal", read_high_throughput_exchange},
      {"wideep_deepep_ll", read_low_latency_exchange},
  };
  const auto found = readers.find(stem);
  return found == readers.end() ? Reader{} : found->second;
}

}  // namespace

std::optional<Precision> precision_from(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, Precision>, 12> names{{
      {"bfloat16", Precision::bf16},
      {"bf16", Precision::bf16},
      {"fp8", Precision::fp8},
      {"fp8_block", Precision::fp8_block},
      {"nvfp4", Precision::nvfp4},
      {"w4a16_mxfp4", Precision::mxfp4},
      {"w4a8_mxfp4_mxfp8", Precision::mxfp4},
      {"int4_wo", Precision::int4},
      {"sq", Precision::int8},
      {"half", Precision::fp16},
      {"float16", Precision::fp16},
      {"int8", Precision::int8},
  }};
  for (const auto& [text, precision] : names)
    if (text == name) return precision;
  return std::nullopt;
}

bool is_kernel_table(const std::string& path) {
  const std::string stem = stem_of(path);
  return reader_for(stem) || is_named_table(stem);
}

ExpertLoad ExpertLoads::of(const MoeLayer& l) {
  const std::array<int, 4> key{l.experts, l.top_k, l.ep, static_cast<int>(100 * l.skew)};
  auto found = tables_.find(key);
  if (found == tables_.end()) {
    const ExpertLayout layout{.experts = l.experts, .top_k = l.top_k, .ep = l.ep, .skew = l.skew};
    found = tables_.emplace(key, ExpertLoadTable{layout}).first;
  }
  return found->second.at(l.tokens);
}

KernelTable read_kernel_table(const std::string& path) {
  ExpertLoads loads;
  return read_kernel_table(path, loads);
}

KernelTable read_kernel_table(const std::string& path, ExpertLoads& loads) {
  KernelTable table;
  Sink sink{table, loads};
  const std::string stem = stem_of(path);
  CsvRows csv{path, is_named_table(stem) ? missing_header(stem) : ""};
  if (const Reader reader = reader_for(stem))
    reader(csv, sink);
  else
    read_named_table(stem, csv, sink);
  table.read = csv.rows();
  return table;
}

bool is_held_out(const std::string& shape) {
  return mix(hash_of(shape)) % 10 >= 7;
}

}  // namespace jevons
