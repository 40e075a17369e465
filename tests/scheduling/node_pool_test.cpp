#include "models/scheduling/node_pool.h"

#include <doctest/doctest.h>

#include "models/scheduling/arrival_index.h"
#include "models/scheduling/releases.h"
#include "sim/rng.h"

namespace jevons {
namespace {

NodePool pool(Placement placement, std::int32_t nodes = 4) {
  const NodeGroup group{.nodes = nodes, .gpus_per_node = 8, .nodes_per_domain = 2};
  return {std::span{&group, 1}, placement};
}

std::int32_t node(const std::optional<Gang>& gang) {
  return gang->slices.front().node;
}

TEST_CASE("packed takes the first node with room and best fit the fullest") {
  for (const auto& [placement, expected] :
       {std::pair{Placement::packed, 0}, std::pair{Placement::best_fit, 1}}) {
    NodePool p = pool(placement);
    const auto a = p.place(4, any_chip);
    const auto b = p.place(6, any_chip);
    CHECK(node(a) == 0);
    CHECK(node(b) == 1);
    CHECK(node(p.place(2, any_chip)) == expected);
  }
}

TEST_CASE("a gang larger than a node takes whole nodes and the rest of one more") {
  NodePool p = pool(Placement::packed);
  p.place(1, any_chip);
  const auto gang = p.place(20, any_chip);
  REQUIRE(gang);
  REQUIRE(gang->slices.size() == 3);
  CHECK(gang->slices[0] == Slice{1, 0xff});
  CHECK(gang->slices[1] == Slice{2, 0xff});
  CHECK(gang->slices[2] == Slice{0, 0x1e});
  CHECK(p.free_gpus() == 11);
}

TEST_CASE("enough GPUs in pieces are no room for a gang of whole nodes unless it is spread") {
  for (const Placement placement : {Placement::packed, Placement::spread}) {
    NodePool p = pool(placement);
    Gang all = *p.place(32, any_chip);
    for (Slice& s : all.slices) s.gpus &= 0xf;  // give back half of each node
    p.release(all);
    CHECK(p.free_gpus() == 16);
    CHECK(p.has_room(16, any_chip) == (placement == Placement::spread));
  }
}

TEST_CASE("spread puts a gang on as many nodes as there are") {
  NodePool p = pool(Placement::spread);
  const auto gang = p.place(6, any_chip);
  REQUIRE(gang->slices.size() == 4);
  CHECK(std::popcount(gang->slices[0].gpus) == 2);
  CHECK(std::popcount(gang->slices[3].gpus) == 1);
}

TEST_CASE("aligned keeps a gang within one NVLink domain though a lower node is free") {
  NodePool p = pool(Placement::aligned);
  p.place(8, any_chip);
  const auto gang = p.place(16, any_chip);
  REQUIRE(gang->slices.size() == 2);
  CHECK(gang->slices[0].node == 2);
  CHECK(gang->slices[1].node == 3);
}

TEST_CASE("least fragmenting leaves whole what the sizes asked for need whole") {
  NodePool p = pool(Placement::least_fragmenting);
  for (int i = 0; i < 50; ++i) p.release(*p.place(8, any_chip));
  p.place(6, any_chip);
  CHECK(node(p.place(2, any_chip)) == 0);
}

TEST_CASE("a closed node takes no gang and comes back with what was released meanwhile") {
  NodePool p = pool(Placement::packed, 1);
  const auto gang = p.place(3, any_chip);
  p.close(0);
  CHECK(!p.has_room(1, any_chip));
  p.release(*gang);
  CHECK(p.free_gpus() == 0);
  p.open(0);
  CHECK(p.free_gpus() == 8);
}

TEST_CASE("no GPU is held twice whatever comes and goes under any placement") {
  for (const auto& placement : enum_names<Placement>) {
    const std::array groups{
        NodeGroup{.nodes = 9, .gpus_per_node = 8, .nodes_per_domain = 3, .nodes_per_rack = 6},
        NodeGroup{.nodes = 5, .gpus_per_node = 4, .chip = 1}};
    NodePool p{groups, placement.value};
    Rng rng{7, placement.name};
    std::vector<Gang> held;
    std::int32_t gpus = 0;
    for (int step = 0; step < 3000; ++step) {
      if (!held.empty() && rng.below(2) == 0) {
        const auto i = static_cast<std::size_t>(rng.below(held.size()));
        gpus -= held[i].gpus;
        p.release(held[i]);  // throws where two held the same GPU
        held[i] = std::move(held.back());
        held.pop_back();
      } else if (auto gang = p.place(static_cast<std::int32_t>(1 + rng.below(20)), any_chip)) {
        gpus += gang->gpus;
        std::int32_t counted = 0;
        for (const Slice& s : gang->slices) counted += std::popcount(s.gpus);
        CHECK((placement.value == Placement::counted || counted == gang->gpus));
        held.push_back(std::move(*gang));
      }
      CHECK(p.free_gpus() == p.total_gpus() - gpus);
    }
  }
}

TEST_CASE("the index of arrivals finds the same job as looking at each") {
  ArrivalIndex index;
  Rng rng{3, "arrivals"};
  std::vector<std::optional<std::pair<std::int32_t, Span>>> all(300);
  for (int step = 0; step < 5000; ++step) {
    const auto place = static_cast<std::size_t>(rng.below(all.size()));
    if (all[place]) {
      index.erase(static_cast<std::int32_t>(place));
      all[place].reset();
    } else {
      all[place] = {static_cast<std::int32_t>(1 + rng.below(64)),
                    Span{static_cast<std::int64_t>(1 + rng.below(1000))}};
      index.insert(static_cast<std::int32_t>(place), all[place]->first, all[place]->second);
    }
    const ArrivalIndex::Room room{static_cast<std::int32_t>(rng.below(64)),
                                  Span{static_cast<std::int64_t>(rng.below(1000))},
                                  static_cast<std::int32_t>(rng.below(8))};
    const auto from = static_cast<std::int32_t>(rng.below(300));
    std::optional<std::int32_t> expected;
    for (auto i = static_cast<std::size_t>(from); i < all.size() && !expected; ++i)
      if (all[i] && all[i]->first <= room.gpus &&
          (all[i]->second <= room.window || all[i]->first <= room.beside))
        expected = static_cast<std::int32_t>(i);
    CHECK(index.next(from, room) == expected);
  }
}

TEST_CASE("releases promise the first time at which enough GPUs are free") {
  Releases releases;
  Rng rng{5, "releases"};
  std::vector<Releases::Release> all;
  for (int step = 0; step < 2000; ++step) {
    if (all.size() > 600 || (!all.empty() && rng.below(3) == 0)) {
      const auto i = static_cast<std::size_t>(rng.below(all.size()));
      releases.erase(all[i]);
      all[i] = all.back();
      all.pop_back();
    } else {
      all.push_back({Instant{Span{static_cast<std::int64_t>(rng.below(100))}}, step,
                     static_cast<std::int32_t>(1 + rng.below(9))});
      releases.insert(all.back());
    }
    const auto wanted = static_cast<std::int32_t>(1 + rng.below(2000));
    const Instant now{Span{20}};
    std::int32_t free = 0;
    Instant when = forever;
    for (int t = 0; t < 100 && when == forever; ++t) {
      for (const auto& r : all) free += r.when == Instant{Span{t}} ? r.gpus : 0;
      if (free >= wanted) when = std::max(Instant{Span{t}}, now);
    }
    const auto room = releases.room_for(wanted, 0, now);
    CHECK(room.when == when);
    if (when != forever && when > now) CHECK(room.free == free);
  }
}

}  // namespace
}  // namespace jevons
