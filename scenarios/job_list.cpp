#include "scenarios/job_list.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "scenarios/gzip.h"
#include "scenarios/job_entry.h"
#include "scenarios/trace_row.h"

namespace jevons {

namespace {

constexpr Span assumed_muri_overhead = std::chrono::seconds{10};

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::int32_t gpus_in(std::string_view text, std::string_view column, const LineReader& at) {
  const auto value = whole_number(text);
  if (!value || *value < 1 || *value > 10'000'000)
    at.refuse(std::string{column} + " as a whole number from 1 to 10000000", excerpt(text));
  return static_cast<std::int32_t>(*value);
}

Span span_in(std::string_view text, double unit_s, std::string_view column, const LineReader& at) {
  const auto value = number(text);
  if (!value || !(*value >= 0) || *value * unit_s > 9e9)
    at.refuse(std::string{column} + " as a time from 0 on", excerpt(text));
  return Span{std::llround(*value * unit_s * 1e9)};
}

// Columns between blanks, as SWF has them.
template <std::size_t N>
std::size_t split_blanks(std::string_view line, std::array<std::string_view, N>& columns) {
  constexpr std::string_view blanks = " \t";
  std::size_t count = 0;
  while (true) {
    const std::size_t begin = line.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return count;
    line.remove_prefix(begin);
    const std::size_t end = std::min(line.find_first_of(blanks), line.size());
    if (count < N) columns[count] = line.substr(0, end);
    ++count;
    line.remove_prefix(end);
  }
}

void read_swf(LineReader& lines, const JobListOptions& options, JobList& list) {
  std::string_view line;
  while (lines.next(line)) {
    if (line.empty() || line.front() == ';') continue;
    std::array<std::string_view, 18> column;
    const std::size_t count = split_blanks(line, column);
    if (count == 0) continue;
    if (count != 18) lines.refuse("18 columns", std::to_string(count));
    const auto value = [&](std::size_t i) {
      const auto v = number(column[i]);
      if (!v) lines.refuse("numbers in all columns", excerpt(column[i]));
      return *v;
    };
    const double processors = value(7) > 0 ? value(7) : value(4);
    const double run = value(3), request = value(8) > 0 ? value(8) : run;
    if (processors < 1 || run <= 0 || request <= 0 || value(1) < 0) {
      ++list.left_out;
      continue;
    }
    GangJob job;
    job.id = static_cast<std::int64_t>(value(0));
    job.submit = Instant{std::chrono::seconds{static_cast<std::int64_t>(value(1))}};
    const double length = options.ends_at_request ? std::min(run, request) : run;
    job.run = to_span(length * unit::s);
    job.requested = options.is_clairvoyant ? job.run : to_span(request * unit::s);
    job.gpus = static_cast<std::int32_t>(processors);
    list.jobs.push_back(job);
  }
}

void read_philly(LineReader& lines, JobList& list) {
  constexpr std::string_view names = "timestamp,duration,num_gpus,gpu_time,cluster";
  std::string_view line;
  if (!lines.next(line) || line != names)
    lines.refuse("the header " + std::string{names}, excerpt(line));
  std::map<std::string, std::int32_t, std::less<>> tenants;
  while (lines.next(line)) {
    if (line.empty()) continue;
    std::array<std::string_view, 5> column;
    const std::size_t count = split(line, column);
    if (count != 5) lines.refuse("5 columns", std::to_string(count));
    const auto when = day_and_time(column[0]);
    if (!when) lines.refuse("timestamp such as 2017-10-09 07:01:55", excerpt(column[0]));
    GangJob job;
    job.submit = Instant{*when};
    job.run = job.requested = std::max(span_in(column[1], 1, "duration", lines), Span{1});
    job.gpus = gpus_in(column[2], "num_gpus", lines);
    const auto [tenant, is_new] =
        tenants.emplace(column[4], static_cast<std::int32_t>(list.tenants.size()));
    if (is_new) list.tenants.emplace_back(column[4]);
    job.tenant = tenant->second;
    job.id = static_cast<std::int64_t>(list.jobs.size());
    list.jobs.push_back(job);
  }
}

// Columns are found by name; those that are not needed may be there or not.
void read_muri(LineReader& lines, const JobListOptions& options, JobList& list) {
  constexpr std::array<std::string_view, 6> wanted{"job_id",     "num_gpu",    "submit_time",
                                                   "iterations", "model_name", "iteration_time"};
  std::array<std::string_view, 32> column;
  std::string_view line;
  if (!lines.next(line)) lines.refuse("a header and jobs", "an empty file");
  const std::size_t columns = split(line, column);
  std::array<std::size_t, 6> at{};
  for (std::size_t w = 0; w < wanted.size(); ++w) {
    const auto found = std::find(column.begin(), column.end(), wanted[w]);
    if (found == column.end())
      lines.refuse("a column \"" + std::string{wanted[w]} + "\"", excerpt(line));
    at[w] = static_cast<std::size_t>(found - column.begin());
  }
  while (lines.next(line)) {
    if (line.empty()) continue;
    if (const std::size_t count = split(line, column); count != columns)
      lines.refuse(std::to_string(columns) + " columns", std::to_string(count));
    GangJob job;
    job.id = static_cast<std::int64_t>(list.jobs.size());
    job.gpus = gpus_in(column[at[1]], wanted[1], lines);
    job.submit = Instant{span_in(column[at[2]], 1e-3, wanted[2], lines)};
    const auto iterations = number(column[at[3]]), each = number(column[at[5]]);
    if (!iterations || !each || *iterations <= 0 || *each <= 0)
      lines.refuse("iterations and iteration_time above 0", excerpt(line));
    const double iteration_s = *each * 1e-3 * options.iteration_factor;
    job.iteration = to_span(iteration_s * unit::s);
    job.run = job.requested = to_span(*iterations * iteration_s * unit::s);
    const auto known = options.overheads.find({job.gpus, std::string{column[at[4]]}});
    job.overhead = known == options.overheads.end() ? assumed_muri_overhead : known->second;
    job.is_preemptible = true;
    list.jobs.push_back(job);
  }
}

}  // namespace

JobList read_jobs(const std::string& path, JobFormat format, const JobListOptions& options,
                  const std::string& shown) {
  JobList list;
  if (format == JobFormat::jobs) {
    list = read_job_entries(path, shown);
  } else {
    LineReader lines{path, shown};
    if (format == JobFormat::swf)
      read_swf(lines, options, list);
    else if (format == JobFormat::philly)
      read_philly(lines, list);
    else
      read_muri(lines, options, list);
    if (list.jobs.empty()) lines.refuse("at least one job", "the end of the file");
  }
  std::stable_sort(list.jobs.begin(), list.jobs.end(),
                   [](const GangJob& a, const GangJob& b) { return a.submit < b.submit; });
  return list;
}

}  // namespace jevons
