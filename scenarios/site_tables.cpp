#include <array>
#include <cstdio>
#include <fstream>

#include "scenarios/csv_file.h"
#include "scenarios/json_value.h"
#include "scenarios/site_answer.h"

namespace jevons {

namespace {

constexpr std::string_view job_columns =
    "job,name,cluster,status,gpus,submit_s,start_s,end_s,wait_s,slowdown,preemptions,gpu_hours,"
    "energy_kwh,carbon_gco2e,water_l,cost_usd";
constexpr std::string_view power_columns =
    "time_s,site,job_w,idle_w,host_w,network_w,cooling_w,loss_w,grid_w,carbon_g_per_kwh,"
    "price_usd_per_kwh,gpu_limit,busy_gpus,waiting_jobs";

// Names come from users: what would break a plain table is replaced.
std::string plain(std::string text) {
  for (char& c : text)
    if (c == ',' || c == '"' || c < ' ') c = '_';
  return text;
}

void write_bill(CsvFile& file, const Bill& bill) {
  file.number(bill.energy().in(unit::kWh)).number(bill.carbon.in(unit::gCO2e));
  file.number(bill.site_litres + bill.grid_litres).number(bill.cost.in(unit::usd));
}

void write_job(CsvFile& file, const SiteAnswer& a, std::size_t i) {
  const SiteJob& job = a.build->model.jobs[i];
  const JobOutcome& o = a.outcome->jobs[i];
  const bool has_begun = o.start != forever, has_ended = o.end != forever;
  file.whole(job.gang.id).text(plain(job.name));
  if (o.cluster >= 0)
    file.text(plain(a.build->model.clusters[static_cast<std::size_t>(o.cluster)].name));
  else
    file.empty();
  file.text(has_ended ? "done" : has_begun ? "unfinished" : o.cluster >= 0 ? "waiting" : "to_come");
  file.whole(job.gang.gpus).seconds(job.gang.submit.time_since_epoch());
  has_begun ? file.seconds(o.start.time_since_epoch()) : file.empty();
  has_ended ? file.seconds(o.end.time_since_epoch()) : file.empty();
  has_begun ? file.seconds(o.start - job.gang.submit) : file.empty();
  if (has_ended) {
    const Span run = std::max(job.gang.run, a.scenario->slowdown_bound);
    file.number(std::max(1.0, to_time(o.end - job.gang.submit) / to_time(run)));
  } else {
    file.empty();
  }
  file.whole(o.preemptions).number(to_double(o.gpu_ns) / 3.6e12);
  if (o.cluster >= 0 && a.build->model.sites[static_cast<std::size_t>(
                            a.build->model.clusters[static_cast<std::size_t>(o.cluster)].site)])
    write_bill(file, o.bill);
  else
    file.empty().empty().empty().empty();
  file.end_row();
}

void write_sample(CsvFile& file, const SiteAnswer& a, const SiteSample& s) {
  const auto site = static_cast<std::size_t>(s.site);
  file.seconds(s.at.time_since_epoch()).text(plain(a.build->model.site_names[site]));
  for (const Power p : {s.job, s.idle, s.host, s.network, s.cooling, s.loss, s.grid})
    file.number(p.in(unit::W));
  file.number(s.carbon_g_per_kwh).number(s.price_usd_per_kwh).number(s.gpu_limit);
  file.whole(s.busy_gpus).whole(s.waiting_jobs);
  file.end_row();
}

// A name as a JSON string.
std::string in_json(const std::string& text) {
  std::string printed = to_text(JsonValue{text, {}});
  while (printed.ends_with('\n')) printed.pop_back();
  return printed;
}

}  // namespace

void write_tables(const SiteAnswer& answer, const OutputDir& out) {
  CsvFile jobs{out.file("jobs.csv"), job_columns};
  for (std::size_t i = 0; i < answer.outcome->jobs.size(); ++i) write_job(jobs, answer, i);
  jobs.close();
  CsvFile power{out.file("power.csv"), power_columns};
  for (const SiteSample& s : answer.outcome->samples) write_sample(power, answer, s);
  power.close();
}

void write_schedule(const SiteAnswer& answer, const std::filesystem::path& file) {
  std::ofstream out{file, std::ios::binary};
  out << "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n";
  const auto& clusters = answer.build->model.clusters;
  for (std::size_t c = 0; c < clusters.size(); ++c)
    out << R"({"ph":"M","name":"process_name","pid":)" << c << R"(,"args":{"name":)"
        << in_json(clusters[c].name) << "}},\n";
  for (const RunStretch& run : answer.outcome->runs) {
    const SiteJob& job = answer.build->model.jobs[static_cast<std::size_t>(run.job)];
    std::array<char, 96> times{};
    std::snprintf(times.data(), times.size(), R"("ts":%.3f,"dur":%.3f)",
                  static_cast<double>(run.from.time_since_epoch().count()) * 1e-3,
                  static_cast<double>((run.to - run.from).count()) * 1e-3);
    out << R"({"ph":"X","cat":"job","name":)"
        << in_json(job.name + " " + std::to_string(job.gang.id)) << R"(,"pid":)" << run.cluster
        << R"(,"tid":)" << run.first_node << ',' << times.data() << R"(,"args":{"gpus":)"
        << run.gpus << "}},\n";
  }
  out << R"({"ph":"M","name":"end","pid":0,"args":{}}]})" << '\n';
  out.close();
  if (!out) throw OutputError{file.string() + ": could not be written"};
}

}  // namespace jevons
