#include "scenarios/trace.h"

#include <string_view>

#include "scenarios/trace_mooncake.h"
#include "scenarios/trace_row.h"

namespace jevons {

namespace {

std::string in_seconds(Span span) {
  std::string text = std::to_string(to_time(span).in(unit::s));
  while (text.ends_with('0')) text.pop_back();
  if (text.ends_with('.')) text.pop_back();
  return text + " s";
}

[[noreturn]] void refuse_columns(std::string_view expected, std::size_t got, const LineReader& at) {
  at.refuse(std::string{expected}, std::to_string(got) + (got == 1 ? " column" : " columns"));
}

// Our own format; the fourth column may be left out of the whole file.
struct PlainRows {
  static constexpr bool has_header = true;
  bool has_thinking = false;

  void header(std::string_view line, const LineReader& at) {
    constexpr std::string_view three = "arrival_s,prompt_tokens,output_tokens";
    constexpr std::string_view four = "arrival_s,prompt_tokens,output_tokens,thinking_tokens";
    has_thinking = line == four;
    if (!has_thinking && line != three)
      at.refuse("the header " + std::string{three} + ", with or without ,thinking_tokens",
                excerpt(line));
  }

  void row(std::string_view line, const LineReader& at, RequestSpec& out) const {
    std::array<std::string_view, 4> column;
    const std::size_t count = split(line, column);
    if (count != (has_thinking ? 4U : 3U))
      refuse_columns(has_thinking ? "4 columns" : "3 columns", count, at);
    const auto arrival = seconds(column[0]);
    if (!arrival) at.refuse("arrival_s as seconds from 0 on such as 12.5", excerpt(column[0]));
    out.arrival = Instant{*arrival};
    out.prompt_tokens = tokens(column[1], 1, "prompt_tokens", at);
    out.output_tokens = tokens(column[2], 1, "output_tokens", at);
    if (!has_thinking) return;
    out.thinking_tokens = tokens(column[3], 0, "thinking_tokens", at);
    if (out.thinking_tokens > out.output_tokens)
      at.refuse(
          "thinking_tokens of at most the " + std::to_string(out.output_tokens) + " output_tokens",
          std::to_string(out.thinking_tokens));
  }
};

struct AzureRows {
  static constexpr bool has_header = true;
  std::optional<Span> first;

  static void header(std::string_view line, const LineReader& at) {
    constexpr std::string_view names = "TIMESTAMP,ContextTokens,GeneratedTokens";
    if (line != names) at.refuse("the header " + std::string{names}, excerpt(line));
  }

  void row(std::string_view line, const LineReader& at, RequestSpec& out) {
    std::array<std::string_view, 3> column;
    const std::size_t count = split(line, column);
    if (count != 3) refuse_columns("3 columns", count, at);
    const auto when = day_and_time(column[0]);
    if (!when) at.refuse("TIMESTAMP such as 2023-11-16 18:15:46.6805900", excerpt(column[0]));
    if (!first) first = when;
    out.arrival = Instant{*when - *first};
    out.prompt_tokens = tokens(column[1], 1, "ContextTokens", at);
    out.output_tokens = tokens(column[2], 1, "GeneratedTokens", at);
  }
};

// What all formats share: header, blank lines, order of arrival, an empty file.
template <class Rows>
class Trace final : public RequestSource {
 public:
  Trace(const std::string& path, const std::string& shown) : lines_{path, shown} {
    std::string_view line;
    if constexpr (Rows::has_header) {
      if (!lines_.next(line)) lines_.refuse("a header and requests", "an empty file");
      rows_.header(line, lines_);
    }
  }

  bool next(RequestSpec& out) override {
    std::string_view line;
    do {
      if (!lines_.next(line)) return finish();
    } while (line.empty());
    out = RequestSpec{};
    rows_.row(line, lines_, out);
    if (out.arrival < last_)
      lines_.refuse(
          "an arrival not before that of the row above, " + in_seconds(last_.time_since_epoch()),
          in_seconds(out.arrival.time_since_epoch()), "sort the rows by arrival");
    last_ = out.arrival;
    is_empty_ = false;
    return true;
  }

 private:
  bool finish() const {
    if (is_empty_) lines_.refuse("at least one request", "the end of the file");
    return false;
  }

  LineReader lines_;
  Rows rows_;
  Instant last_{};
  bool is_empty_ = true;
};

}  // namespace

std::unique_ptr<RequestSource> open_trace(const std::string& path, TraceFormat format,
                                          const std::string& shown) {
  switch (format) {
    case TraceFormat::plain:
      return std::make_unique<Trace<PlainRows>>(path, shown);
    case TraceFormat::azure:
      return std::make_unique<Trace<AzureRows>>(path, shown);
    case TraceFormat::mooncake:
      return std::make_unique<Trace<MooncakeRows>>(path, shown);
  }
  broken("a trace has a known format", __FILE__, __LINE__);
}

}  // namespace jevons
