#pragma once
// The raw log of a chip: a folder with three tables that only grow.
//   sessions.csv  one row per call of `jevons-calibrate run` or `check`: board, driver, revision
//   windows.csv   one row per window, with everything needed to fit again
//   samples.csv   temperature, clocks, limit, power and throttle reasons, 10 to 20 rows a second
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "calibration/kernels/kernel_case.h"
#include "calibration/meter/append_file.h"
#include "calibration/meter/csv_record.h"
#include "calibration/meter/energy_window.h"

namespace jevons::calibration {

enum class Measure {
  idle_without_context,
  idle_with_context,
  spinning,
  reference,  // the reference GEMM that opens and closes a block
  time,
  energy,
  verify,
};

// What became of a window. Only `ok` rows of blocks without drift are used.
enum class Outcome {
  ok,
  disagreement,  // counter and power sensor differ by more than 3 %
  throttled,     // heat or supply, not the power limit
  unavailable,   // the case cannot run here
  wrong,         // the kernel disagrees with its reference
};

struct SessionRow {
  std::string session{}, utc{}, board{}, uuid{}, driver{}, toolkit{}, revision{};
  int capability = 0, gpus = 1;
  double l2_bytes = 0, memory_bytes = 0;

  template <class Self, class Visitor>
  static void columns(Self& s, Visitor&& column) {
    column("session", s.session);
    column("utc", s.utc);
    column("board", s.board);
    column("uuid", s.uuid);
    column("driver", s.driver);
    column("toolkit", s.toolkit);
    column("revision", s.revision);
    column("capability", s.capability);
    column("gpus", s.gpus);
    column("l2_bytes", s.l2_bytes);
    column("memory_bytes", s.memory_bytes);
  }
};

struct WindowRow {
  std::string session{};
  int block = 0;    // within the session; 0: outside of blocks
  double at_s = 0;  // since the session began
  Measure measure = Measure::time;
  Outcome outcome = Outcome::ok;
  std::string note{};  // why not
  std::string name{};  // of the case; "idle", "spinning"
  std::string model{};
  KernelCase shape{};  // its `model` is empty: see case_of
  double flop = 0, read_bytes = 0, written_bytes = 0, link_bytes = 0;
  double rotated_bytes = 0;
  int repeat = 0;
  std::int64_t launches = 0;
  double seconds_per_launch = 0;  // by device events
  double window_s = 0, joules = 0, sensor_joules = 0;
  int ticks = 0;
  Conditions conditions{};
  bool is_capped = false;

  double watts() const { return joules / window_s; }

  template <class Self, class Visitor>
  static void columns(Self& s, Visitor&& column) {
    where_columns(s, column);
    shape_columns(s.shape, column);
    column("flop", s.flop);
    column("read_bytes", s.read_bytes);
    column("written_bytes", s.written_bytes);
    column("link_bytes", s.link_bytes);
    column("rotated_bytes", s.rotated_bytes);
    column("repeat", s.repeat);
    column("launches", s.launches);
    column("seconds_per_launch", s.seconds_per_launch);
    column("window_s", s.window_s);
    column("joules", s.joules);
    column("sensor_joules", s.sensor_joules);
    column("ticks", s.ticks);
    condition_columns(s.conditions, column);
    column("is_capped", s.is_capped);
  }

 private:
  template <class Self, class Visitor>
  static void where_columns(Self& s, Visitor&& column) {
    column("session", s.session);
    column("block", s.block);
    column("at_s", s.at_s);
    column("measure", s.measure);
    column("outcome", s.outcome);
    column("note", s.note);
    column("name", s.name);
    column("model", s.model);
  }
  template <class Self, class Visitor>
  static void shape_columns(Self& c, Visitor&& column) {
    column("kind", c.kind);
    column("format", c.format);
    column("tokens", c.tokens);
    column("hidden", c.moe.hidden);
    column("inner", c.moe.inner);
    column("experts", c.moe.experts);
    column("top_k", c.moe.top_k);
    column("ep", c.moe.ep);
    column("routing", c.moe.routing);
    column("rule", c.moe.rule);
    column("has_shared", c.moe.has_shared);
    column("heads", c.attention.heads);
    column("kv_heads", c.attention.kv_heads);
    column("head_dim", c.attention.head_dim);
    column("value_dim", c.attention.value_dim);
    column("context", c.attention.context);
    column("gpus", c.gpus);
  }
  template <class Self, class Visitor>
  static void condition_columns(Self& c, Visitor&& column) {
    column("samples", c.samples);
    column("temperature_c", c.temperature_c);
    column("memory_temperature_c", c.memory_temperature_c);
    column("sm_mhz", c.sm_mhz);
    column("lowest_sm_mhz", c.lowest_sm_mhz);
    column("memory_mhz", c.memory_mhz);
    column("limit_w", c.limit_w);
    column("reasons", c.reasons);
  }
};

struct SampleRow {
  std::string session{};
  double at_s = 0, instant_w = 0, averaged_w = 0, limit_w = 0;
  double temperature_c = 0, memory_temperature_c = 0, sm_mhz = 0, memory_mhz = 0;
  std::uint64_t reasons = 0;

  template <class Self, class Visitor>
  static void columns(Self& s, Visitor&& column) {
    column("session", s.session);
    column("at_s", s.at_s);
    column("instant_w", s.instant_w);
    column("averaged_w", s.averaged_w);
    column("limit_w", s.limit_w);
    column("temperature_c", s.temperature_c);
    column("memory_temperature_c", s.memory_temperature_c);
    column("sm_mhz", s.sm_mhz);
    column("memory_mhz", s.memory_mhz);
    column("reasons", s.reasons);
  }
};

// A row about a case, its work counted.
WindowRow row_of(const KernelCase& c);
// The case of a row; names its model as long as the row lives.
KernelCase case_of(const WindowRow& row);

struct RawLog {
  std::vector<SessionRow> sessions;
  std::vector<WindowRow> windows;
  std::size_t torn = 0;  // lines that are not whole
};

// Empty where there is no log yet. Throws Refusal: tables of another version.
RawLog read_raw_log(const std::filesystem::path& folder);

class RawLogWriter {
 public:
  // Throws Refusal if the tables cannot be written, or are being written.
  explicit RawLogWriter(const std::filesystem::path& folder);
  void add(const SessionRow& row);
  void add(const WindowRow& row);  // takes the samples since the last one along
  void add(const SampleRow& row);  // kept until the next window

 private:
  AppendFile sessions_, windows_, samples_;
  std::string waiting_;
};

}  // namespace jevons::calibration

namespace jevons {

template <>
inline constexpr std::array enum_names<calibration::Measure>{
    EnumName{calibration::Measure::idle_without_context, "idle_without_context"},
    EnumName{calibration::Measure::idle_with_context, "idle_with_context"},
    EnumName{calibration::Measure::spinning, "spinning"},
    EnumName{calibration::Measure::reference, "reference"},
    EnumName{calibration::Measure::time, "time"},
    EnumName{calibration::Measure::energy, "energy"},
    EnumName{calibration::Measure::verify, "verify"},
};
template <>
inline constexpr std::array enum_names<calibration::Outcome>{
    EnumName{calibration::Outcome::ok, "ok"},
    EnumName{calibration::Outcome::disagreement, "disagreement"},
    EnumName{calibration::Outcome::throttled, "throttled"},
    EnumName{calibration::Outcome::unavailable, "unavailable"},
    EnumName{calibration::Outcome::wrong, "wrong"},
};
template <>
inline constexpr std::array enum_names<calibration::RouterRule>{
    EnumName{calibration::RouterRule::softmax, "softmax"},
    EnumName{calibration::RouterRule::grouped_sigmoid, "grouped_sigmoid"},
};

}  // namespace jevons
