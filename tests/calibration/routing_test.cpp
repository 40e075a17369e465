#include "calibration/kernels/routing.h"

#include <algorithm>
#include <numeric>
#include <set>

#include <doctest/doctest.h>

using namespace jevons::calibration;

namespace {

constexpr std::array routings{Routing::balanced, Routing::power_law_1_01, Routing::power_law_1_2,
                              Routing::one_hot};

MoeShape a_moe(Routing routing, int ep = 1) {
  return {.hidden = 64, .inner = 64, .experts = 64, .top_k = 6, .ep = ep, .routing = routing};
}

std::int64_t sum(const std::vector<std::int64_t>& v) {
  return std::accumulate(v.begin(), v.end(), std::int64_t{0});
}

}  // namespace

TEST_CASE("every routing gives every token top_k choices and no expert a token twice") {
  for (const Routing routing : routings)
    for (const std::int64_t tokens : {1, 7, 100}) {
      const MoeShape moe = a_moe(routing);
      const auto counts = expert_counts(moe, tokens);
      REQUIRE(sum(counts) == tokens * moe.top_k);
      CHECK(*std::max_element(counts.begin(), counts.end()) <= tokens);
      const auto choice = choices_with(counts, tokens, moe.top_k);
      std::vector<std::int64_t> seen(counts.size(), 0);
      for (std::int64_t t = 0; t < tokens; ++t) {
        const auto first = choice.begin() + t * moe.top_k;
        const std::set<int> experts(first, first + moe.top_k);
        CHECK(experts.size() == 6);
        for (const int e : experts) ++seen[static_cast<std::size_t>(e)];
      }
      CHECK(seen == counts);
    }
}

TEST_CASE(
    "the fullest rank has its share when routing is balanced and everything when it is one-hot") {
  CHECK(local_load(a_moe(Routing::balanced, 8), 64).rows == 64 * 6);
  CHECK(local_load(a_moe(Routing::balanced, 8), 64).active == 8);
  CHECK(local_load(a_moe(Routing::one_hot, 8), 64).rows == 8 * 64 * 6);
  CHECK(local_load(a_moe(Routing::one_hot, 8), 64).active == 6);
  const auto skewed = local_load(a_moe(Routing::power_law_1_2, 8), 64).rows;
  CHECK(skewed > 64 * 6);
  CHECK(skewed < 8 * 64 * 6);
}
