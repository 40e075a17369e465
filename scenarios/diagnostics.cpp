#include "scenarios/diagnostics.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace jevons {
namespace {

std::string to_text(const Mistakes& mistakes) {
  std::string out;
  for (const Mistake& mistake : mistakes.list()) {
    if (!out.empty()) out += '\n';
    out += to_text(mistake);
  }
  if (mistakes.left_out() > 0)
    out += "\nand " + std::to_string(mistakes.left_out()) + " more of this kind";
  return out;
}

// Keys and file names may hold anything; a mistake takes one line.
std::string in_one_line(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const bool is_control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    out += is_control ? '?' : c;
  }
  return out;
}

// Edit distance with swaps of neighbours (Damerau 1964, optimal string alignment).
std::size_t edits(std::string_view a, std::string_view b) {
  std::array<std::vector<std::size_t>, 3> rows;  // before the last, last, current
  rows.fill(std::vector<std::size_t>(b.size() + 1));
  auto& [older, last, row] = rows;
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    older.swap(last);
    last.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U);
      row[j] = std::min({replace, last[j] + 1, row[j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], older[j - 2] + 1);
    }
  }
  return row.back();
}

bool is_same_but_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : int{c}; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [lower](char x, char y) { return lower(x) == lower(y); });
}

std::optional<std::string> nearest(std::string_view word, std::span<const std::string> known) {
  std::optional<std::string> best;
  std::size_t fewest = std::min<std::size_t>(4, (word.size() + 1) / 2);
  for (const std::string& name : known) {
    if (is_same_but_case(word, name)) return name;
    // The lengths differ by at least as many edits; the check also bounds the work on huge words.
    const std::size_t apart =
        std::max(word.size(), name.size()) - std::min(word.size(), name.size());
    if (apart >= fewest) continue;
    const std::size_t count = edits(word, name);
    if (count >= fewest) continue;
    fewest = count;
    best = name;
  }
  return best;
}

}  // namespace

std::string to_text(const Mistake& m) {
  std::string out = m.file;
  if (m.line > 0) out += ":" + std::to_string(m.line);
  if (!m.pointer.empty()) out += "#" + m.pointer;
  out += ": expected " + m.expected + ", got " + m.got;
  if (!m.hint.empty()) out += " (hint: " + m.hint + ")";
  return in_one_line(out);
}

void Mistakes::add(Mistake mistake) {
  if (full())
    ++left_out_;
  else
    list_.push_back(std::move(mistake));
}

void Mistakes::add(const Mistakes& others) {
  for (const Mistake& mistake : others.list()) add(mistake);
  left_out_ += others.left_out();
}

ScenarioError::ScenarioError(Mistakes mistakes)
    : std::runtime_error{to_text(mistakes)}, mistakes_{std::move(mistakes)} {}

ScenarioError::ScenarioError(Mistake mistake)
    : ScenarioError{[&mistake] {
        Mistakes one;
        one.add(std::move(mistake));
        return one;
      }()} {}

void Mistakes::add_outside(const Mistakes& others) {
  const std::size_t known = list_.size();
  left_out_ += others.left_out_;
  for (const Mistake& m : others.list_) {
    const auto covers = [&m](const Mistake& k) {
      return k.file == m.file && m.pointer.starts_with(k.pointer + "/");
    };
    if (std::none_of(list_.begin(), list_.begin() + static_cast<std::ptrdiff_t>(known), covers))
      add(m);
  }
}

void throw_if_any(const Mistakes& mistakes) {
  if (!mistakes.empty()) throw ScenarioError{mistakes};
}

std::string joined(std::span<const std::string> words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

std::string did_you_mean(std::string_view word, std::span<const std::string> known,
                         std::string_view what) {
  constexpr std::size_t readable = 24;  // names that still help as a list
  // "h20" means h20-96 and not l20.
  for (const std::string& name : known)
    if (!word.empty() && name.starts_with(std::string{word} + "-"))
      return "did you mean \"" + name + "\"?";
  if (const auto close = nearest(word, known)) return "did you mean \"" + *close + "\"?";
  if (known.empty() || known.size() > readable) return "";
  return "known " + std::string{what} + ": " + joined(known);
}

}  // namespace jevons
