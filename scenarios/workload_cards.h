#pragma once
// Catalogue entries about workloads: traces, distributions of lengths, rates over days.
#include <cstdint>
#include <string>
#include <string_view>

#include "scenarios/file_path.h"
#include "scenarios/trace.h"
#include "sim/fields.h"

namespace jevons {

// Where a shipped data file comes from.
struct Origin {
  std::string source, licence, as_of, sha256, note;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("source"), source, "where the file comes from");
    field(required("licence"), licence, "licence of the file");
    field(required("as_of"), as_of, "date of the source");
    field("sha256", sha256, "hash of the file as shipped");
    field("note", note, "what was done to the file, and what it does not say");
  }
};

struct TraceCard {
  static constexpr std::string_view catalogue = "traces";
  std::string id, name;
  FilePath file;
  TraceFormat format = TraceFormat::plain;
  std::int64_t requests = 0;  // 0: not counted
  Origin origin;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("name"), name, "as printed");
    field(required("file"), file, "the trace, relative to this file");
    field(required("format"), format, "how its rows are written");
    field("requests", requests, Range{std::int64_t{0}, std::int64_t{1} << 40}, "how many it holds");
    origin.fields(field);
  }
};

// The file: see read_lengths in workload_tables.h.
struct LengthCard {
  static constexpr std::string_view catalogue = "lengths";
  std::string id, name;
  FilePath file;
  std::int64_t rows = 0;
  Origin origin;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("name"), name, "as printed");
    field(required("file"), file, "the table, relative to this file");
    field("rows", rows, Range{std::int64_t{0}, std::int64_t{1} << 40}, "how many it holds");
    origin.fields(field);
  }
};

// The file: see read_rates in workload_tables.h.
struct RateCard {
  static constexpr std::string_view catalogue = "rates";
  std::string id, name;
  FilePath file;
  std::int64_t rows = 0;
  Origin origin;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("name"), name, "as printed");
    field(required("file"), file, "the table, relative to this file");
    field("rows", rows, Range{std::int64_t{0}, std::int64_t{1} << 40}, "how many it holds");
    origin.fields(field);
  }
};

}  // namespace jevons
