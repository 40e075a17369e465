// The inputs of a surface as bytes, for the key under which it is kept.
#include <bit>
#include <concepts>
#include <cstdint>
#include <string_view>
#include <variant>

#include "scenarios/field_types.h"
#include "scenarios/sha256.h"
#include "studies/surface.h"

namespace jevons {

namespace {

// What the engine and this file compute from the same inputs may change; old keys must not match.
constexpr std::string_view format = "jevons load surface 1";

// Lengths enter by what they draw, as they do in a window.
constexpr int sampled_lengths = 4096;

class Bytes64 {
 public:
  template <class T>
  void add(const T& value) {
    if constexpr (std::same_as<T, double>) {
      word(std::bit_cast<std::uint64_t>(value));
    } else if constexpr (std::same_as<T, bool> || Whole<T> || Enum<T>) {
      word(static_cast<std::uint64_t>(value));
    } else if constexpr (AnyQuantity<T>) {
      add(value.base());
    } else if constexpr (std::same_as<T, std::string>) {
      add(value.size());
      sha_.add(value);
    } else if constexpr (Optional<T>) {
      add(value.has_value());
      if (value) add(*value);
    } else if constexpr (requires { value.begin(); }) {
      add(value.size());
      for (const auto& element : value) add(element);
    } else {
      static_assert(HasFields<T>, "an input is a plain type or a struct with fields()");
      T copy = value;
      visit_fields(copy,
                   [this](const Key&, const auto& member, const auto&...) { this->add(member); });
    }
  }
  template <class... Ts>
  void add_all(const Ts&... values) {
    (add(values), ...);
  }
  std::string digest() { return sha_.digest(); }

 private:
  void word(std::uint64_t bits) {
    std::array<char, 8> bytes{};
    for (char& b : bytes) {
      b = static_cast<char>(bits & 0xff);
      bits >>= 8;
    }
    sha_.add({bytes.data(), bytes.size()});
  }

  Sha256 sha_;
};

void add(Bytes64& to, const std::vector<Correction>& tables) {
  for (const Correction& t : tables) to.add_all(t.axis, t.knots, t.value);
}

void add(Bytes64& to, const KernelCost& law) {
  to.add(law.source.has_value());
  if (!law.source) return;
  const Roofline& r = law.base;
  to.add_all(*law.source, r.launch, r.per_item, r.flop_rate, r.byte_rate, r.link_rate,
             r.network_rate, r.sharpness, r.tile, law.flop_peak, law.folded);
  add(to, law.corrections);
  add(to, law.untuned);
  for (const LayerKey& k : law.untuned_layers)
    to.add_all(k.hidden, k.inner, k.top_k, k.experts, k.tp, k.ep, k.skew);
  for (const AxisRange& range : law.measured) to.add_all(range.min, range.max);
}

void add(Bytes64& to, const HardwareProfile& profile) {
  for (const auto& laws : profile.time.costs)
    for (const KernelCost& law : laws) add(to, law);
  const ChipEnergy& e = profile.energy;
  to.add_all(e.busy_static, e.idle, e.limit, e.clock.voltage_floor, e.clock.lowest,
             e.joule_per_flop, e.joule_per_byte, e.joule_per_link_byte);
}

void add(Bytes64& to, const PoolConfig& pool) {
  const ServedModel& m = pool.model;
  to.add_all(pool.role, pool.replicas, m.card, m.parallelism, m.kv, m.expert_skew,
             m.low_latency_exchange, pool.engine, pool.gpu_memory, pool.prefix_block_tokens);
  add(to, pool.hardware);
}

void add(Bytes64& to, const WindowLoad& load, std::uint64_t seed) {
  Rng rng{seed, "lengths"};
  for (int i = 0; i < sampled_lengths; ++i) {
    const LengthPair pair =
        std::visit([&rng](const auto& lengths) { return lengths.sample(rng); }, load.lengths);
    to.add_all(pair.prompt, pair.output);
  }
  to.add(load.reasoning);
}

}  // namespace

std::string surface_key(const SurfaceInputs& inputs) {
  Bytes64 bytes;
  const ServingConfig& c = inputs.fleet;
  bytes.add_all(std::string{format}, c.seed, c.stepping, c.router, c.transfer, c.slo,
                inputs.effort.requests, inputs.effort.seed, inputs.is_coarse, c.pools.size());
  if (!inputs.has_errors) bytes.add_all(std::string{"no errors"});
  for (const PoolConfig& pool : c.pools) add(bytes, pool);
  add(bytes, inputs.load, inputs.effort.seed);
  return bytes.digest();
}

std::string surface_key(const HardwareProfile& profile) {
  Bytes64 bytes;
  add(bytes, profile);
  return bytes.digest();
}

std::string surface_key(const PoolConfig& pool) {
  Bytes64 bytes;
  add(bytes, pool);
  return bytes.digest();
}

}  // namespace jevons
