#include "scenarios/trace_mooncake.h"

#include <array>
#include <string>

#include "scenarios/trace_row.h"

namespace jevons {

namespace {

constexpr std::array<std::string_view, 4> keys{"timestamp", "input_length", "output_length",
                                               "hash_ids"};

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

// What is left of a line.
struct Cursor {
  std::string_view rest;
  const LineReader& at;

  bool try_take(char c) {
    while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
    if (rest.empty() || rest.front() != c) return false;
    rest.remove_prefix(1);
    return true;
  }
  void take(char c) {
    if (!try_take(c)) refuse_here(std::string{'\''} + c + '\'');
  }
  [[noreturn]] void refuse_here(const std::string& expected) const {
    at.refuse(expected, rest.empty() ? "the end of the line" : excerpt(rest));
  }

  // One of `keys` and its colon; its index.
  std::size_t key() {
    take('"');
    const std::string_view name = rest.substr(0, rest.find('"'));
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (name != keys[i]) continue;
      rest.remove_prefix(name.size());
      take('"');
      take(':');
      return i;
    }
    at.refuse("the keys timestamp, input_length, output_length, hash_ids", excerpt(name));
  }

  // The digits of a number, which others then judge.
  std::string_view number() {
    while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
    const std::string_view text = rest.substr(0, rest.find_first_of(",]} \t"));
    rest.remove_prefix(text.size());
    return text;
  }

  std::uint64_t whole(std::string_view what) {
    const std::string_view text = number();
    const auto value = whole_number(text);
    if (!value) at.refuse(std::string{what} + " as a whole number from 0 on", excerpt(text));
    return *value;
  }

  void list(std::vector<std::uint64_t>& out) {
    out.clear();
    take('[');
    if (try_take(']')) return;
    do {
      out.push_back(whole("an id in hash_ids"));
    } while (try_take(','));
    take(']');
  }

  Instant milliseconds() {
    const std::uint64_t ms = whole("timestamp in milliseconds");
    constexpr std::uint64_t latest = 9'000'000'000'000;  // what nanoseconds in 64 bits can hold
    if (ms > latest) at.refuse("timestamp up to " + std::to_string(latest), std::to_string(ms));
    return Instant{std::chrono::milliseconds{ms}};
  }
};

}  // namespace

void MooncakeRows::row(std::string_view line, const LineReader& at, RequestSpec& out) {
  Cursor cursor{line, at};
  std::array<bool, keys.size()> seen{};
  cursor.take('{');
  do {
    const std::size_t key = cursor.key();
    if (seen[key]) at.refuse("each key once", std::string{keys[key]} + " twice");
    seen[key] = true;
    if (key == 0) out.arrival = cursor.milliseconds();
    if (key == 1) out.prompt_tokens = tokens(cursor.number(), 1, keys[key], at);
    if (key == 2) out.output_tokens = tokens(cursor.number(), 1, keys[key], at);
    if (key == 3) cursor.list(blocks);
  } while (cursor.try_take(','));
  cursor.take('}');
  while (!cursor.rest.empty() && is_blank(cursor.rest.front())) cursor.rest.remove_prefix(1);
  if (!cursor.rest.empty()) cursor.refuse_here("the end of the line");
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (!seen[i]) at.refuse("the key " + std::string{keys[i]}, "none");
  const auto needed =
      static_cast<std::size_t>((out.prompt_tokens + block_tokens - 1) / block_tokens);
  if (blocks.size() != needed)
    at.refuse(std::to_string(needed) + " hash_ids, one per 512 tokens of input_length",
              std::to_string(blocks.size()));
  out.prefix_blocks = blocks;
  out.prefix_block_tokens = block_tokens;
}

}  // namespace jevons
