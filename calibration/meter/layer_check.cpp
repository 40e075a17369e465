#include "calibration/meter/layer_check.h"

#include <algorithm>

namespace jevons::calibration {
namespace {

const EnergyPoint* weighed(const Evidence& evidence, const std::string& name) {
  for (const EnergyPoint& p : evidence.energies)
    if (p.row->name == name) return &p;
  return nullptr;
}

}  // namespace

std::vector<KernelCase> parts_of(const KernelCase& layer) {
  std::vector<KernelCase> parts;
  const auto put = [&](CaseKind kind, Format format) {
    parts.push_back(layer);
    parts.back().kind = kind;
    parts.back().format = format;
  };
  put(CaseKind::router_gemm, Format::bf16);
  put(CaseKind::router_topk, Format::bf16);
  if (layer.format == Format::fp8) put(CaseKind::quantize, Format::fp8);
  put(CaseKind::dispatch, layer.format);
  put(CaseKind::grouped_gate_up, layer.format);
  put(CaseKind::swiglu, layer.format);
  put(CaseKind::grouped_down, layer.format);
  put(CaseKind::combine, Format::bf16);
  if (layer.moe.has_shared) put(CaseKind::shared_expert, layer.format);
  return parts;
}

std::vector<LayerCheck> layer_checks(const Evidence& evidence, const EnergyLaw* law) {
  std::vector<LayerCheck> checks;
  for (const TimePoint& layer : evidence.times) {
    const KernelCase c = case_of(*layer.row);
    if (c.kind != CaseKind::moe_layer) continue;
    LayerCheck check{.row = layer.row, .layer_s = layer.seconds.value};
    double joules = 0;
    bool has_all = true;
    for (const KernelCase& part : parts_of(c)) {
      const TimePoint* timed = evidence.time_of(name_of(part));
      has_all = has_all && timed != nullptr;
      if (!has_all) break;
      const double seconds = timed->seconds.value;
      check.parts_s += seconds;
      if (law != nullptr) joules += seconds * watts_of(*law, energy_row(part, seconds, 1));
    }
    if (!has_all) continue;
    if (law != nullptr) check.parts_j = joules;
    if (const EnergyPoint* p = weighed(evidence, layer.row->name)) check.layer_j = p->joules.value;
    checks.push_back(check);
  }
  return checks;
}

}  // namespace jevons::calibration
