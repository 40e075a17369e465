#include "calibration/meter/raw_log.h"

namespace jevons::calibration {
namespace {

template <class Record>
std::vector<Record> records_in(const std::filesystem::path& path, std::size_t& torn) {
  std::vector<Record> records;
  for (const std::string& line : lines_of(path, header_of<Record>())) {
    if (line.empty()) continue;
    Record record;
    if (read_line(line, record))
      records.push_back(std::move(record));
    else
      ++torn;
  }
  return records;
}

}  // namespace

WindowRow row_of(const KernelCase& c) {
  const CaseWork work = work_of(c);
  WindowRow row{.name = name_of(c), .model = std::string{c.model}, .shape = c};
  row.shape.model = {};
  row.flop = work.flop.in(unit::flop);
  row.read_bytes = work.read.in(unit::B);
  row.written_bytes = work.written.in(unit::B);
  row.link_bytes = work.link.in(unit::B);
  return row;
}

KernelCase case_of(const WindowRow& row) {
  KernelCase c = row.shape;
  c.model = row.model;
  return c;
}

RawLog read_raw_log(const std::filesystem::path& folder) {
  RawLog log;
  log.sessions = records_in<SessionRow>(folder / "sessions.csv", log.torn);
  log.windows = records_in<WindowRow>(folder / "windows.csv", log.torn);
  return log;
}

RawLogWriter::RawLogWriter(const std::filesystem::path& folder)
    : sessions_{folder / "sessions.csv", header_of<SessionRow>()},
      windows_{folder / "windows.csv", header_of<WindowRow>()},
      samples_{folder / "samples.csv", header_of<SampleRow>()} {}

void RawLogWriter::add(const SessionRow& row) {
  sessions_.append(line_of(row));
}

void RawLogWriter::add(const WindowRow& row) {
  if (!waiting_.empty()) samples_.append(waiting_);
  waiting_.clear();
  windows_.append(line_of(row));
}

void RawLogWriter::add(const SampleRow& row) {
  if (!waiting_.empty()) waiting_ += '\n';
  waiting_ += line_of(row);
}

}  // namespace jevons::calibration
