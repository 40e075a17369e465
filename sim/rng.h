#pragma once
// Named random streams. Each purpose has its own, so that adding a component cannot shift another's
// draws, and entities keyed by index keep their luck when two runs are paired.
//
//   Rng arrivals{seed, "arrivals/eu-west"};
//   Rng length{seed, "length", request.id};
#include <array>
#include <bit>
#include <cstdint>
#include <string_view>

namespace jevons {

// SplitMix64's finaliser: every input bit reaches every output bit; a bijection.
// Source: Steele, Lea, Flood 2014, doi:10.1145/2660193.2660195 (constants: Stafford's Mix13).
constexpr std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

// FNV-1a, 64 bits. Source: RFC 9923.
constexpr std::uint64_t hash_of(std::string_view name) {
  std::uint64_t h = 0xcbf29ce484222325U;
  for (const char c : name) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return h;
}

// xoshiro256++: period 2^256 - 1. Source: Blackman, Vigna 2021, doi:10.1145/3460772.
class Rng {
 public:
  constexpr Rng(std::uint64_t seed, std::string_view stream, std::uint64_t index = 0)
      : Rng(seed, hash_of(stream), index) {}
  // The same with the name hashed beforehand, for streams made by the million.
  constexpr Rng(std::uint64_t seed, std::uint64_t stream_hash, std::uint64_t index) {
    std::uint64_t x = mix(mix(mix(seed + golden) ^ stream_hash) + golden * index);
    for (std::uint64_t& word : state_) word = mix(x += golden);  // bijective: at most one is zero
  }

  constexpr std::uint64_t bits() {
    const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }
  // In [0, 1), a multiple of 2^-53.
  constexpr double uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }
  // In (0, 1), centred between the multiples of 2^-52: safe under a logarithm.
  constexpr double uniform_open() { return (static_cast<double>(bits() >> 12) + 0.5) * 0x1p-52; }
  // In [0, n), n > 0, every value equally likely. Lemire 2019, doi:10.1145/3230636.
  constexpr std::uint64_t below(std::uint64_t n) {
    __extension__ using Wide = unsigned __int128;
    Wide product = Wide{bits()} * n;
    if (static_cast<std::uint64_t>(product) < n) {
      const std::uint64_t unfair = (0 - n) % n;
      while (static_cast<std::uint64_t>(product) < unfair) product = Wide{bits()} * n;
    }
    return static_cast<std::uint64_t>(product >> 64);
  }

  constexpr bool operator==(const Rng&) const = default;

 private:
  static constexpr std::uint64_t golden = 0x9e3779b97f4a7c15U;
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace jevons
