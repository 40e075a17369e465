#include "scenarios/catalogue.h"

#include <algorithm>
#include <cmath>
#include <fstream>

#include <doctest/doctest.h>

#include "models/hardware/chip.h"
#include "models/llm/transformer.h"
#include "scenarios/grid_cards.h"
#include "scenarios/part_laws.h"
#include "scenarios/sha256.h"
#include "scenarios/workload_cards.h"
#include "scenarios/workload_tables.h"
#include "tests/support/temporary_path.h"

namespace jevons {

namespace {

namespace fs = std::filesystem;

const fs::path project = fs::path{JEVONS_SOURCE_DIR} / "scenarios/parts";

Catalogues shipped() {
  return catalogues_in({project});
}

JsonDocument document_of(std::string_view catalogue, const std::string& id) {
  return load_document(entry_file(shipped(), catalogue, id), disk());
}

double mean(const std::vector<WeightedValue>& histogram) {
  double sum = 0, weight = 0;
  for (const WeightedValue& entry : histogram) {
    sum += entry.value * entry.weight;
    weight += entry.weight;
  }
  return sum / weight;
}

LengthTable lengths_of(std::string_view id) {
  return read_lengths(read_entry<LengthCard>(shipped(), id).file.path.string());
}

// What an operation refuses, as text.
template <class Operation>
std::string refusal(Operation operation) {
  try {
    operation();
  } catch (const ScenarioError& error) {
    return error.what();
  }
  return "";
}

// The twins that we made ourselves have no maker who could have published anything.
bool is_ours(const ModelCard& card) {
  return card.id.starts_with("deepseek-v3-dense-twin");
}

}  // namespace

TEST_CASE("the parameters of every shipped model are those published within one percent") {
  const auto cards = read_all<ModelCard>(shipped());
  CHECK(cards.size() >= 73);
  for (const ModelCard& card : cards) {
    CAPTURE(card.id);
    if (!is_ours(card))
      CHECK(parameters(card).total() == doctest::Approx(card.published.total).epsilon(0.01));
    CHECK(laws(card, document_of("models", card.id), "").empty());
  }
}

TEST_CASE("published active parameters lie between ours with and without the input table") {
  for (const ModelCard& card : read_all<ModelCard>(shipped())) {
    if (is_ours(card)) continue;
    CAPTURE(card.id);
    const double active = active_parameters(card);
    // Five percent, because active counts are published with two digits.
    CHECK(card.published.active > 0.95 * active);
    CHECK(card.published.active < 1.05 * (active + parameters(card).unembedding));
  }
}

TEST_CASE("the published processing performance of every chip is its best rate times its bits") {
  const auto chips = read_all<ChipSpec>(shipped());
  CHECK(chips.size() >= 65);
  for (const ChipSpec& chip : chips) {
    CAPTURE(chip.id);
    double best = 0;
    const auto rate = [&](std::optional<Speed> peak, double bits) {
      if (peak) best = std::max(best, bits * peak->in(unit::TFLOP / unit::s));
    };
    rate(chip.peak.bf16, 16);
    rate(chip.peak.fp8, 8);
    rate(chip.peak.int8, 8);
    rate(chip.peak.fp4, 4);
    rate(chip.peak.int4, 4);
    CHECK(chip.facts.tpp.has_value() == (best > 0));
    CHECK(best == doctest::Approx(chip.facts.tpp.value_or(0)).epsilon(0.002));
    CHECK_FALSE(chip.facts.sources.empty());
  }
}

TEST_CASE("a chip without public numbers keeps them unknown and says what a run would need") {
  const auto chip = read_entry<ChipSpec>(shipped(), "mi308x");
  CHECK_FALSE(chip.peak.bf16.has_value());
  CHECK(chip.facts.confidence == Confidence::low);
  const Mistakes mistakes = laws_to_simulate(chip, document_of("chips", "mi308x"), "");
  REQUIRE(mistakes.list().size() == 1);
  const std::string text = to_text(mistakes.list().front());
  CHECK(text.find("expected a bf16 rate, got unknown (hint: state what you assume, such as "
                  "\"500 TFLOP/s\")") != std::string::npos);
}

TEST_CASE("every shipped trace holds as many requests as its entry says") {
  for (const TraceCard& card : read_all<TraceCard>(shipped())) {
    CAPTURE(card.id);
    const auto trace = open_trace(card.file.path.string(), card.format);
    std::int64_t requests = 0;
    RequestSpec request;
    while (trace->next(request)) ++requests;
    CHECK(requests == card.requests);
  }
}

TEST_CASE("every shipped table of lengths and rates holds as many rows as its entry says") {
  for (const LengthCard& card : read_all<LengthCard>(shipped())) {
    CAPTURE(card.id);
    const LengthTable table = lengths_of(card.id);
    CHECK(table.pairs.size() + table.prompt.size() + table.output.size() +
              table.thinking_share.size() ==
          static_cast<std::size_t>(card.rows));
    CHECK(table.prompt.size() <= 200);
    CHECK(table.output.size() <= 200);
  }
  for (const RateCard& card : read_all<RateCard>(shipped()))
    CHECK(read_rates(card.file.path.string()).size() == static_cast<std::size_t>(card.rows));
}

TEST_CASE("the page of sources names every shipped data file with its true hash") {
  std::ifstream page{fs::path{JEVONS_SOURCE_DIR} / "docs/sources.md"};
  const std::string text{std::istreambuf_iterator<char>{page}, {}};
  const auto named = [&](const FilePath& file, const Origin& origin) {
    CAPTURE(file.written);
    CHECK(sha256_of_file(file.path) == origin.sha256);
    CHECK(text.find("/" + file.written + "`") != std::string::npos);
    CHECK(text.find(origin.sha256) != std::string::npos);
  };
  for (const TraceCard& card : read_all<TraceCard>(shipped())) named(card.file, card.origin);
  for (const LengthCard& card : read_all<LengthCard>(shipped())) named(card.file, card.origin);
  for (const RateCard& card : read_all<RateCard>(shipped())) named(card.file, card.origin);
  for (const GridCard& card : read_all<GridCard>(shipped()))
    named(card.file ? *card.file : *card.annual, card.origin);
  for (const WeatherCard& card : read_all<WeatherCard>(shipped())) named(*card.file, card.origin);
}

TEST_CASE("thinned histograms keep the means of the tables they come from") {
  // Means of the histograms as published with ServeGen, before thinning.
  const LengthTable reasoning = lengths_of("servegen-deepseek-r1");
  CHECK(mean(reasoning.output) == doctest::Approx(1527.4).epsilon(0.001));
  CHECK(mean(reasoning.thinking_share) == doctest::Approx(0.70173).epsilon(0.001));
  CHECK(mean(lengths_of("servegen-m-large").prompt) == doctest::Approx(914.28).epsilon(0.001));
  CHECK(mean(lengths_of("servegen-m-mid").output) == doctest::Approx(50.759).epsilon(0.001));
}

TEST_CASE("an unknown id is answered with the nearest one") {
  CHECK(refusal([] { read_entry<ChipSpec>(shipped(), "h80-sxm"); }) ==
        "chips: expected an id of the catalogue chips, got \"h80-sxm\" (hint: did you mean "
        "\"h800-sxm\"?)");
  CHECK_FALSE(shipped().find("chips", "../chips/h800-sxm").has_value());
  CHECK_FALSE(shipped().find("chips", "").has_value());
}

TEST_CASE("an entry beside the scenario goes before the one of the project") {
  const fs::path folder = temporary_path("catalogue");
  fs::create_directories(folder / "parts/chips");
  fs::copy_file(project / "chips/h20-96.json", folder / "parts/chips/h800-sxm.json",
                fs::copy_options::overwrite_existing);
  const auto folders = part_folders(folder / "scenario.json", project);
  REQUIRE(folders.size() == 2);
  const Catalogues catalogues = catalogues_in(folders);
  const auto chip = read_entry<ChipSpec>(catalogues, "h800-sxm");
  CHECK(chip.id == "h800-sxm");
  CHECK(chip.memory == 96 * unit::GB);
  CHECK(catalogues.ids("chips") == shipped().ids("chips"));
  CHECK(part_folders(project.parent_path() / "scenario.json", project).size() == 1);
  fs::remove_all(folder);
}

TEST_CASE("a listing shows each entry once and leaves unknown values empty") {
  const Listing chips = list_catalogue(shipped(), "chips");
  CHECK(chips.rows.size() >= 65);
  const auto row = std::find_if(chips.rows.begin(), chips.rows.end(),
                                [](const auto& r) { return r.front() == "mi308x"; });
  REQUIRE(row != chips.rows.end());
  CHECK((*row)[2].empty());
  CHECK((*row)[3] == "192");
  for (const std::string& name : catalogue_names())
    CHECK_FALSE(list_catalogue(shipped(), name).rows.empty());
  CHECK(to_text(Listing{{"id", "n"}, {{"a", "1"}, {"long", "22"}}}) ==
        "id    n\na     1\nlong  22\n");
}

TEST_CASE("a model card that contradicts itself is told each contradiction") {
  ModelCard card;
  card.layers = 4;
  card.attention = {.heads = 12, .kv_heads = 5, .windowed_layers = 6};
  card.moe = MoeDims{.experts = 4, .top_k = 8, .dense_layers = 1};
  const JsonDocument document{{"s.json"}, {}};
  const Mistakes mistakes = laws(card, document, "/model");
  std::string got;
  for (const Mistake& mistake : mistakes.list())
    got += mistake.pointer + ": " + mistake.expected + ", got " + mistake.got + "\n";
  CHECK(got ==
        "/model/attention/head_dim: the size of a head, got 0\n"
        "/model/attention/kv_heads: a divisor of the 12 heads, got 5\n"
        "/model/attention: at most as many windowed and linear layers as there are layers (4), "
        "got 6\n"
        "/model/attention/windowed_layers: a window and windowed layers, or neither, got 6\n"
        "/model/moe/top_k: at most as many as there are experts (4), got 8\n"
        "/model/ffn_inner: the inner size of the layers that have no experts, got 0\n");
}

TEST_CASE("a broken table gets its sentence") {
  const std::string path = temporary_path("table.csv").string();
  const auto write = [&](const std::string& text) { std::ofstream{path} << text; };
  const auto lengths = [&] { read_lengths(path, "t.csv"); };
  const auto rates = [&] { read_rates(path, "t.csv"); };
  write("kind,value,weight\nprompt,5,0.5\nanswer,4,0.5\n");
  CHECK(refusal(lengths) ==
        "t.csv:3: expected the kind prompt, output or thinking_share, got \"answer\"");
  write("kind,value,weight\nprompt,5,0.5\noutput,4,0\n");
  CHECK(refusal(lengths) ==
        "t.csv:3: expected prompt and output rows with a positive weight, got the end of the file");
  write("kind,value,weight\nthinking_share,1.5,1\n");
  CHECK(refusal(lengths) == "t.csv:2: expected a share as a number from 0 to 1, got \"1.5\"");
  write("prompt_tokens,output_tokens\n");
  CHECK(refusal(lengths) == "t.csv:1: expected at least one row, got the end of the file");
  write("time_s,requests_per_s\n0,-1\n");
  CHECK(refusal(rates) == "t.csv:2: expected requests_per_s as a number from 0 on, got \"-1\"");
  write("time_s,requests_per_s\n0,1\n0,2\n");
  CHECK(refusal(rates) ==
        "t.csv:3: expected times that rise, got \"0\" (hint: sort the rows by time)");
  fs::remove(path);
}

}  // namespace jevons
