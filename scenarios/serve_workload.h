#pragma once
// What a serving scenario may say about its requests: a trace that was recorded, or a generator.
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "models/jobs/arrivals.h"
#include "models/jobs/lengths.h"
#include "scenarios/workload_cards.h"
#include "sim/fields.h"
#include "sim/time.h"

namespace jevons {

inline constexpr Range<std::int64_t> request_count_range{1, std::int64_t{1} << 40};

// How recorded requests are replayed, whatever file they come from.
struct Replay {
  double load = 1;
  std::optional<std::int64_t> limit;
  std::optional<Reasoning> reasoning;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("load", load, Range{1e-6, 1e6}, "arrivals this many times as dense as recorded");
    field("limit", limit, request_count_range, "only the first so many requests; absent: all");
    field("reasoning", reasoning,
          "chain of thought added to the recorded outputs, about which a trace says nothing; "
          "absent: none");
  }
};

struct TraceWorkload {
  static constexpr std::string_view name = "trace";
  TraceCard trace;
  Replay replay;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("trace"), trace, "recorded requests");
    replay.fields(field);
  }
};

// A trace of one's own, without the papers of a catalogue entry.
struct TraceFileWorkload {
  static constexpr std::string_view name = "trace_file";
  FilePath file;
  TraceFormat format = TraceFormat::plain;
  Replay replay;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("file"), file, "the trace, relative to the scenario");
    field("format", format, "how its rows are written");
    replay.fields(field);
  }
};

// Rates as they were measured over a day or more; within a step arrivals are Poisson.
struct RecordedRates {
  static constexpr std::string_view name = "recorded";
  RateCard rates;
  double load = 1;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("rates"), rates, "recorded rates");
    field("load", load, Range{1e-6, 1e6}, "rates are multiplied by this");
  }
};

// Lengths drawn from a table; a table that knows the share of hidden reasoning in its outputs gives
// that too.
struct MeasuredLengths {
  static constexpr std::string_view name = "measured";
  LengthCard table;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("table"), table, "measured prompt and output lengths");
  }
};

using ServeArrivals = std::variant<PoissonArrivals, GammaArrivals, DiurnalArrivals, StepArrivals,
                                   ClosedLoop, RecordedRates>;
using ServeLengths = std::variant<LognormalLengths, FixedLengths, MeasuredLengths>;

struct GeneratedWorkload {
  static constexpr std::string_view name = "generated";
  ServeArrivals arrivals;
  ServeLengths lengths;
  std::optional<std::int64_t> requests;
  std::optional<Span> duration;
  std::optional<Reasoning> reasoning;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("arrivals"), arrivals, "when requests arrive");
    field(required("lengths"), lengths, "how long prompts and outputs are");
    field("requests", requests, request_count_range, "how many; absent: as many as the duration");
    field("duration", duration, Range{1 * unit::ms, 100 * unit::year},
          "no arrivals after this time; absent: as long as requests last");
    field("reasoning", reasoning, "chain of thought added to the outputs; absent: none");
  }
};

using Workload = std::variant<TraceWorkload, TraceFileWorkload, GeneratedWorkload>;

}  // namespace jevons
