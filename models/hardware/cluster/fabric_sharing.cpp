#include "models/hardware/cluster/fabric_sharing.h"

#include <algorithm>
#include <utility>

#include "sim/ensure.h"

namespace jevons {

namespace {

// Loads are sums of shares: a full link may come out a few units of the last place above 1.
constexpr double rounding = 1e-9;

}  // namespace

FabricSharing::FabricSharing(int links)
    : load_(static_cast<std::size_t>(links)),
      users_(load_.size()),
      is_tight_(load_.size()),
      left_(load_.size()),
      rising_(load_.size()) {}

bool FabricSharing::is_overloaded(int link) const {
  return load_[static_cast<std::size_t>(link)] > 1 + rounding;
}

FlowId FabricSharing::add(std::span<const LinkUse> use) {
  if (free_.empty()) {
    free_.push_back(static_cast<int>(flows_.size()));
    flows_.emplace_back();
    is_affected_.push_back(0);
  }
  const int id = free_.back();
  free_.pop_back();
  flows_[static_cast<std::size_t>(id)] = {{use.begin(), use.end()}, 1, true};
  for (const LinkUse& u : use) users_[static_cast<std::size_t>(u.link)].push_back({id, u.use});
  load_again(use);
  changed_.clear();
  if (std::any_of(use.begin(), use.end(), [&](const LinkUse& u) { return is_overloaded(u.link); }))
    mark(id);
  share();
  return FlowId{id};
}

void FabricSharing::remove(FlowId id) {
  Flow& flow = flows_[index(id)];
  ensure(flow.is_open, "only a job that communicates can stop");
  std::vector<int> freed;  // who shared an overloaded link with it
  for (const LinkUse& u : flow.use) {
    auto& users = users_[static_cast<std::size_t>(u.link)];
    users.erase(std::find_if(users.begin(), users.end(),
                             [id](const User& user) { return user.flow == static_cast<int>(id); }));
    if (is_overloaded(u.link))
      for (const User& user : users) freed.push_back(user.flow);
  }
  load_again(flow.use);
  flow = {};
  free_.push_back(static_cast<int>(id));
  changed_.clear();
  for (const int f : freed) mark(f);
  share();
}

// As a sum over users in their order, so that it does not drift as jobs come and go.
void FabricSharing::load_again(std::span<const LinkUse> use) {
  for (const LinkUse& touched : use) {
    double load = 0;
    for (const User& user : users_[static_cast<std::size_t>(touched.link)]) load += user.use;
    load_[static_cast<std::size_t>(touched.link)] = load;
  }
}

void FabricSharing::mark(int flow) {
  if (is_affected_[static_cast<std::size_t>(flow)] != 0) return;
  is_affected_[static_cast<std::size_t>(flow)] = 1;
  affected_.push_back(flow);
}

// All that are tied to the marked ones by overloaded links; the list grows while it is read.
void FabricSharing::gather() {
  std::size_t read = 0;
  while (read < affected_.size()) {
    const auto flow = static_cast<std::size_t>(affected_[read++]);
    for (const LinkUse& u : flows_[flow].use) {
      const auto link = static_cast<std::size_t>(u.link);
      if (!is_overloaded(u.link) || is_tight_[link] != 0) continue;
      is_tight_[link] = 1;
      tight_.push_back(u.link);
      left_[link] = 1;
      rising_[link] = load_[link];
      for (const User& user : users_[link]) mark(user.flow);
    }
  }
}

// The rate at which the first link is full, if all that still rise reach it.
double FabricSharing::next_full() const {
  double rate = 1;
  for (const int link : tight_) {
    const auto l = static_cast<std::size_t>(link);
    if (rising_[l] > rounding) rate = std::min(rate, left_[l] / rising_[l]);
  }
  return rate;
}

bool FabricSharing::is_held(const Flow& flow, double rate) const {
  return rate >= 1 || std::any_of(flow.use.begin(), flow.use.end(), [&](const LinkUse& u) {
           const auto l = static_cast<std::size_t>(u.link);
           return is_tight_[l] != 0 && left_[l] <= rate * rising_[l] * (1 + rounding);
         });
}

void FabricSharing::stop(Flow& flow, double rate) {
  flow.rate = rate;
  for (const LinkUse& u : flow.use) {
    const auto l = static_cast<std::size_t>(u.link);
    if (is_tight_[l] == 0) continue;
    left_[l] -= rate * u.use;
    rising_[l] -= u.use;
  }
}

// Progressive filling: all rates rise together; a link that is full stops those on it.
// Source: Bertsekas, Gallager, Data Networks, 1992, section 6.5.2.
void FabricSharing::share() {
  if (affected_.empty()) return;
  ++computations_;
  gather();
  const auto flow = [&](int f) -> Flow& { return flows_[static_cast<std::size_t>(f)]; };
  std::vector<double> before(affected_.size());
  std::transform(affected_.begin(), affected_.end(), before.begin(),
                 [&](int f) { return flow(f).rate; });
  std::vector<int> rising = affected_;
  while (!rising.empty()) {
    const double rate = next_full();
    const auto held = std::stable_partition(rising.begin(), rising.end(),
                                            [&](int f) { return !is_held(flow(f), rate); });
    ensure(held != rising.end(), "a full link stops somebody");
    std::for_each(held, rising.end(), [&](int f) { stop(flow(f), rate); });
    rising.erase(held, rising.end());
  }
  for (std::size_t i = 0; i < affected_.size(); ++i)
    if (flow(affected_[i]).rate != before[i]) changed_.push_back(FlowId{affected_[i]});
  for (const int link : tight_) is_tight_[static_cast<std::size_t>(link)] = 0;
  for (const int f : affected_) is_affected_[static_cast<std::size_t>(f)] = 0;
  tight_.clear();
  affected_.clear();
}

Time slowed_step(Time step, Time exposed, Time hidden, Time slack, double rate) {
  const double longer = 1 / rate - 1;
  return step + longer * exposed + std::max(Time{}, longer * hidden - slack);
}

}  // namespace jevons
