// Through dlopen, with a library of our own in the place of the driver's.
#include "calibration/meter/nvml.h"

#include <array>

#include <dlfcn.h>
#include <doctest/doctest.h>

#include "calibration/meter/energy_window.h"
#include "calibration/meter/fitness.h"
#include "calibration/meter/refusal.h"

using namespace jevons::calibration;

namespace {

// Sets the state of the fake board for the life of a test.
class FakeBoard {
 public:
  FakeBoard() : handle_{dlopen(JEVONS_FAKE_NVML, RTLD_NOW | RTLD_LOCAL)} {
    REQUIRE(handle_ != nullptr);
    set_ = reinterpret_cast<void (*)(const char*, double)>(dlsym(handle_, "fake_nvml_set"));
    set("reset", 0);
  }
  ~FakeBoard() {
    set("reset", 0);
    dlclose(handle_);
  }
  void set(const char* what, double value) { set_(what, value); }

 private:
  void* handle_;
  void (*set_)(const char*, double) = nullptr;
};

constexpr std::array capabilities{90};

void ensure_board_fit() {
  const Nvml nvml{JEVONS_FAKE_NVML};
  ensure_fit(nvml.facts(0), nvml.instrument(0).read(), capabilities);
}

}  // namespace

TEST_CASE("the board and its sensors are read") {
  const FakeBoard board;
  const Nvml nvml{JEVONS_FAKE_NVML};
  CHECK(nvml.board_count() == 1);
  const BoardFacts facts = nvml.facts(0);
  CHECK(facts.name == "FAKE H200");
  CHECK(facts.uuid == "GPU-fake");
  CHECK(facts.driver == "999.1");
  CHECK(facts.bus == "00000000:1B:00.0");
  CHECK(facts.capability == 90);
  CHECK(!facts.is_split);
  CHECK(facts.processes.empty());
  const Reading r = nvml.instrument(0).read();
  CHECK(*r.averaged_w == 360);
  CHECK((*r.instant_w == 600 || *r.instant_w == 200));
  CHECK(*r.limit_w == 700);
  CHECK(*r.sm_mhz == 1755);
  CHECK(*r.memory_mhz == 3201);
  CHECK(*r.temperature_c == 55);
  CHECK(*r.memory_temperature_c == 61);
  CHECK(*r.reasons == 0);
}

TEST_CASE("known steps of power are weighed through the library within half a percent") {
  FakeBoard board;
  const Nvml nvml{JEVONS_FAKE_NVML};
  double now = 0;
  Instrument instrument = nvml.instrument(0);
  instrument.now = [&] { return now; };
  instrument.wait = [&](double seconds) { board.set("now", now += seconds); };
  instrument.read = [&, read = instrument.read] {
    Reading reading = read();
    reading.seconds = now;
    return reading;
  };
  // Two whole periods of 1 s, of 360 W each.
  const EnergyWindow w = weigh(instrument, {.settle_s = 0.1, .window_s = 1.98}, [] {});
  CHECK(w.seconds == doctest::Approx(2.0).epsilon(0.02));
  CHECK(w.watts() == doctest::Approx(360).epsilon(0.005));
}

TEST_CASE("a board that cannot be measured is refused with one sentence") {
  FakeBoard board;
  CHECK_NOTHROW(ensure_board_fit());
  board.set("mig", 1);
  CHECK_THROWS_WITH_AS(ensure_board_fit(),
                       "FAKE H200 is split by MIG: energy is counted for the whole board, kernels "
                       "run on a part",
                       Refusal);
  board.set("mig", 0);
  board.set("major", 7);
  CHECK_THROWS_WITH_AS(ensure_board_fit(),
                       "FAKE H200 has compute capability 7.0; these kernels need 9.0", Refusal);
  board.set("major", 9);
  board.set("processes", 2);
  CHECK_THROWS_WITH_AS(
      ensure_board_fit(),
      "FAKE H200 is also used by process 4000: its work would be timed and weighed "
      "with ours (hint: nvidia-smi lists them)",
      Refusal);
  board.set("processes", 0);
  board.set("counter", 0);
  CHECK_THROWS_WITH_AS(ensure_board_fit(),
                       "FAKE H200 has no energy counter: its joules cannot be measured", Refusal);
  board.set("counter", 1);
  board.set("reasons", 0x48);
  CHECK_THROWS_WITH_AS(ensure_board_fit(),
                       "FAKE H200 is held back by hardware slowdown, heat (hardware): it would "
                       "measure its cooling or supply, not its kernels",
                       Refusal);
  board.set("reasons", 0x4);  // the power limit is no fault
  CHECK_NOTHROW(ensure_board_fit());
}

TEST_CASE("no library and no driver and no board are refused") {
  FakeBoard board;
  CHECK_THROWS_WITH_AS(Nvml{"/nowhere/libnvidia-ml.so.1"},
                       doctest::Contains("no NVIDIA driver: libnvidia-ml.so.1 cannot be opened"),
                       Refusal);
  board.set("init", 9);
  CHECK_THROWS_WITH_AS(Nvml{JEVONS_FAKE_NVML},
                       "no NVIDIA driver: nvmlInit_v2 returned 9 (hint: nvidia-smi says more)",
                       Refusal);
  board.set("init", 0);
  board.set("boards", 0);
  const Nvml nvml{JEVONS_FAKE_NVML};
  CHECK(nvml.board_count() == 0);
  CHECK_THROWS_WITH_AS(nvml.facts(0), "no GPU number 0 (hint: nvidia-smi -L lists them)", Refusal);
}
