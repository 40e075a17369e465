#include "scenarios/energy_io.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <type_traits>

#include "scenarios/extends.h"
#include "scenarios/json_value.h"
#include "scenarios/reader.h"
#include "scenarios/write_value.h"

namespace jevons {

namespace {

double six_digits(double x) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.6g", x);
  return std::strtod(text.data(), nullptr);
}

}  // namespace

ChipEnergy energy_from(const EnergyText& t) {
  constexpr double pico = 1e-12;
  ChipEnergy e;
  e.source = t.source_kind == "measured" ? ProfileSource::measured : ProfileSource::imported;
  e.limit = t.limit_w * unit::W;
  e.busy_static = t.static_w * unit::W;
  e.idle = t.idle_w * unit::W;
  if (t.voltage_floor > 0) e.clock.voltage_floor = t.voltage_floor;
  for (std::size_t p = 0; p < e.joule_per_flop.size(); ++p) {
    const double bytes = bytes_per_element(static_cast<Precision>(p));
    e.joule_per_flop[p] = pico * (bytes > 1.5   ? t.bf16_pj_per_flop
                                  : bytes > 0.9 ? t.fp8_pj_per_flop
                                                : t.fp4_pj_per_flop);
  }
  e.joule_per_byte.fill(pico * t.memory_pj_per_byte);
  for (const KernelKind k : {KernelKind::decode_attention, KernelKind::mla_decode,
                             KernelKind::prefill_attention, KernelKind::mla_prefill})
    e.joule_per_byte[static_cast<std::size_t>(k)] = pico * t.kv_pj_per_byte;
  e.joule_per_link_byte = pico * t.link_pj_per_byte;
  e.low = t.low;
  e.high = t.high;
  return e;
}

ChipEnergy load_energy(const std::filesystem::path& path) {
  return energy_from(read<EnergyText>(load_document(path.string(), disk())));
}

std::string energy_text(const EnergyText& text) {
  EnergyText shown = text;
  visit_fields(shown, [](Key, auto& member, const auto&...) {
    using Member = std::remove_cvref_t<decltype(member)>;
    if constexpr (std::same_as<Member, double>) member = six_digits(member);
    if constexpr (std::same_as<Member, std::vector<double>>)
      for (double& x : member) x = six_digits(x);
    if constexpr (std::same_as<Member, std::vector<std::vector<double>>>)
      for (auto& row : member)
        for (double& x : row) x = six_digits(x);
  });
  return to_text(to_json(shown)) + "\n";
}

}  // namespace jevons
