#pragma once
// What is wrong with a text that a user gave us, said so that it can be repaired: where, what was
// expected, what was found, what to do. The texts are an interface and are tested letter by letter.
#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace jevons {

struct Mistake {
  std::string file;      // as the user can find it; "--set" for an override
  std::size_t line = 0;  // from 1; 0 where lines have no meaning
  std::string pointer;   // JSON pointer (RFC 6901); empty for a whole text and for tables
  std::string expected;
  std::string got;
  std::string hint;  // may be empty

  bool operator==(const Mistake&) const = default;
};

// scenarios/smoke.json:12#/chip/tdp: expected a quantity such as "700 W", got 700 (hint: ...)
std::string to_text(const Mistake& mistake);

// Mistakes in the order they were found. Beyond `most` they are only counted: a file of another
// kind would fill the screen.
class Mistakes {
 public:
  static constexpr std::size_t most = 100;

  void add(Mistake mistake);
  void add(const Mistakes& others);
  // Those of `others` that do not lie inside a value already complained of: what an entry that was
  // not found lacks is no mistake of its own.
  void add_outside(const Mistakes& others);
  bool empty() const { return list_.empty(); }
  bool full() const { return list_.size() >= most; }
  std::span<const Mistake> list() const { return list_; }
  std::size_t left_out() const { return left_out_; }

 private:
  std::vector<Mistake> list_;
  std::size_t left_out_ = 0;
};

// The user's mistakes, all that could be found at once; never thrown for our own. Caught in main.
class ScenarioError : public std::runtime_error {
 public:
  explicit ScenarioError(Mistakes mistakes);
  explicit ScenarioError(Mistake mistake);
  const Mistakes& mistakes() const { return mistakes_; }

 private:
  Mistakes mistakes_;
};

void throw_if_any(const Mistakes& mistakes);

// `did you mean "backfill"?` for the known word nearest to `word` (insertions, deletions,
// replacements, swaps of neighbours: at most three and less than half of the word; case aside),
// else `known <what>: a, b, c`.
std::string did_you_mean(std::string_view word, std::span<const std::string> known,
                         std::string_view what);

// "a, b, c"
std::string joined(std::span<const std::string> words);

}  // namespace jevons
