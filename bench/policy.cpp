// Export rules: one rule on one chip, and a whole answer. One core; shipped rules and chips.
#include <benchmark/benchmark.h>

#include "scenarios/rulebook_io.h"

namespace jevons {
namespace {

struct Case {
  Rulebook book;
  std::vector<RuledChip> chips;
};

Case shipped() {
  const Catalogues catalogues = catalogues_in({JEVONS_SOURCE_DIR "/scenarios/parts"});
  Case all{load_rulebook(catalogues), {}};
  for (const ChipSpec& chip : read_all<ChipSpec>(catalogues)) all.chips.push_back(ruled_chip(chip));
  return all;
}

void evaluate(benchmark::State& state) {
  const Case all = shipped();
  const Deal deal{.date = "2026-02-01", .destination = "CN"};
  std::int64_t done = 0;
  for (auto _ : state)
    for (const RuledChip& chip : all.chips)
      for (const Rule& rule : all.book.rules()) {
        benchmark::DoNotOptimize(all.book.judge(rule, chip, deal));
        ++done;
      }
  state.SetItemsProcessed(done);
}

void answer(benchmark::State& state) {
  const Case all = shipped();
  const Deal deal{.date = "2026-02-01", .destination = "CN"};
  for (auto _ : state)
    for (const RuledChip& chip : all.chips)
      benchmark::DoNotOptimize(all.book.answer(chip, deal).headline);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(all.chips.size()));
}

BENCHMARK(evaluate);
BENCHMARK(answer);

}  // namespace
}  // namespace jevons
