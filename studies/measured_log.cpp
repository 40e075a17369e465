#include "studies/measured_log.h"

#include <algorithm>
#include <array>
#include <map>

#include "calibration/kernels/routing.h"
#include "calibration/meter/layer_check.h"
#include "models/llm/profile_transfer.h"
#include "scenarios/diagnostics.h"
#include "scenarios/sha256.h"
#include "studies/fit.h"
#include "studies/fit_profile.h"

namespace jevons {
namespace {

namespace cal = calibration;
using cal::CaseKind;
using cal::KernelCase;

Precision precision_of(const KernelCase& c) {
  return c.format == cal::Format::fp8 ? Precision::fp8_block : Precision::bf16;
}

double skew_of(cal::Routing routing) {
  if (routing == cal::Routing::power_law_1_01) return 1.01;
  return routing == cal::Routing::power_law_1_2 ? 1.2 : 0;
}

MoeLayer layer_of(const KernelCase& c) {
  const cal::LocalLoad load = cal::local_load(c.moe, c.tokens);
  MoeLayer layer{.precision = precision_of(c),
                 .tokens = static_cast<double>(c.tokens) * c.moe.ep,
                 .hidden = c.moe.hidden,
                 .inner = c.moe.inner,
                 .top_k = c.moe.top_k,
                 .experts = c.moe.experts,
                 .ep = c.moe.ep,
                 .skew = skew_of(c.moe.routing)};
  layer.even = c.moe.routing == cal::Routing::balanced;
  layer.load = {static_cast<double>(load.rows), static_cast<double>(load.active)};
  layer.kernel = MoeKernel::throughput;
  return layer;
}

std::optional<Kernel> attention_of(const KernelCase& c) {
  const cal::AttentionShape& a = c.attention;
  const auto batch = static_cast<double>(c.tokens), context = static_cast<double>(a.context);
  if (c.kind == CaseKind::mla_decode)
    return MlaDecode{Precision::bf16, batch, batch * context, a.heads};
  if (c.kind == CaseKind::gqa_decode)
    return DecodeAttention{.kv = Precision::bf16,
                           .batch = batch,
                           .kv_tokens = batch * context,
                           .heads = a.heads,
                           .kv_heads = a.kv_heads,
                           .head_dim = a.head_dim};
  // Latent attention in its expanded form has longer keys than values.
  if (a.head_dim != a.value_dim) return MlaPrefill{Precision::bf16, batch, context, 0, a.heads};
  return PrefillAttention{Precision::bf16, batch, context,        0, a.heads, a.kv_heads,
                          a.head_dim,      0,     Precision::bf16};
}

// Empty: a part of a layer, which the model does not time by itself.
std::optional<Kernel> kernel_of(const KernelCase& c) {
  const auto tokens = static_cast<double>(c.tokens);
  const cal::CaseWork work = cal::work_of(c);
  switch (c.kind) {
    case CaseKind::dense_gemm:
      return Gemm{precision_of(c), tokens, static_cast<double>(c.moe.inner),
                  static_cast<double>(c.moe.hidden)};
    case CaseKind::router_gemm:
      return Gemm{Precision::bf16, tokens, static_cast<double>(c.moe.experts),
                  static_cast<double>(c.moe.hidden)};
    case CaseKind::copy:
    case CaseKind::rms_norm:
    case CaseKind::quantize:
      return Elementwise{(work.read + work.written).in(unit::B)};
    case CaseKind::moe_layer:
      return layer_of(c);
    case CaseKind::prefill_attention:
    case CaseKind::gqa_decode:
    case CaseKind::mla_decode:
      return attention_of(c);
    case CaseKind::all_reduce:
      return Collective{CollectiveKind::all_reduce, work.read.in(unit::B), c.gpus, 8};
    case CaseKind::all_to_all:
      return Collective{CollectiveKind::all_to_all, work.read.in(unit::B), c.gpus, 8};
    default:
      return std::nullopt;
  }
}

// What of a whole layer is not routed experts; empty if a part of it was not timed.
std::optional<double> seconds_beside_experts(const KernelCase& layer, const cal::Evidence& e) {
  double seconds = 0;
  for (const KernelCase& part : cal::parts_of(layer)) {
    if (part.kind != CaseKind::router_gemm && part.kind != CaseKind::router_topk &&
        part.kind != CaseKind::shared_expert)
      continue;
    const cal::TimePoint* timed = e.time_of(name_of(part));
    if (timed == nullptr) return std::nullopt;
    seconds += timed->seconds.value;
  }
  return seconds;
}

struct Judged {
  int cases = 0, weak = 0;
};
using LawKey = std::pair<KernelKind, Precision>;

// How many cases of each law had a target, and missed it.
std::map<LawKey, Judged> judged_cases(const cal::Evidence& evidence) {
  std::map<LawKey, Judged> judged;
  for (const cal::TimePoint& p : evidence.times) {
    const KernelCase c = cal::case_of(*p.row);
    // The products of an expert layer are judged as parts.
    const bool is_part = c.kind == CaseKind::grouped_gate_up || c.kind == CaseKind::grouped_down;
    const std::optional<Kernel> kernel = kernel_of(c);
    if (!cal::target_of(c) || (!kernel && !is_part)) continue;
    const LawKey key = is_part ? LawKey{KernelKind::moe, precision_of(c)}
                               : LawKey{kind_of(*kernel), precision_of(*kernel)};
    ++judged[key].cases;
    judged[key].weak += static_cast<int>(p.is_weak);
  }
  return judged;
}

Provenance provenance_of(const cal::RawLog& log, const std::optional<ChipProfile>& other,
                         const std::string& sha256) {
  const cal::SessionRow& last = log.sessions.back();
  Provenance p{
      .source = "measured with jevons-calibrate on " + last.board,
      .licence = "that of this project",
      .software = "jevons " + last.revision + ", " + last.toolkit + ", driver " + last.driver,
      .date = last.utc,
      .raw_sha256 = sha256,
      .energy_sensor = "NVML total-energy counter read from edge to edge"};
  if (other) {
    p.source += "; laws whose source is imported: " + other->provenance.source;
    p.licence += "; imported laws: " + other->provenance.licence;
  }
  return p;
}

}  // namespace

ChipProfile fit_chip(const std::filesystem::path& folder, const ChipSpec& chip) {
  std::optional<ChipProfile> imported;
  if (std::filesystem::exists(folder / "provenance.json"))
    imported = fit_profile(read_measured_chip(folder), chip);
  const std::filesystem::path own = folder / "measured";
  if (!std::filesystem::exists(own / "windows.csv")) {
    if (!imported) read_measured_chip(folder);  // says what is missing
    return *imported;
  }
  const cal::RawLog log = cal::read_raw_log(own);
  return fit_measured(log, cal::evidence_of(log), chip, imported,
                      sha256_of_file(own / "windows.csv"));
}

std::string chip_of_board(const std::string& board, const std::filesystem::path& folder) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 11> chips{{
      {"NVIDIA H200", "h200-sxm"},
      {"NVIDIA H200 NVL", "h200-nvl"},
      {"NVIDIA H100 80GB HBM3", "h100-sxm"},
      {"NVIDIA H100 PCIe", "h100-pcie"},
      {"NVIDIA H100 NVL", "h100-nvl"},
      {"NVIDIA H800", "h800-sxm"},
      {"NVIDIA H20", "h20-96"},
      {"NVIDIA A100-SXM4-80GB", "a100-80-sxm"},
      {"NVIDIA A100-SXM4-40GB", "a100-40-sxm"},
      {"NVIDIA L40S", "l40s"},
      {"NVIDIA B200", "b200"},
  }};
  for (const auto& [name, chip] : chips)
    if (name == board) return std::string{chip};
  throw ScenarioError{Mistake{.file = (folder / "sessions.csv").string(),
                              .line = 0,
                              .pointer = "",
                              .expected = "a board whose chip is known",
                              .got = "\"" + board + "\"",
                              .hint = "name the chip: jevons-fit --measured DIR CHIP"}};
}

std::vector<KernelRow> measured_rows(const cal::Evidence& evidence) {
  std::vector<KernelRow> rows;
  for (const cal::TimePoint& p : evidence.times) {
    const KernelCase c = cal::case_of(*p.row);
    const std::optional<Kernel> kernel = kernel_of(c);
    if (!kernel) continue;
    double seconds = p.seconds.value;
    if (c.kind == CaseKind::moe_layer) {
      const std::optional<double> beside = seconds_beside_experts(c, evidence);
      if (!beside || *beside >= seconds) continue;
      seconds -= *beside;
    }
    rows.push_back({*kernel, seconds, describe(*kernel)});
  }
  return rows;
}

ChipProfile fit_measured(const cal::RawLog& log, const cal::Evidence& evidence,
                         const ChipSpec& chip, const std::optional<ChipProfile>& other,
                         const std::string& sha256) {
  std::map<LawKey, std::vector<KernelRow>> laws;
  for (const KernelRow& row : measured_rows(evidence))
    laws[{kind_of(row.kernel), precision_of(row.kernel)}].push_back(row);
  const std::map<LawKey, Judged> judged = judged_cases(evidence);
  MeasuredChip measured{.provenance = provenance_of(log, other, sha256), .rows = {}, .refused = {}};
  for (const auto& [key, rows] : laws)
    if (rows.size() >= fewest_measured_rows)
      measured.rows.insert(measured.rows.end(), rows.begin(), rows.end());
  ChipProfile profile = fit_profile(measured, chip);
  profile.source = ProfileSource::measured;
  for (std::size_t kind = 0; kind < profile.costs.size(); ++kind)
    for (std::size_t precision = 0; precision < precision_count; ++precision) {
      KernelCost& law = profile.costs[kind][precision];
      if (!law.source) continue;
      law.source = ProfileSource::measured;
      const auto found =
          judged.find({static_cast<KernelKind>(kind), static_cast<Precision>(precision)});
      law.is_weak_instrument =
          found != judged.end() && 2 * found->second.weak > found->second.cases;
    }
  if (other) fill_gaps(profile, *other);
  return profile;
}

std::optional<EnergyText> fit_measured_energy(const cal::RawLog& log, const cal::Evidence& evidence,
                                              const ChipSpec& chip, double link_pj_per_byte) {
  if (!cal::can_fit_energy(evidence) || !evidence.idle_with_context_w) return std::nullopt;
  const cal::EnergyLaw law = cal::pooled_energy(evidence);
  constexpr double pico = 1e12;
  EnergyText text;
  text.chip = chip.id;
  text.source_kind = "measured";
  text.source = "measured with jevons-calibrate on " + log.sessions.back().board + ", " +
                log.sessions.back().utc;
  text.licence = "that of this project";
  text.sensor = "NVML total-energy counter read from edge to edge, GPU board only";
  text.note = "link energy is not measured; fp4 counts as fp8";
  text.limit_w = evidence.limit_w;
  text.static_w = law.value[0];
  text.idle_w = evidence.idle_with_context_w->value;
  text.voltage_floor = cal::voltage_floor;
  text.bf16_pj_per_flop = law.value[1] * pico;
  text.fp8_pj_per_flop = text.fp4_pj_per_flop = law.value[2] * pico;
  text.memory_pj_per_byte = law.value[3] * pico;
  text.kv_pj_per_byte = law.value[4] * pico;
  text.link_pj_per_byte = link_pj_per_byte;
  text.low = law.left_out_low;
  text.high = law.left_out_high;
  text.rows = law.points;
  text.mape = law.mape;
  text.left_out_mape = law.left_out_mape;
  text.left_out_worst = std::max(1 / law.left_out_low - 1, law.left_out_high - 1);
  // The file keeps those of static power, bf16, memory and KV cache.
  constexpr std::array<std::size_t, 4> kept{0, 1, 3, 4};
  for (const std::size_t j : kept) {
    text.standard_errors.push_back(law.standard_error[j] * (j == 0 ? 1 : pico));
    text.correlation.emplace_back();
    for (const std::size_t k : kept) text.correlation.back().push_back(law.correlation[j][k]);
  }
  return text;
}

}  // namespace jevons
