// The hand-shake of a producer and its consumers over a ring of stages, played in many orders: what
// the kernels do with mbarriers, with the barrier's rules written out.
#include "calibration/kernels/ring_position.h"

#include <array>
#include <vector>

#include <doctest/doctest.h>

#include "sim/rng.h"

using namespace jevons;
using namespace jevons::calibration;

namespace {

// A phase ends with its last arrival; a wait for a parity passes when the phase of that parity
// ended.
class Barrier {
 public:
  explicit Barrier(int arrivals) : arrivals_{arrivals}, missing_{arrivals} {}
  void arrive() {
    if (--missing_ > 0) return;
    ++phase_;
    missing_ = arrivals_;
  }
  bool passes(int parity) const { return phase_ % 2 != parity; }

 private:
  int arrivals_, missing_, phase_ = 0;
};

constexpr int stages = 4, consumers = 3, rounds = 41;

struct Play {
  std::vector<Barrier> full = std::vector<Barrier>(stages, Barrier{1});
  std::vector<Barrier> empty = std::vector<Barrier>(stages, Barrier{consumers});
  std::array<int, stages> content{};  // number of the round that was copied there
  RingPosition<stages> producer;
  int produced = 0;
  std::array<RingPosition<stages>, consumers> consumer{};
  std::array<int, consumers> consumed{}, last{};

  // Each returns whether it could go on.
  bool produce() {
    const auto s = static_cast<std::size_t>(producer.stage);
    if (produced == rounds || !empty[s].passes(producer.parity ^ 1)) return false;
    content[s] = produced++;
    full[s].arrive();
    producer.next();
    return true;
  }
  // Reads a stage and hands back the one of the round before, as the bf16 consumers do.
  bool consume(std::size_t c) {
    const auto s = static_cast<std::size_t>(consumer[c].stage);
    if (consumed[c] == rounds || !full[s].passes(consumer[c].parity)) return false;
    CHECK(content[s] == consumed[c]);
    if (consumed[c] > 0) {
      const auto before = static_cast<std::size_t>(last[c]);
      CHECK(content[before] == consumed[c] - 1);  // not overwritten while it was in use
      empty[before].arrive();
    }
    last[c] = consumer[c].stage;
    ++consumed[c];
    consumer[c].next();
    return true;
  }
};

}  // namespace

TEST_CASE("every consumer reads every round once in any order of events and none waits for ever") {
  for (std::uint64_t luck = 0; luck < 200; ++luck) {
    Play play;
    Rng rng{1, "ring", luck};
    int idle = 0;
    while (idle < 1000) {
      const std::uint64_t who = rng.below(consumers + 1);
      const bool moved = who == consumers ? play.produce() : play.consume(who);
      idle = moved ? 0 : idle + 1;
    }
    CHECK(play.produced == rounds);
    for (const int n : play.consumed) CHECK(n == rounds);
  }
}

TEST_CASE("a producer fills the ring before anybody reads and no further") {
  Play play;
  for (int i = 0; i < stages; ++i) CHECK(play.produce());
  CHECK(!play.produce());
}
