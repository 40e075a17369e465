#include "scenarios/site_answer.h"

#include <algorithm>

#include "scenarios/json_members.h"
#include "scenarios/page.h"

namespace jevons {

namespace {

double hours(Span span) {
  return to_time(span).in(unit::h);
}

// Of the jobs of one cluster, or of all.
struct JobFigures {
  std::int64_t arrived = 0, done = 0, preemptions = 0, late = 0, with_deadline = 0;
  double wait_h = 0, jct_h = 0, slowdown = 0, gpu_hours = 0;
  Bill bill;
};

JobFigures job_figures(const SiteAnswer& a, std::int32_t cluster) {
  JobFigures f;
  for (std::size_t i = 0; i < a.outcome->jobs.size(); ++i) {
    const JobOutcome& o = a.outcome->jobs[i];
    const GangJob& job = a.build->model.jobs[i].gang;
    if (o.cluster < 0 || (cluster >= 0 && o.cluster != cluster)) continue;
    ++f.arrived;
    f.preemptions += o.preemptions;
    f.gpu_hours += to_double(o.gpu_ns) / 3.6e12;
    f.bill += o.bill;
    if (job.deadline <= a.outcome->end) {
      ++f.with_deadline;
      f.late += o.end > job.deadline ? 1 : 0;
    }
    if (o.end == forever) continue;
    ++f.done;
    f.wait_h += hours(o.start - job.submit);
    f.jct_h += hours(o.end - job.submit);
    const Span run = std::max(job.run, a.scenario->slowdown_bound);
    f.slowdown += std::max(1.0, to_time(o.end - job.submit) / to_time(run));
  }
  const double done = std::max<double>(1, static_cast<double>(f.done));
  f.wait_h /= done;
  f.jct_h /= done;
  f.slowdown /= done;
  return f;
}

double service_hours(const SiteAnswer& a, std::int32_t cluster) {
  double sum = 0;
  for (std::size_t s = 0; s < a.outcome->services.size(); ++s)
    if (a.build->model.services[s].cluster == cluster)
      sum += to_double(a.outcome->services[s].gpu_ns) / 3.6e12;
  return sum;
}

double utilisation(const SiteAnswer& a, std::int32_t cluster, double gpu_hours) {
  const ClusterModel& m = a.build->model.clusters[static_cast<std::size_t>(cluster)];
  const double there =
      static_cast<double>(m.nodes) * m.gpus_per_node * hours(a.outcome->end.time_since_epoch());
  return there > 0 ? (gpu_hours + service_hours(a, cluster)) / there : 0;
}

std::string clusters_text(const SiteAnswer& a) {
  TextTable table;
  table.rows.push_back({"cluster", "GPUs", "in use", "jobs", "done", "preempted", "wait h", "JCT h",
                        "slowdown", "GPU-h"});
  const auto row = [&](const std::string& name, std::int64_t gpus, double used,
                       const JobFigures& f) {
    table.rows.push_back({name, grouped(gpus), percent(used), grouped(f.arrived), grouped(f.done),
                          grouped(f.preemptions), figure(f.wait_h), figure(f.jct_h),
                          figure(f.slowdown), figure(f.gpu_hours)});
  };
  const auto& clusters = a.build->model.clusters;
  std::int64_t gpus = 0;
  double used = 0;
  for (std::size_t c = 0; c < clusters.size(); ++c) {
    const auto i = static_cast<std::int32_t>(c);
    const JobFigures f = job_figures(a, i);
    const std::int64_t own = std::int64_t{clusters[c].nodes} * clusters[c].gpus_per_node;
    const double share = utilisation(a, i, f.gpu_hours);
    gpus += own;
    used += share * static_cast<double>(own);
    row(clusters[c].name, own, share, f);
  }
  if (clusters.size() > 1) row("all", gpus, used / static_cast<double>(gpus), job_figures(a, -1));
  return table.to_text(2);
}

std::string services_text(const SiteAnswer& a) {
  if (a.outcome->services.empty()) return "";
  TextTable table;
  table.rows.push_back({"service", "requests", "not served", "GPU-h", "replicas started", "kWh"});
  for (std::size_t s = 0; s < a.outcome->services.size(); ++s) {
    const ServiceOutcome& o = a.outcome->services[s];
    const double lost = o.requests > 0 ? o.unserved / o.requests : 0;
    table.rows.push_back({a.build->model.services[s].name, figure(o.requests), percent(lost),
                          figure(to_double(o.gpu_ns) / 3.6e12), grouped(o.starts),
                          figure(o.bill.energy().in(unit::kWh))});
  }
  return "\n" + table.to_text(2);
}

double pue_of(const SiteBooks& books) {
  Energy machines;
  for (std::size_t i = 0; i < site_account_count; ++i) {
    const auto account = static_cast<SiteAccount>(i);
    if (account != SiteAccount::cooling && account != SiteAccount::loss) machines += books.by[i];
  }
  return machines > Energy{} ? books.grid / machines : 1;
}

std::string energy_text(const SiteAnswer& a) {
  TextTable table;
  std::vector<std::string> head{"site", "MWh"};
  for (const auto& account : enum_names<SiteAccount>) head.emplace_back(account.name);
  head.insert(head.end(), {"PUE", "tCO2e", "embodied t", "m3 water", "USD"});
  table.rows.push_back(std::move(head));
  for (std::size_t s = 0; s < a.outcome->books.size(); ++s) {
    const SiteBooks& b = a.outcome->books[s];
    if (!a.build->model.sites[s]) continue;
    std::vector<std::string> row{a.build->model.site_names[s], figure(b.grid.in(unit::MWh))};
    for (const Energy e : b.by) row.push_back(percent(b.grid > Energy{} ? e / b.grid : 0));
    row.push_back(figure(pue_of(b)));
    row.push_back(figure(b.total.carbon.in(unit::tCO2e)));
    row.push_back(figure(b.total.embodied.in(unit::tCO2e)));
    row.push_back(figure((b.total.site_litres + b.total.grid_litres) / 1000));
    row.push_back(figure(b.total.cost.in(unit::usd)));
    table.rows.push_back(std::move(row));
  }
  if (table.rows.size() == 1) return "";
  return "\n" + table.to_text(2) + "  Scope facility: all that the site takes from the grid.\n";
}

void put_bill(Members& out, const Bill& bill) {
  out.add("energy_kwh", bill.energy().in(unit::kWh));
  out.add("carbon_kgco2e", bill.carbon.in(unit::kgCO2e));
  out.add("marginal_carbon_kgco2e", bill.marginal_carbon.in(unit::kgCO2e));
  out.add("embodied_kgco2e", bill.embodied.in(unit::kgCO2e));
  out.add("site_water_l", bill.site_litres);
  out.add("grid_water_l", bill.grid_litres);
  out.add("cost_usd", bill.cost.in(unit::usd));
}

void put_jobs(Members& out, const JobFigures& f) {
  out.add("arrived", f.arrived);
  out.add("done", f.done);
  out.add("preemptions", f.preemptions);
  out.add("with_deadline", f.with_deadline);
  out.add("late", f.late);
  out.add("mean_wait_s", 3600 * f.wait_h);
  out.add("mean_jct_s", 3600 * f.jct_h);
  out.add("mean_bounded_slowdown", f.slowdown);
  out.add("gpu_hours", f.gpu_hours);
  put_bill(out, f.bill);
}

JsonValue cluster_summary(const SiteAnswer& a, std::int32_t cluster) {
  const ClusterModel& m = a.build->model.clusters[static_cast<std::size_t>(cluster)];
  const JobFigures f = job_figures(a, cluster);
  Members out;
  out.add("name", m.name);
  out.add("gpus", std::int64_t{m.nodes} * m.gpus_per_node);
  out.add("busy_share", utilisation(a, cluster, f.gpu_hours));
  put_jobs(out, f);
  return {out.take(), {}};
}

JsonValue site_summary(const SiteAnswer& a, std::size_t s) {
  const SiteBooks& b = a.outcome->books[s];
  Members out, by;
  out.add("name", a.build->model.site_names[s]);
  out.add("has_facility", a.build->model.sites[s] ? 1 : 0);
  put_bill(out, b.total);
  for (std::size_t i = 0; i < site_account_count; ++i)
    by.add(std::string{enum_names<SiteAccount>[i].name} + "_kwh", b.by[i].in(unit::kWh));
  by.add("grid_kwh", b.grid.in(unit::kWh));
  out.put("accounts", by.take());
  out.add("pue", pue_of(b));
  Members idle;
  put_bill(idle, b.idle);
  out.put("idle", idle.take());
  return {out.take(), {}};
}

JsonValue service_summary(const SiteAnswer& a, std::size_t s) {
  const ServiceOutcome& o = a.outcome->services[s];
  const ServiceModel& m = a.build->model.services[s];
  Members out;
  out.add("name", m.name);
  out.add("gpus_per_replica", m.gpus_per_replica);
  out.add("requests_per_s_per_replica", m.capacity);
  out.add("requests", o.requests);
  out.add("unserved_requests", o.unserved);
  out.add("output_tokens", (o.requests - o.unserved) * m.tokens_per_request);
  out.add("gpu_hours", to_double(o.gpu_ns) / 3.6e12);
  out.add("replicas_started", o.starts);
  out.add("late_steps", o.late);
  put_bill(out, o.bill);
  return {out.take(), {}};
}

}  // namespace

std::string answer_text(const SiteAnswer& a) {
  std::string text = a.scenario->title.empty() ? "site" : a.scenario->title;
  text += "\n\n" + grouped(static_cast<std::int64_t>(a.outcome->jobs.size())) + " jobs, " +
          figure(hours(a.outcome->end.time_since_epoch()) / 24) + " days\n\n";
  text += clusters_text(a) + services_text(a) + energy_text(a);
  if (a.build->left_out > 0)
    text += "\nLeft out: " + grouped(a.build->left_out) +
            " jobs without GPUs, run time or a virtual cluster.\n";
  for (const std::string& caveat : a.build->caveats) text += "\n" + caveat + "\n";
  return text;
}

JsonValue answer_summary(const SiteAnswer& a) {
  Members out, jobs;
  out.add("name", a.scenario->title);
  out.add("end_s", to_time(a.outcome->end.time_since_epoch()).in(unit::s));
  out.add("events", a.outcome->events);
  put_jobs(jobs, job_figures(a, -1));
  jobs.add("left_out", a.build->left_out);
  out.put("jobs", jobs.take());
  JsonValue::List clusters, sites, services, caveats;
  for (std::size_t c = 0; c < a.build->model.clusters.size(); ++c)
    clusters.push_back(cluster_summary(a, static_cast<std::int32_t>(c)));
  for (std::size_t s = 0; s < a.outcome->books.size(); ++s) sites.push_back(site_summary(a, s));
  for (std::size_t s = 0; s < a.outcome->services.size(); ++s)
    services.push_back(service_summary(a, s));
  for (const std::string& caveat : a.build->caveats) caveats.push_back({caveat, {}});
  out.put("clusters", std::move(clusters));
  out.put("sites", std::move(sites));
  out.put("services", std::move(services));
  Members total;
  Bill all;
  for (const SiteBooks& b : a.outcome->books) all += b.total;
  put_bill(total, all);
  out.put("total", total.take());
  out.put("caveats", std::move(caveats));
  return {out.take(), {}};
}

}  // namespace jevons
