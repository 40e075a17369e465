#include "studies/surface.h"

#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

#include "scenarios/json_text.h"
#include "scenarios/reader.h"
#include "scenarios/write_value.h"
#include "studies/pchip.h"
#include "tests/support/fleets.h"

namespace jevons {
namespace {

SurfaceInputs a_small_fleet() {
  SurfaceInputs in;
  in.fleet = test::a_config(test::a_pool(test::a_dense_model()));
  in.fleet.slo = {.ttft = 500 * unit::ms, .tpot = 20 * unit::ms};
  in.load.lengths = LognormalLengths{.prompt_median = 600,
                                     .prompt_sigma = 0.6,
                                     .output_median = 150,
                                     .output_sigma = 0.6,
                                     .longest = 8192};
  in.effort = {.requests = 2000, .seed = 5};
  return in;
}

WindowResult window(const ServingConfig& fleet, const SurfaceInputs& in, double rate) {
  WindowLoad load = in.load;
  load.requests_per_s = rate;
  return serve_window(fleet, load, Money{}, in.effort);
}

const CurveError& error_of(const LoadSurface& s, std::string_view curve) {
  return *std::find_if(s.errors.begin(), s.errors.end(),
                       [&](const CurveError& e) { return e.curve == curve; });
}

double miss(Time got, Time want) {
  return std::abs(got / want - 1);
}

// Sum over the energy coefficients of their shares of the joules.
double shares(const SurfaceKnot& k) {
  double sum = 0;
  for (auto i = static_cast<std::size_t>(Factor::static_power); i < factor_count; ++i)
    sum += k.sensitivity[i * curve_count + static_cast<std::size_t>(Curve::energy)];
  return sum;
}

}  // namespace

TEST_CASE("a surface meets windows at other loads within the error it states") {
  const SurfaceInputs in = a_small_fleet();
  const LoadSurface s = build_surface(in);
  // The worst of a few windows is not the worst of all.
  const auto bound = [&](std::string_view curve) { return 2 * error_of(s, curve).worst + 0.01; };
  CHECK(error_of(s, "tpot_p50").worst < 0.03);
  CHECK(error_of(s, "ttft_p95").worst < 0.15);
  CHECK(error_of(s, "gpu_energy_per_token").worst < 0.02);
  Rng rng{3, "surface test"};
  for (int i = 0; i < 6; ++i) {
    const double rate = s.capacity_per_s * (0.02 + 0.97 * rng.uniform());
    const SurfacePoint p = s.at(rate);
    const WindowResult w = window(in.fleet, in, rate);
    CAPTURE(rate);
    CHECK(p.is_stable);
    CHECK(miss(p.ttft_p50, w.ttft_p50) < bound("ttft_p50"));
    CHECK(miss(p.ttft_p95, w.ttft_p95) < bound("ttft_p95"));
    CHECK(miss(p.tpot_p50, w.tpot_p50) < bound("tpot_p50"));
    CHECK(miss(p.tpot_p95, w.tpot_p95) < bound("tpot_p95"));
    CHECK(std::abs(p.gpu_energy_per_token / w.gpu_energy_per_token - 1) <
          bound("gpu_energy_per_token"));
    CHECK(std::abs(p.slo_attainment - w.slo_attainment) < bound("slo_attainment"));
    CHECK(p.output_tokens_per_s == doctest::Approx(w.output_tokens_per_s).epsilon(0.06));
  }
}

TEST_CASE("other coefficients move a surface as they move the windows") {
  const SurfaceInputs in = a_small_fleet();
  const LoadSurface s = build_surface(in);
  // A third of the true change, or 2 %: sensitivities are those at the profile itself.
  const auto check_change = [](double predicted, double truth) {
    CHECK(std::abs(predicted - truth) < std::max(0.02, std::abs(truth) / 3));
  };
  struct Step {
    Factor factor;
    double value;
  };
  for (const Step& step : {Step{Factor::memory_rate, 0.9}, Step{Factor::matrix_rate, 0.85},
                           Step{Factor::overhead_time, 1.4}, Step{Factor::flop_energy, 1.3},
                           Step{Factor::static_power, 0.8}}) {
    ProfileFactors factors;
    factors[step.factor] = step.value;
    const ServingConfig other = scaled(in.fleet, factors);
    for (const double share : {0.03, 0.4, 0.7}) {
      const double rate = share * s.capacity_per_s;
      const SurfacePoint p = s.at(rate), q = s.at(rate, factors);
      const WindowResult v = window(in.fleet, in, rate), w = window(other, in, rate);
      CAPTURE(name_of(step.factor));
      CAPTURE(share);
      check_change(q.tpot_p50 / p.tpot_p50 - 1, w.tpot_p50 / v.tpot_p50 - 1);
      check_change(q.gpu_energy_per_token / p.gpu_energy_per_token - 1,
                   w.gpu_energy_per_token / v.gpu_energy_per_token - 1);
    }
  }
}

TEST_CASE("joules are linear in their coefficients where no power limit binds") {
  SurfaceInputs in = a_small_fleet();
  in.fleet.pools.front().hardware.energy.limit = 100 * unit::kW;
  const LoadSurface s = build_surface(in);
  for (const SurfaceKnot& k : s.knots) CHECK(shares(k) == doctest::Approx(1).epsilon(1e-6));
  const double rate = 0.37 * s.capacity_per_s;
  ProfileFactors flop, byte, both, all;
  flop[Factor::flop_energy] = both[Factor::flop_energy] = 1.7;
  byte[Factor::byte_energy] = both[Factor::byte_energy] = 0.4;
  for (const Factor f :
       {Factor::static_power, Factor::flop_energy, Factor::byte_energy, Factor::link_energy})
    all[f] = 2;
  const auto joules = [&](const ProfileFactors& f) {
    return s.at(rate, f).gpu_energy_per_token.in(unit::J);
  };
  CHECK(joules(both) - joules({}) ==
        doctest::Approx(joules(flop) + joules(byte) - 2 * joules({})).epsilon(1e-9));
  CHECK(joules(all) == doctest::Approx(2 * joules({})).epsilon(1e-6));
  const WindowResult v = window(in.fleet, in, rate), w = window(scaled(in.fleet, both), in, rate);
  CHECK(joules(both) / joules({}) ==
        doctest::Approx(w.gpu_energy_per_token / v.gpu_energy_per_token).epsilon(0.01));
  CHECK(s.at(rate, all).ttft_p95 == s.at(rate).ttft_p95);
}

TEST_CASE("waiting and utilisation do not fall with load") {
  const LoadSurface s = build_surface(a_small_fleet());
  SurfacePoint before = s.at(1e-6 * s.capacity_per_s);
  for (int i = 1; i <= 1000; ++i) {
    const SurfacePoint p = s.at(s.capacity_per_s * i / 1000);
    CHECK(p.ttft_p95 >= (1 - 1e-12) * before.ttft_p95);
    CHECK(p.utilization >= (1 - 1e-12) * before.utilization);
    CHECK(p.slo_attainment >= 0);
    CHECK(p.slo_attainment <= 1);
    before = p;
  }
}

TEST_CASE("a token costs in proportion more joules the less an idle fleet is asked for") {
  const SurfaceInputs in = a_small_fleet();
  const LoadSurface s = build_surface(in);
  const double rate = 2e-5 * s.capacity_per_s;
  const WindowResult w = window(in.fleet, in, rate);
  CHECK(s.at(rate).gpu_energy_per_token / w.gpu_energy_per_token ==
        doctest::Approx(1).epsilon(0.03));
  CHECK(s.at(rate).utilization == doctest::Approx(w.utilization).epsilon(0.03));
}

TEST_CASE("beyond its capacity a surface reports an unstable queue and goes no further") {
  const SurfaceInputs in = a_small_fleet();
  const LoadSurface s = build_surface(in);
  const SurfacePoint full = s.at(s.capacity_per_s), over = s.at(3 * s.capacity_per_s);
  CHECK(full.is_stable);
  CHECK_FALSE(over.is_stable);
  CHECK(over.requests_per_s == s.capacity_per_s);
  CHECK(over.ttft_p95 == full.ttft_p95);
  CHECK(window(in.fleet, in, 0.95 * s.capacity_per_s).is_stable);
  CHECK_FALSE(window(in.fleet, in, 1.25 * s.capacity_per_s).is_stable);
}

TEST_CASE("a chip that is faster in everything serves as much more") {
  const LoadSurface s = build_surface(a_small_fleet());
  ProfileFactors faster;
  faster[Factor::matrix_rate] = faster[Factor::memory_rate] = faster[Factor::link_rate] = 1.2;
  faster[Factor::overhead_time] = 1 / 1.2;
  CHECK(s.capacity(faster) == doctest::Approx(1.2 * s.capacity_per_s).epsilon(0.01));
  const SurfacePoint p = s.at(0.4 * s.capacity_per_s);
  const SurfacePoint q = s.at(0.4 * 1.2 * s.capacity_per_s, faster);
  CHECK(q.tpot_p50 / p.tpot_p50 == doctest::Approx(1 / 1.2).epsilon(0.02));
  CHECK(q.ttft_p95 / p.ttft_p95 == doctest::Approx(1 / 1.2).epsilon(0.05));
}

TEST_CASE("the highest load under an objective is that of the search by windows") {
  const SurfaceInputs in = a_small_fleet();
  const LoadSurface s = build_surface(in);
  const double by_surface = s.max_load(0.95);
  CHECK(by_surface < 0.95 * s.capacity_per_s);  // the objective binds, not the queue
  CHECK(by_surface == doctest::Approx(max_load(in.fleet, in.load, 0.95, in.effort)).epsilon(0.05));
  CHECK(s.at(0.99 * by_surface).slo_attainment >= 0.95);
  ProfileFactors slow;
  slow[Factor::memory_rate] = 0.85;
  CHECK(s.max_load(0.95, slow) ==
        doctest::Approx(max_load(scaled(in.fleet, slow), in.load, 0.95, in.effort)).epsilon(0.08));
}

TEST_CASE("a surface that was written and read answers the same") {
  const LoadSurface s = build_surface(a_small_fleet());
  const auto back = read<LoadSurface>(parse_json("surface", to_text(to_json(s))));
  CHECK(back.key == s.key);
  for (const double share : {0.01, 0.5, 0.9}) {
    const SurfacePoint a = s.at(share * s.capacity_per_s), b = back.at(share * s.capacity_per_s);
    CHECK(a.ttft_p95 == b.ttft_p95);
    CHECK(a.gpu_energy_per_token == b.gpu_energy_per_token);
  }
}

TEST_CASE("the key of a surface changes with each of its inputs and with nothing else") {
  const SurfaceInputs in = a_small_fleet();
  SurfaceInputs slo = in, card = in, law = in, joules = in, lengths = in, seed = in, unused = in;
  slo.fleet.slo.ttft = 400 * unit::ms;
  card.fleet.pools.front().model.card.layers += 1;
  law.fleet.pools.front().hardware.time.costs[0][0].base.launch *= 1.001;
  joules.fleet.pools.front().hardware.energy.joule_per_link_byte *= 1.001;
  lengths.load.lengths = FixedLengths{600, 150};
  seed.effort.seed += 1;
  unused.load.requests_per_s = 77;
  unused.fleet.concurrency = 5;
  const std::string key = surface_key(in);
  for (const SurfaceInputs& other : {slo, card, law, joules, lengths, seed})
    CHECK(surface_key(other) != key);
  CHECK(surface_key(unused) == key);
}

TEST_CASE("a fleet whose model does not fit has a surface that serves nothing") {
  SurfaceInputs in = a_small_fleet();
  in.fleet.pools.front().gpu_memory = 1 * unit::GB;
  const LoadSurface s = build_surface(in);
  CHECK(s.capacity_per_s == 0);
  CHECK_FALSE(s.at(1).is_stable);
  CHECK(s.max_load() == 0);
}

TEST_CASE("a piecewise cubic follows a line exactly and stays between its knots") {
  const std::vector<double> line = pchip_slopes({0, 1, 3, 4}, {1, 3, 7, 9});
  for (const double slope : line) CHECK(slope == doctest::Approx(2));
  const std::vector<double> step = pchip_slopes({0, 1, 2, 3}, {0, 0, 1, 1});
  for (const double slope : step) CHECK(slope == 0);
}

TEST_CASE("prices found by an earlier window change no later one") {
  const ServingConfig alone = test::a_config(test::a_pool(test::a_dense_model(), 1));
  ServingConfig shared = alone;
  shared.pools.front().prices = prices_of(shared.pools.front());
  for (const double rate : {1.0, 4.0, 2.0}) {
    WindowLoad load;
    load.requests_per_s = rate;
    const WindowResult a = serve_window(alone, load, Money{}, {.requests = 200});
    const WindowResult b = serve_window(shared, load, Money{}, {.requests = 200});
    CHECK(a.e2e_p50 == b.e2e_p50);
    CHECK(a.gpu_energy_per_token == b.gpu_energy_per_token);
  }
}

TEST_CASE("copies of a profile share its laws until one is written to") {
  const ChipProfile first = test::a_pool(test::a_dense_model(), 1).hardware.time;
  ChipProfile second = first;
  const ChipProfile& read = second;
  CHECK(&read.costs[0] == &first.costs[0]);
  second.costs[0][0].base.launch = 1;
  CHECK(&read.costs[0] != &first.costs[0]);
  CHECK(first.costs[0][0].base.launch != 1);
  CHECK(read.costs[0][0].base.launch == 1);
}

}  // namespace jevons
