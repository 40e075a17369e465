#pragma once
// What serving engines cost besides their kernels, by engine and year: fitted to measured
// deployments and kept in calibration/engines/overheads.json.
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "sim/fields.h"
#include "sim/quantity.h"

namespace jevons {

struct EngineOverhead {
  std::string engine;  // vllm, sglang, trtllm
  int year = 0;
  Time per_iteration = 500 * unit::us;
  Time per_sequence = 5 * unit::us;
  Time
      per_vocabulary_entry;  // of each sequence, where tokens are drawn and not the likeliest taken
  Time per_request;
  double response_iterations = 0;
  int rows = 0;

  // Host time of one iteration for each sequence in it.
  Time sequence_time(int vocabulary, bool is_sampled) const {
    return is_sampled ? per_sequence + vocabulary * per_vocabulary_entry : per_sequence;
  }

  template <class Visitor>
  void fields(Visitor&& field) {
    const Range host{0 * unit::s, 1 * unit::s};
    field(required("engine"), engine, "name of the engine");
    field(required("year"), year, Range{2000, 2100}, "year of the release that was measured");
    field(required("per_iteration"), per_iteration, host, "time of an iteration beside kernels");
    field(required("per_sequence"), per_sequence, host, "the same for each sequence in it");
    field(required("per_vocabulary_entry"), per_vocabulary_entry, host,
          "the same for each sequence and entry of the vocabulary, when tokens are drawn");
    field(required("per_request"), per_request, host,
          "before a request reaches the scheduler and after its first token has left it");
    field(required("response_iterations"), response_iterations, Range{0.0, 1000.0},
          "decode iterations that a first token waits besides: the queue is looked at, or tokens "
          "are sent, only now and then");
    field("rows", rows, Range{0, 1'000'000}, "measured rows that the entry was fitted to");
  }
};

// As if kernels followed one another without a host.
inline const EngineOverhead no_overhead{.engine = {},
                                        .year = 0,
                                        .per_iteration = {},
                                        .per_sequence = {},
                                        .per_vocabulary_entry = {},
                                        .per_request = {},
                                        .response_iterations = 0,
                                        .rows = 0};

struct EngineOverheads {
  std::string source, licence, method;
  std::vector<EngineOverhead> entries;
  // Keys of the rows used, so that later ones can be told from them.
  std::vector<std::string> fitted_rows;

  // The entry of this engine nearest in year; nothing known of the engine: the defaults.
  EngineOverhead of(std::string_view engine, int year) const;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("source"), source, "where the rows were published");
    field(required("licence"), licence, "their licence");
    field(required("method"), method, "how entries were fitted");
    field(required("entries"), entries, "one for each engine and year");
    field(required("fitted_rows"), fitted_rows, "hash of the shape of each row used");
  }
};

// Those that the project ships. Throws ScenarioError.
EngineOverheads project_overheads();

// Throws ScenarioError.
EngineOverheads load_engine_overheads(const std::filesystem::path& path);
std::string engine_overheads_text(const EngineOverheads& overheads);

}  // namespace jevons
