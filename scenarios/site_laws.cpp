#include <set>

#include "scenarios/check.h"
#include "scenarios/part_laws.h"
#include "scenarios/site_scenario.h"
#include "scenarios/site_workloads.h"
#include "scenarios/trace_row.h"

namespace jevons {

namespace {

std::string at(std::string_view list, std::size_t i) {
  return "/" + std::string{list} + "/" + std::to_string(i);
}

class SiteLaws {
 public:
  SiteLaws(const SiteScenario& scenario, const JsonDocument& document)
      : s_{&scenario}, document_{&document} {}

  Mistakes all() {
    clusters();
    for (std::size_t i = 0; i < s_->traces.size(); ++i) trace(s_->traces[i], at("traces", i));
    for (std::size_t i = 0; i < s_->jobs.size(); ++i) job(s_->jobs[i], at("jobs", i));
    for (std::size_t i = 0; i < s_->streams.size(); ++i) stream(s_->streams[i], at("streams", i));
    for (std::size_t i = 0; i < s_->training.size(); ++i) {
      named(s_->training[i].cluster, at("training", i) + "/cluster");
      inner(s_->training[i].training, at("training", i) + "/training");
    }
    for (std::size_t i = 0; i < s_->post_training.size(); ++i) {
      named(s_->post_training[i].cluster, at("post_training", i) + "/cluster");
      inner(s_->post_training[i].rl, at("post_training", i) + "/rl");
    }
    for (std::size_t i = 0; i < s_->services.size(); ++i)
      service(s_->services[i], at("services", i));
    return std::move(mistakes_);
  }

 private:
  void add(const std::string& pointer, std::string expected, std::string got,
           std::string hint = "") {
    mistakes_.add(
        mistake_at(*document_, pointer, std::move(expected), std::move(got), std::move(hint)));
  }

  // The laws of a scenario inside of this one, with its place before theirs.
  template <class Inner>
  void inner(const Inner& scenario, const std::string& place) {
    const JsonValue* value = find_pointer(document_->root, place);
    ensure(value != nullptr, "what was read stands in the document");
    JsonDocument document = *document_;
    document.root = *value;
    const Mistakes found = laws(scenario, document);
    for (Mistake mistake : found.list()) {
      mistake.pointer = place + mistake.pointer;
      mistakes_.add(std::move(mistake));
    }
  }

  void clusters() {
    if (s_->sites.empty()) add("/sites", "at least one site", "none");
    std::set<std::string> names;
    for (std::size_t i = 0; i < s_->sites.size(); ++i) {
      const SiteEntry& site = s_->sites[i];
      const std::string place = at("sites", i);
      if (site.clusters.empty()) add(place + "/clusters", "at least one cluster", "none");
      if (site.facility) mistakes_.add(laws(*site.facility, *document_, place + "/facility"));
      if (site.facility && site.facility->limit.mode == CapMode::queue && !s_->stop_at)
        add(place + "/facility/limit/mode", "stop_at where jobs wait for power", "none",
            "there may never be enough");
      for (std::size_t c = 0; c < site.clusters.size(); ++c)
        cluster(site, site.clusters[c], place + at("clusters", c), names);
    }
  }

  void cluster(const SiteEntry& site, const ClusterEntry& entry, const std::string& place,
               std::set<std::string>& names) {
    if (!names.insert(entry.machines.name).second)
      add(place + "/name", "a name that no other cluster has", in_quotes(entry.machines.name));
    if (entry.machines.gpus_per_node > 64)
      add(place + "/gpus_per_node", "at most 64 GPUs a node",
          std::to_string(entry.machines.gpus_per_node));
    if (site.facility)
      mistakes_.add(laws_to_simulate(entry.machines.chip, *document_, place + "/chip"));
    const bool is_counted = entry.placement == Placement::counted;
    if (is_counted && !entry.maintenance.empty())
      add(place + "/maintenance", "a placement that knows nodes", "counted");
    if (is_counted && entry.shares_network)
      add(place + "/shares_network", "a placement that knows nodes", "counted");
    for (std::size_t m = 0; m < entry.maintenance.size(); ++m) {
      const MaintenanceEntry& work = entry.maintenance[m];
      if (work.first_node > work.last_node || work.last_node >= entry.machines.nodes)
        add(place + at("maintenance", m) + "/last_node",
            "a node from first_node to " + std::to_string(entry.machines.nodes - 1),
            std::to_string(work.last_node));
    }
  }

  void named(const std::string& cluster, const std::string& place) {
    if (cluster.empty() || cluster_of(*s_, cluster)) return;
    std::vector<std::string> known;
    for (const SiteEntry& site : s_->sites)
      for (const ClusterEntry& entry : site.clusters) known.push_back(entry.machines.name);
    add(place, "the name of a cluster", in_quotes(cluster),
        did_you_mean(cluster, known, "clusters"));
  }

  void trace(const JobTraceEntry& trace, const std::string& place) {
    named(trace.cluster, place + "/cluster");
    for (const auto& [key, text] : {std::pair{"/from", &trace.from}, std::pair{"/to", &trace.to}}) {
      if (!*text) continue;
      if (trace.format != JobFormat::philly)
        add(place + key, "a trace whose jobs have days", std::string{name_of(trace.format)});
      else if (!day_and_time(**text))
        add(place + key, "a day and time such as 2017-10-01 00:00:00", in_quotes(**text));
    }
  }

  void job(const JobEntry& entry, const std::string& place) {
    named(entry.cluster, place + "/cluster");
    const int least = entry.min_gpus.value_or(entry.gpus),
              most = entry.max_gpus.value_or(entry.gpus);
    if (least > entry.gpus || entry.gpus > most)
      add(place + "/gpus", "GPUs from min_gpus to max_gpus", std::to_string(entry.gpus));
  }

  void stream(const JobStream& stream, const std::string& place) {
    named(stream.cluster, place + "/cluster");
    if (!s_->stop_at) add(place, "stop_at where jobs are drawn at random", "none");
    double shares = 0;
    for (const SizeShare& size : stream.sizes) shares += size.share;
    if (shares <= 0) add(place + "/sizes", "sizes with shares above 0", "none");
  }

  void service(const ServiceEntry& entry, const std::string& place) {
    named(entry.cluster, place + "/cluster");
    if (!s_->stop_at) add(place, "stop_at where services run", "none");
    if (entry.least_replicas > entry.most_replicas)
      add(place + "/least_replicas", "at most most_replicas", std::to_string(entry.least_replicas));
    if (entry.replica) return inner(*entry.replica, place + "/replica");
    if (!entry.gpus_per_replica)
      add(place + "/gpus_per_replica", "a number or `replica`", "neither");
    if (!entry.requests_per_s_per_replica)
      add(place + "/requests_per_s_per_replica", "a number or `replica`", "neither");
    if (!entry.power_per_gpu) add(place + "/power_per_gpu", "a power or `replica`", "neither");
  }

  const SiteScenario* s_;
  const JsonDocument* document_;
  Mistakes mistakes_;
};

}  // namespace

Mistakes laws(const SiteScenario& scenario, const JsonDocument& document) {
  return SiteLaws{scenario, document}.all();
}

}  // namespace jevons
