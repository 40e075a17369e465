#include "scenarios/trace.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include <doctest/doctest.h>
#include <zlib.h>

#include "scenarios/diagnostics.h"
#include "scenarios/gzip.h"
#include "sim/rng.h"
#include "tests/support/temporary_path.h"

namespace jevons {

namespace {

const std::string parts = std::string{JEVONS_SOURCE_DIR} + "/scenarios/parts";

// A file that lives as long as the test.
struct TemporaryFile {
  explicit TemporaryFile(const std::string& text, const std::string& ending = ".csv")
      : path{temporary_path(std::to_string(count++) + ending).string()} {
    std::ofstream{path, std::ios::binary} << text;
  }
  ~TemporaryFile() { std::filesystem::remove(path); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  std::string path;
  static inline int count = 0;
};

std::string compressed(const std::string& text) {
  const TemporaryFile file{"", ".gz"};
  gzFile out = gzopen(file.path.c_str(), "wb");
  gzwrite(out, text.data(), static_cast<unsigned>(text.size()));
  gzclose(out);
  std::ifstream in{file.path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

struct Sum {
  std::int64_t requests = 0, prompt = 0, output = 0, thinking = 0, blocks = 0;
  Instant last{};
};

Sum sum_of(RequestSource& source) {
  Sum sum;
  RequestSpec request;
  while (source.next(request)) {
    ++sum.requests;
    sum.prompt += request.prompt_tokens;
    sum.output += request.output_tokens;
    sum.thinking += request.thinking_tokens;
    sum.blocks += static_cast<std::int64_t>(request.prefix_blocks.size());
    sum.last = request.arrival;
  }
  return sum;
}

Sum read(const std::string& text, TraceFormat format = TraceFormat::plain) {
  const TemporaryFile file{text};
  return sum_of(*open_trace(file.path, format, "t.csv"));
}

// What the reader says about this text; empty when it has nothing to say.
std::string message(const std::string& text, TraceFormat format = TraceFormat::plain,
                    const std::string& ending = ".csv") {
  const TemporaryFile file{text, ending};
  try {
    sum_of(*open_trace(file.path, format, "t" + ending));
  } catch (const ScenarioError& error) {
    REQUIRE(error.mistakes().list().size() == 1);
    return to_text(error.mistakes().list().front());
  }
  return "";
}

const std::string head = "arrival_s,prompt_tokens,output_tokens\n";
const std::string mooncake_row =
    R"({"timestamp": 12, "input_length": 600, "output_length": 5, "hash_ids": [7, 8]})";

}  // namespace

TEST_CASE("a plain trace is read to the nanosecond") {
  const Sum sum = read(head + "0,100,10\n0.000000001,200,20\n12.5,300,30");
  CHECK(sum.requests == 3);
  CHECK(sum.prompt == 600);
  CHECK(sum.output == 60);
  CHECK(sum.last == Instant{Span{12'500'000'000}});
}

TEST_CASE("thinking tokens are the optional fourth column") {
  const Sum sum = read("arrival_s,prompt_tokens,output_tokens,thinking_tokens\n1e-05,100,10,4\n");
  CHECK(sum.thinking == 4);
  CHECK(sum.last == Instant{Span{10'000}});
}

TEST_CASE("line ends of any system and a missing last one and a byte order mark read the same") {
  const std::string row = "1,100,10";
  for (const std::string& text :
       {head + row, head + row + "\n\n", "\xEF\xBB\xBF" + head + row + "\n",
        std::string{"arrival_s,prompt_tokens,output_tokens\r\n1,100,10\r\n"}})
    CHECK(read(text).prompt == 100);
}

TEST_CASE("a compressed trace equals the plain one") {
  std::string text = head;
  for (int i = 0; i < 50'000; ++i) text += std::to_string(i) + ".25,1000,77\n";
  const TemporaryFile file{compressed(text), ".csv.gz"};
  const Sum packed = sum_of(*open_trace(file.path, TraceFormat::plain));
  CHECK(packed.requests == 50'000);
  CHECK(packed.prompt == read(text).prompt);
  CHECK(packed.last == read(text).last);
}

TEST_CASE("the shipped Azure traces hold what was counted in them") {
  const auto conversation =
      open_trace(parts + "/traces/azure-2023-conv.csv.gz", TraceFormat::azure);
  const Sum sum = sum_of(*conversation);
  CHECK(sum.requests == 19'366);
  CHECK(sum.prompt == 22'361'870);
  CHECK(sum.output == 4'088'665);
  CHECK(sum.last == Instant{Span{3'501'721'937'000}});
  const auto code = open_trace(parts + "/traces/azure-2023-code.csv.gz", TraceFormat::azure);
  CHECK(sum_of(*code).requests == 8'819);
}

TEST_CASE("the shipped Mooncake trace holds a hash for each block of each prompt") {
  const auto trace =
      open_trace(parts + "/traces/mooncake-conversation.jsonl.gz", TraceFormat::mooncake);
  RequestSpec first;
  REQUIRE(trace->next(first));
  CHECK(first.prompt_tokens == 6758);
  REQUIRE(first.prefix_blocks.size() == 14);
  CHECK(first.prefix_blocks[13] == 13);
  CHECK(first.prefix_block_tokens == 512);
  const Sum rest = sum_of(*trace);
  CHECK(rest.requests == 12'030);
  CHECK(rest.last == Instant{std::chrono::milliseconds{3'536'999}});
}

TEST_CASE("a Mooncake row may order its keys as it likes") {
  const std::string row =
      R"({"hash_ids":[7,8],"output_length":5,"input_length":600,"timestamp":12})";
  const Sum sum = read(row, TraceFormat::mooncake);
  CHECK(sum.blocks == 2);
  CHECK(sum.last == Instant{std::chrono::milliseconds{12}});
}

TEST_CASE("each broken plain row gets its sentence") {
  const std::string at = "t.csv:3: expected ";
  const std::string good = head + "5,100,10\n";
  CHECK(message(good + "6,100\n") == at + "3 columns, got 2 columns");
  CHECK(message(good + "6,100,10,1\n") == at + "3 columns, got 4 columns");
  CHECK(message(good + "x\n") == at + "3 columns, got 1 column");
  CHECK(message(good + "-6,100,10\n") ==
        at + R"(arrival_s as seconds from 0 on such as 12.5, got "-6")");
  CHECK(message(good + "nan,100,10\n") ==
        at + R"(arrival_s as seconds from 0 on such as 12.5, got "nan")");
  CHECK(message(good + "6.,100,10\n") ==
        at + R"(arrival_s as seconds from 0 on such as 12.5, got "6.")");
  CHECK(message(good + "6,1e2,10\n") ==
        at + R"(prompt_tokens as a whole number from 1 to 10000000, got "1e2")");
  CHECK(message(good + "6,0,10\n") ==
        at + R"(prompt_tokens as a whole number from 1 to 10000000, got "0")");
  CHECK(message(good + "6,100,10000001\n") ==
        at + R"(output_tokens as a whole number from 1 to 10000000, got "10000001")");
  CHECK(message(good + "6,100,\x01 \n") ==
        at + R"(output_tokens as a whole number from 1 to 10000000, got "? ")");
  CHECK(message(good + "4.5,100,10\n") ==
        at + "an arrival not before that of the row above, 5 s, got 4.5 s (hint: sort the rows by "
             "arrival)");
  CHECK(message("arrival_s,prompt_tokens,output_tokens,thinking_tokens\n1,100,10,11\n") ==
        "t.csv:2: expected thinking_tokens of at most the 10 output_tokens, got 11");
}

TEST_CASE("a trace without header or without requests gets its sentence") {
  CHECK(message("") == "t.csv: expected a header and requests, got an empty file");
  CHECK(message(head) == "t.csv:1: expected at least one request, got the end of the file");
  CHECK(message("1,100,10\n") ==
        "t.csv:1: expected the header arrival_s,prompt_tokens,output_tokens, with or without "
        ",thinking_tokens, got \"1,100,10\"");
  CHECK(message(head, TraceFormat::azure) ==
        "t.csv:1: expected the header TIMESTAMP,ContextTokens,GeneratedTokens, got "
        "\"arrival_s,prompt_tokens,output_tokens\"");
  CHECK(message("", TraceFormat::mooncake) ==
        "t.csv: expected at least one request, got the end of the file");
}

TEST_CASE("a day that no calendar has gets its sentence") {
  const std::string azure = "TIMESTAMP,ContextTokens,GeneratedTokens\n";
  for (const std::string when :
       {"2023-02-30 18:15:46", "9999-01-01 00:00:00", "2023-11-16T18:15:46", "2023-11-16 24:00:00",
        "2023-11-16", "2023-11-16 18:15:46x", "2023-11-16 18:15:46.",
        "2023-11-16 18:15:46+02:00"}) {
    std::string sentence = "t.csv:2: expected TIMESTAMP such as 2023-11-16 18:15:46.6805900, got ";
    sentence += '"' + when + '"';
    CHECK(message(azure + when + ",1,1\n", TraceFormat::azure) == sentence);
  }
}

TEST_CASE("a leap day and a zone of zero are read") {
  const std::string azure = "TIMESTAMP,ContextTokens,GeneratedTokens\n";
  const Sum sum = read(azure + "2024-02-29 23:59:59.5,1,1\n2024-03-01 00:00:00.25+00:00,1,1\n",
                       TraceFormat::azure);
  CHECK(sum.last == Instant{Span{750'000'000}});
}

TEST_CASE("each broken Mooncake row gets its sentence") {
  const auto with = [](std::string_view from, std::string_view to) {
    std::string row = mooncake_row;
    row.replace(row.find(from), from.size(), to);
    return message(row, TraceFormat::mooncake);
  };
  const std::string at = "t.csv:1: expected ";
  CHECK(message(mooncake_row, TraceFormat::mooncake).empty());
  CHECK(with("600", "-6") == at + R"(input_length as a whole number from 1 to 10000000, got "-6")");
  CHECK(with("12", "1.5") ==
        at + R"(timestamp in milliseconds as a whole number from 0 on, got "1.5")");
  CHECK(with("[7, 8]", "[7]") == at + "2 hash_ids, one per 512 tokens of input_length, got 1");
  CHECK(with("[7, 8]", "[7, x]") ==
        at + R"(an id in hash_ids as a whole number from 0 on, got "x")");
  CHECK(with("[7, 8]}", "[7, 8") == at + "']', got the end of the line");
  CHECK(with("timestamp", "output_length") == at + "each key once, got output_length twice");
  CHECK(with("timestamp", "time") ==
        at + R"(the keys timestamp, input_length, output_length, hash_ids, got "time")");
  CHECK(with(", \"hash_ids\": [7, 8]", "") == at + "the key hash_ids, got none");
  CHECK(with("}", "} 5") == at + R"(the end of the line, got "5")");
  CHECK(with("{", "[").find(at + "'{', got ") == 0);
}

TEST_CASE("a damaged text is read as sane requests or refused with its line") {
  const std::array<std::pair<TraceFormat, std::string>, 3> texts{{
      {TraceFormat::plain, head + "0.5,10,20\n1.25,30,40\n"},
      {TraceFormat::azure,
       "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.6805900,374,44\n"},
      {TraceFormat::mooncake, mooncake_row + "\n" + mooncake_row},
  }};
  constexpr std::string_view alphabet = "0123456789.,-:eE+ \n\r\"{}[]x";
  const TemporaryFile file{""};
  int refused = 0;
  for (std::uint64_t i = 0; i < 3'000; ++i) {
    Rng rng{1, "trace mutations", i};
    auto [format, text] = texts[rng.below(texts.size())];
    for (std::uint64_t change = 0; change <= rng.below(3); ++change)
      text[rng.below(text.size())] = alphabet[rng.below(alphabet.size())];
    std::ofstream{file.path, std::ios::binary} << text;
    try {
      RequestSpec request;
      Instant last{};
      for (const auto trace = open_trace(file.path, format); trace->next(request);) {
        REQUIRE(request.arrival >= last);
        REQUIRE(request.prompt_tokens >= 1);
        REQUIRE(request.output_tokens >= 1);
        last = request.arrival;
      }
    } catch (const ScenarioError& error) {
      ++refused;
      REQUIRE(error.mistakes().list().front().expected.empty() == false);
    }
  }
  // Some damage leaves a sane trace: another digit, a blank in a JSON line.
  CHECK(refused > 1'000);
  CHECK(refused < 3'000);
}

TEST_CASE("a file that is truncated or damaged or absent gets its sentence") {
  std::string text = head;
  for (int i = 0; i < 1'000; ++i) text += std::to_string(i) + ".25,1000,77\n";
  const std::string packed = compressed(text);
  const std::string cut = message(packed.substr(0, packed.size() / 2), TraceFormat::plain, ".gz");
  CHECK(cut.find("expected a complete gzip file, got one that ends too early") !=
        std::string::npos);
  std::string damaged = packed;
  damaged[packed.size() / 2] = static_cast<char>(damaged[packed.size() / 2] ^ 0x55);
  CHECK(message(damaged, TraceFormat::plain, ".gz").find("t.gz:") == 0);
  CHECK(message(text, TraceFormat::plain, ".gz") ==
        "t.gz: expected a gzip-compressed file, got something else (hint: compress it or drop the "
        "ending .gz)");
  CHECK_THROWS_WITH_AS(open_trace("absent.csv", TraceFormat::plain),
                       "absent.csv: expected a file that can be read, got none (hint: check the "
                       "path and its permissions)",
                       ScenarioError);
  CHECK_THROWS_AS(open_trace(parts, TraceFormat::plain), ScenarioError);
}

TEST_CASE("a line without end is refused instead of filling the memory") {
  CHECK(message(head + std::string(3 << 20, '1')) ==
        "t.csv:2: expected lines of at most 1048576 bytes, got a longer one");
  CHECK(message(head + std::string((1 << 20) + 1, '1') + "\n") ==
        "t.csv:2: expected lines of at most 1048576 bytes, got a longer one");
}

}  // namespace jevons
