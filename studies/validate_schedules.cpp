#include "studies/validate_schedules.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <string>

#include "models/scheduling/batch_run.h"
#include "scenarios/job_list.h"
#include "studies/csv_rows.h"
#include "studies/queueing_rows.h"

namespace jevons {

namespace {

constexpr Span slowdown_bound = std::chrono::seconds{10};

double seconds(Span span) {
  return to_time(span).in(unit::s);
}

SchedulerConfig counted(int gpus, Policy policy) {
  SchedulerConfig config;
  config.nodes = {NodeGroup{.nodes = gpus, .gpus_per_node = 1}};
  config.placement = Placement::counted;
  config.policy = std::move(policy);
  return config;
}

double mean_slowdown(const BatchResult& result, std::span<const GangJob> jobs) {
  double sum = 0;
  for (std::size_t i = 0; i < jobs.size(); ++i)
    sum += bounded_slowdown(result.jobs[i], jobs[i].run, slowdown_bound);
  return sum / static_cast<double>(jobs.size());
}

// The policies of the table of RLScheduler (SC'20). The two that weigh waiting stand in it as they
// were computed there; see WaitCounted.
std::optional<Policy> tabled_policy(std::string_view name, bool backfills) {
  QueueRules rules;
  rules.backfill = backfills ? Backfill::before_shadow : Backfill::none;
  rules.commits_head = true;
  if (name == "FCFS") return Fcfs{rules};
  if (name == "SJF") return Sjf{rules};
  if (name == "F1") return F1{rules};
  if (name.starts_with("WFP")) return Wfp3{rules, WaitCounted::to_unset_start};
  if (name.starts_with("UNI")) return Unicep{rules, WaitCounted::to_unset_start};
  return std::nullopt;
}

void rlscheduler(const std::filesystem::path& jobs, std::vector<Comparison>& out) {
  constexpr std::size_t sequence = 1024;
  constexpr int processors = 256;
  const JobList list = read_jobs((jobs / "lublin_256.swf.gz").string(), JobFormat::swf);
  CsvRows rows{(jobs / "lublin_256_expected.csv").string()};
  const int backfill = rows.column("backfill"), start = rows.column("start_index");
  const int policy = rows.column("policy"), expected = rows.column("avg_bounded_slowdown");
  std::map<std::pair<std::string, bool>, std::array<double, 3>> means;
  while (rows.next()) {
    const bool backfills = rows.whole(backfill) != 0;
    const std::string name{rows.text(policy)};
    const auto p = tabled_policy(name, backfills);
    const auto from = static_cast<std::size_t>(rows.whole(start));
    if (!p || from >= list.jobs.size()) continue;
    const auto part =
        std::span{list.jobs}.subspan(from, std::min(sequence, list.jobs.size() - from));
    const BatchResult r =
        run_batch(counted(processors, *p), part, {.is_one_event_at_a_time = true});
    const std::string row = name + (backfills ? " with backfill" : "") + ", from job ";
    out.push_back({"RLScheduler, lublin_256", "", "bounded slowdown", row + std::to_string(from),
                   mean_slowdown(r, part), rows.number(expected)});
    auto& mean = means[{name, backfills}];
    mean[0] += out.back().predicted, mean[1] += out.back().measured, ++mean[2];
  }
  for (const auto& [key, sums] : means)
    out.push_back({"RLScheduler, lublin_256", "", "bounded slowdown",
                   key.first + (key.second ? " with backfill" : "") + ", mean of sequences",
                   sums[0] / sums[2], sums[1] / sums[2]});
}

void kth(const std::filesystem::path& jobs, std::vector<Comparison>& out) {
  const std::string file = (jobs / "KTH-SP2-1996-2.1-cln.swf.gz").string();
  struct Expected {
    bool is_clairvoyant;
    double wait_min, slowdown;
  };
  for (const auto& e : {Expected{false, 114.0, 92.87}, Expected{true, 105.5, 72.06}}) {
    JobListOptions options;
    options.is_clairvoyant = e.is_clairvoyant;
    const JobList list = read_jobs(file, JobFormat::swf, options);
    const BatchResult r = run_batch(counted(100, Fcfs{}), list.jobs);
    double wait = 0;
    for (const GangRecord& job : r.jobs) wait += seconds(job.wait()) / 60;
    const std::string row = e.is_clairvoyant ? "EASY, run times known" : "EASY";
    out.push_back(
        {"KTH-SP2", "", "wait min", row, wait / static_cast<double>(r.jobs.size()), e.wait_min});
    out.push_back(
        {"KTH-SP2", "", "bounded slowdown", row, mean_slowdown(r, list.jobs), e.slowdown});
  }
}

// Jobs of October and November 2017, each virtual cluster by itself, first in first out.
void philly(const std::filesystem::path& jobs, std::vector<Comparison>& out) {
  const JobList list = read_jobs((jobs / "philly_sia.csv.gz").string(), JobFormat::philly);
  using namespace std::chrono;
  const auto midnight = [](year_month_day day) {
    return Instant{duration_cast<Span>(sys_days{day}.time_since_epoch())};
  };
  const Instant from = midnight(2017y / October / 1), to = midnight(2017y / December / 1);
  CsvRows rows{(jobs / "philly_vc.csv").string()};
  const int name = rows.column("vc"), nodes = rows.column("node num");
  double jct = 0, wait = 0, count = 0;
  while (rows.next()) {
    const auto tenant = std::find(list.tenants.begin(), list.tenants.end(), rows.text(name));
    std::vector<GangJob> own;
    for (const GangJob& j : list.jobs)
      if (j.tenant == tenant - list.tenants.begin() && j.submit >= from && j.submit < to)
        own.push_back(j);
    SchedulerConfig config;
    config.nodes = {NodeGroup{.nodes = rows.whole(nodes), .gpus_per_node = 8}};
    config.policy = Fcfs{QueueRules{.backfill = Backfill::none}};
    const BatchResult result = run_batch(config, own);
    for (const GangRecord& r : result.jobs) {
      jct += seconds(r.jct());
      wait += seconds(r.wait());
      ++count;
    }
  }
  const std::string row = "FIFO, " + std::to_string(static_cast<int>(count)) + " jobs";
  out.push_back({"Philly", "", "JCT s", row, jct / count, 11'585});
  out.push_back({"Philly", "", "wait s", row, wait / count, 104});
}

std::optional<Policy> muri_policy(const std::string& name) {
  constexpr Charge charge = Charge::every_event;
  if (name == "SRTF") return Srtf{charge};
  if (name == "SRSF") return Srsf{charge};
  if (name.starts_with("Tiresias")) return LeastAttained{charge};
  if (name.starts_with("Themis") || name.starts_with("themis")) return FinishTimeFair{charge, true};
  return std::nullopt;
}

struct MuriFigures {
  double jct = 0, makespan = 0, jct99 = 0;
};

MuriFigures muri_run(const Policy& policy, const std::vector<GangJob>& jobs) {
  SchedulerConfig config;
  config.nodes = {NodeGroup{.nodes = 8, .gpus_per_node = 8}};
  // The study counts GPUs under Tiresias and places gangs under all others.
  config.placement =
      std::holds_alternative<LeastAttained>(policy) ? Placement::counted : Placement::packed;
  config.policy = policy;
  const BatchResult r = run_batch(config, jobs);
  std::vector<double> jct;
  MuriFigures f{.makespan = seconds(r.end.time_since_epoch())};
  for (const GangRecord& job : r.jobs) {
    jct.push_back(seconds(job.jct()));
    f.jct += jct.back() / static_cast<double>(r.jobs.size());
  }
  std::sort(jct.begin(), jct.end());
  f.jct99 = jct[static_cast<std::size_t>(0.99 * static_cast<double>(jct.size()))];
  return f;
}

void muri(const std::filesystem::path& jobs, std::vector<Comparison>& out) {
  JobListOptions options;
  options.iteration_factor = 1.015;
  CsvRows overheads{(jobs / "muri_overheads.csv").string()};
  const int gpus = overheads.column("gpus"), model = overheads.column("model");
  const int overhead = overheads.column("overhead_s");
  while (overheads.next())
    options.overheads[{overheads.whole(gpus), std::string{overheads.text(model)}}] =
        to_span(overheads.number(overhead) * unit::s);
  CsvRows rows{(jobs / "muri_expected.csv").string()};
  const int policy = rows.column("policy"), metric = rows.column("metric");
  const int trace = rows.column("trace"), value = rows.column("value_s");
  std::map<std::string, JobList> lists;
  std::map<std::pair<std::string, std::string>, MuriFigures> known;
  while (rows.next()) {
    const std::string p{rows.text(policy)}, t{rows.text(trace)}, m{rows.text(metric)};
    const auto file = jobs / ("muri_" + t + ".csv.gz");
    const auto chosen = muri_policy(p);
    if (!chosen || !std::filesystem::exists(file)) continue;
    if (lists.count(t) == 0) lists[t] = read_jobs(file.string(), JobFormat::muri, options);
    if (known.count({p, t}) == 0) known[{p, t}] = muri_run(*chosen, lists[t].jobs);
    const MuriFigures& f = known[{p, t}];
    const double predicted = m == "JCT" ? f.jct : m == "Makespan" ? f.makespan : f.jct99;
    out.push_back({"Muri, 64 GPUs", "", m, p + " " + t, predicted, rows.number(value)});
  }
}

}  // namespace

std::vector<Comparison> validate_schedules(const std::filesystem::path& jobs) {
  std::vector<Comparison> out;
  const auto has = [&](const char* file) { return std::filesystem::exists(jobs / file); };
  if (has("lublin_256.swf.gz") && has("lublin_256_expected.csv")) rlscheduler(jobs, out);
  if (has("KTH-SP2-1996-2.1-cln.swf.gz")) kth(jobs, out);
  if (has("philly_sia.csv.gz") && has("philly_vc.csv")) philly(jobs, out);
  if (has("muri_expected.csv") && has("muri_overheads.csv")) muri(jobs, out);
  if (has("queueing_oracles.csv")) {
    const auto rows = queueing_rows((jobs / "queueing_oracles.csv").string());
    out.insert(out.end(), rows.begin(), rows.end());
  }
  return out;
}

}  // namespace jevons
