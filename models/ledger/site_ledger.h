#pragma once
// Where every joule that a site takes from the grid goes. Powers are whole nanowatts, so that over
// whole nanoseconds energies are whole attojoules and the books balance exactly or not at all. Each
// joule is booked twice: what the accounts draw, and what the site's own meter at the grid reads.
#include <array>
#include <cmath>
#include <cstdint>

#include "sim/ensure.h"
#include "sim/fields.h"
#include "sim/meter.h"
#include "sim/quantity.h"

namespace jevons {

enum class SiteAccount { job, idle, host, network, cooling, loss };
inline constexpr std::size_t site_account_count = 6;
template <>
inline constexpr std::array enum_names<SiteAccount>{
    EnumName{SiteAccount::job, "job"},          // GPUs that a job holds
    EnumName{SiteAccount::idle, "idle"},        // GPUs that none holds, and sleeping nodes
    EnumName{SiteAccount::host, "host"},        // the rest of nodes that are awake
    EnumName{SiteAccount::network, "network"},  // switches between nodes
    EnumName{SiteAccount::cooling, "cooling"},
    EnumName{SiteAccount::loss, "loss"},  // conversion of power
};

using Nanowatts = std::int64_t;  // up to 9.2 GW
inline constexpr Power largest_site_power = 9 * unit::GW;

inline Nanowatts nanowatts(Power p) {
  ensure(p >= Power{} && p < largest_site_power, "a power is not negative and below 9 GW");
  return std::llround(p.in(unit::W)*1e9);
}
inline Power from_nanowatts(Nanowatts nw) {
  return static_cast<double>(nw) * 1e-9 * unit::W;
}
inline Energy from_site_attojoules(Int128 aj) {
  return to_double(aj) * 1e-18 * unit::J;
}

class SiteLedger {
 public:
  explicit SiteLedger(Instant start = {}) : grid_{start} { accounts_.fill(Meter{start}); }

  void set(Instant now, SiteAccount account, Nanowatts rate) {
    accounts_[index(account)].set_rate(now, rate);
  }
  void change(Instant now, SiteAccount account, Nanowatts by) {
    accounts_[index(account)].change_rate(now, by);
  }
  void set_grid(Instant now, Nanowatts rate) { grid_.set_rate(now, rate); }

  Nanowatts rate(SiteAccount account) const { return accounts_[index(account)].rate(); }
  Nanowatts grid_rate() const { return grid_.rate(); }
  // Attojoules since the start; `now` is not before the last change.
  Int128 exact(SiteAccount account, Instant now) const {
    return accounts_[index(account)].total(now);
  }
  Int128 exact_grid(Instant now) const { return grid_.total(now); }
  Energy of(SiteAccount account, Instant now) const {
    return from_site_attojoules(exact(account, now));
  }
  Energy from_grid(Instant now) const { return from_site_attojoules(exact_grid(now)); }

  // To be asked at every change: the power now and all energy so far.
  void check_balance(Instant now) const {
    Nanowatts power = 0;
    Int128 energy = 0;
    for (const Meter& account : accounts_) {
      ensure(account.rate() >= 0, "no part of a site draws less than nothing");
      power += account.rate();
      energy += account.total(now);
    }
    ensure(power == grid_.rate(), "what the parts of a site draw is what it takes from the grid");
    ensure(energy == grid_.total(now), "joules by account equal joules from the grid");
  }

 private:
  static std::size_t index(SiteAccount account) { return static_cast<std::size_t>(account); }

  std::array<Meter, site_account_count> accounts_;
  Meter grid_;
};

}  // namespace jevons
