#pragma once
// Where every joule of a run is booked. Amounts are integers (attojoules), so the books balance
// exactly or not at all. Each posting covers an interval of one meter's time: intervals must follow
// one another without gap or overlap, and each amount is booked twice, under its account and under
// its meter.
#include <array>
#include <cstdint>
#include <vector>

#include "sim/ensure.h"
#include "sim/fields.h"
#include "sim/int128.h"
#include "sim/quantity.h"

namespace jevons {

enum class EnergyAccount { prefill, decode, idle, host };
inline constexpr int energy_account_count = 4;
template <>
inline constexpr std::array enum_names<EnergyAccount>{
    EnumName{EnergyAccount::prefill, "prefill"},
    EnumName{EnergyAccount::decode, "decode"},
    EnumName{EnergyAccount::idle, "idle"},
    EnumName{EnergyAccount::host, "host"},
};

inline constexpr Int128 attojoules_per_picojoule = 1'000'000;
inline Energy from_attojoules(Int128 aj) {
  return to_double(aj) * 1e-18 * unit::J;
}

class EnergyLedger {
 public:
  // Adds a meter (a replica) whose time starts at `fs` femtoseconds.
  int add_meter(Int128 fs) {
    meters_.push_back({fs, {}});
    return static_cast<int>(meters_.size()) - 1;
  }

  // Books the joules of a meter's next interval, (begin, end] in femtoseconds.
  struct Posting {
    Int128 begin, end;
    std::array<Int128, energy_account_count> aj{};
  };
  void post(int meter, const Posting& p) {
    Meter& m = meters_[static_cast<std::size_t>(meter)];
    ensure(p.begin == m.settled_until && p.end >= p.begin,
           "intervals of one meter follow one another without gap or overlap");
    m.settled_until = p.end;
    for (std::size_t a = 0; a < p.aj.size(); ++a) {
      ensure(p.aj[a] >= 0, "no energy is negative");
      accounts_[a] += p.aj[a];
      m.aj[a] += p.aj[a];
    }
  }

  Energy of(EnergyAccount account) const {
    return from_attojoules(accounts_[static_cast<std::size_t>(account)]);
  }
  Int128 exact(EnergyAccount account) const { return accounts_[static_cast<std::size_t>(account)]; }
  Int128 settled_until(int meter) const {
    return meters_[static_cast<std::size_t>(meter)].settled_until;
  }
  Int128 exact(EnergyAccount account, int meter) const {
    return meters_[static_cast<std::size_t>(meter)].aj[static_cast<std::size_t>(account)];
  }
  Energy total() const {
    Int128 sum = 0;
    for (const Int128 a : accounts_) sum += a;
    return from_attojoules(sum);
  }
  // Both ways of adding up must give the same number, account by account.
  void check_balance() const {
    std::array<Int128, energy_account_count> by_meter{};
    for (const Meter& m : meters_)
      for (std::size_t a = 0; a < by_meter.size(); ++a) by_meter[a] += m.aj[a];
    ensure(by_meter == accounts_, "joules by account equal joules by meter");
  }

 private:
  struct Meter {
    Int128 settled_until = 0;
    std::array<Int128, energy_account_count> aj{};
  };
  std::array<Int128, energy_account_count> accounts_{};
  std::vector<Meter> meters_;
};

}  // namespace jevons
