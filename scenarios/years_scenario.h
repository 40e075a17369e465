#pragma once
// kind "years": what efficiency does to the energy of AI over years, with and without innovations.
#include <cstdint>
#include <string>
#include <string_view>

#include "models/demand/rebound.h"
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

  template <class Visitor>
  void fields(Visitor&& field) {
    field("name", title, "as printed");
    field("note", note, "remark for readers");
    field("seed", seed, "seed of every random stream");
    world.fields(field);
  }
};

Mistakes laws(const YearsScenario& scenario, const JsonDocument& document);
Answer run(const YearsScenario& scenario, RunContext& context);

// The answer of a run as text, summary and tables; years_answer.cpp and years_tables.cpp.
std::string years_text(const YearsScenario& scenario, const Rebound& outcome);
JsonValue years_summary(const YearsScenario& scenario, const Rebound& outcome);
void write_years_tables(const OutputDir& out, const YearsScenario& scenario,
                        const Rebound& outcome);

}  // namespace jevons
