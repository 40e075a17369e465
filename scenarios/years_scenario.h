#pragma once
// kind "years": what efficiency does to the energy of AI over years, with and without innovations.
#include <cstdint>
#include <string>
#include <string_view>

#include "models/demand/lever.h"
#include "models/demand/rebound.h"
#include "models/demand/uncertain.h"
#include "scenarios/kinds.h"

namespace jevons {

struct YearsScenario {
  static constexpr std::string_view name = "years";
  static constexpr std::string_view help =
      "demand, build-out and rebound over years, with innovations and without";
  std::string title;
  std::string note;
  std::uint64_t seed = 1;
  World world;
  UncertainInputs uncertain;
  Levers levers;
  int samples = 200;  // worlds drawn from the uncertain inputs
  bool detail = false, ranks_levers = false, draws_maps = false;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("name", title, "as printed");
    field("note", note, "remark for readers");
    field("seed", seed, "seed of every random stream");
    world.fields(field);
    field("uncertain", uncertain, "inputs that are known as ranges");
    field("levers", levers, "what could be done about it");
    field("samples", samples, Range{0, 1'000'000}, "worlds drawn from the uncertain inputs");
    field("detail", detail, "regions, tiers, leads, thresholds, indices and growth as well");
    field("ranks_levers", ranks_levers, "what each lever saves after everybody has answered");
    field("draws_maps", draws_maps, "rebound over elasticity, gain and energy's share of cost");
  }
};

Mistakes laws(const YearsScenario& scenario, const JsonDocument& document);
// Done by whoever brings RunContext::years.
Answer run(const YearsScenario& scenario, RunContext& context);

// The answer of a run as text, summary and tables; years_answer.cpp and years_tables.cpp.
std::string years_text(const YearsScenario& scenario, const Rebound& outcome);
// What came of it in two or three sentences; empty without innovations.
std::string years_sentence(const YearsScenario& scenario, const Rebound& outcome);
JsonValue years_summary(const YearsScenario& scenario, const Rebound& outcome);
void write_years_tables(const OutputDir& out, const YearsScenario& scenario,
                        const Rebound& outcome);

}  // namespace jevons
