#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/fuzz/reader_fuzz.h"

namespace jevons {
namespace {

std::vector<std::string> corpus() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry :
       std::filesystem::directory_iterator{JEVONS_SOURCE_DIR "/tests/fuzz/corpus"})
    paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> texts;
  for (const auto& path : paths) {
    std::ifstream in{path, std::ios::binary};
    texts.emplace_back(std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{});
  }
  return texts;
}

bool holds_for(const std::string& text) {
  std::vector<std::uint8_t> bytes(text.begin(), text.end());
  return LLVMFuzzerTestOneInput(bytes.data(), bytes.size()) == 0;
}

// A few bytes changed, removed, doubled, or exchanged for a piece of another text.
std::string mutated(std::string text, const std::vector<std::string>& texts,
                    std::mt19937_64& random) {
  const auto below = [&random](std::size_t n) { return n == 0 ? 0 : random() % n; };
  constexpr std::string_view signs = "{}[]\",:/*\\0129eE.+-ntu$~ \n\t";
  for (std::size_t rounds = 1 + below(4); rounds > 0; --rounds) {
    const std::size_t at = below(text.size() + 1);
    const std::string& other = texts[below(texts.size())];
    switch (below(5)) {
      case 0:
        text.insert(at, 1, signs[below(signs.size())]);
        break;
      case 1:
        text.erase(at, 1 + below(8));
        break;
      case 2:
        text.insert(at, text.substr(below(text.size() + 1), below(40)));
        break;
      case 3:
        text.insert(at, other.substr(below(other.size() + 1), below(40)));
        break;
      default:
        if (at < text.size()) text[at] = static_cast<char>(below(256));
    }
  }
  return text;
}

}  // namespace

TEST_CASE("the reader keeps its laws on every text of the corpus") {
  const std::vector<std::string> texts = corpus();
  REQUIRE(texts.size() >= 8);
  for (const std::string& text : texts) CHECK_MESSAGE(holds_for(text), text);
}

TEST_CASE("the reader keeps its laws on mutations of the corpus") {
  const std::vector<std::string> texts = corpus();
  std::mt19937_64 random{20240503};  // named seed: the sequence is fixed by the standard
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = mutated(texts[random() % texts.size()], texts, random);
    REQUIRE_MESSAGE(holds_for(text), text);
  }
}

}  // namespace jevons
