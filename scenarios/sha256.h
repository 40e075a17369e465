#pragma once
// SHA-256 (FIPS 180-4), by which a manifest names the texts and data a result was made from.
#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace jevons {

class Sha256 {
 public:
  void add(std::string_view bytes);
  // 64 hexadecimal digits; nothing can be added afterwards.
  std::string digest();

 private:
  void block(const unsigned char* bytes);

  std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<unsigned char, 64> pending_{};
  std::uint64_t size_ = 0;  // bytes added so far
};

std::string sha256(std::string_view bytes);
// Of a file of any size; throws ScenarioError when it cannot be read.
std::string sha256_of_file(const std::filesystem::path& path);

}  // namespace jevons
