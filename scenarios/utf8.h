#pragma once
// The little of UTF-8 (RFC 3629) that checking and cutting text needs.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace jevons {

// Position of the first byte that does not begin a well-formed character; text.size() when all do.
std::size_t first_invalid_utf8(std::string_view text);

// The first position at or after `end` that does not cut a character.
std::size_t whole_characters(std::string_view text, std::size_t end);

void append_utf8(std::string& out, std::uint32_t code_point);

}  // namespace jevons
