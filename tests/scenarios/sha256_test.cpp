#include "scenarios/sha256.h"

#include <string>

#include <doctest/doctest.h>

namespace jevons {

// Examples of FIPS 180-4 (csrc.nist.gov, SHA-256 example values), and texts around a block's end.
TEST_CASE("digests are those of the standard") {
  CHECK(sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(sha256(std::string(1'000'000, 'a')) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("a text hashes the same in pieces as at once") {
  const std::string text(200, 'x');
  for (const std::size_t cut : {0U, 1U, 55U, 63U, 64U, 65U, 128U, 200U}) {
    Sha256 pieces;
    pieces.add(std::string_view{text}.substr(0, cut));
    pieces.add(std::string_view{text}.substr(cut));
    CHECK(pieces.digest() == sha256(text));
  }
}

}  // namespace jevons
