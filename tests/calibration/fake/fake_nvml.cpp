// A stand-in for the driver's management library in tests without a GPU: one board whose power runs
// in known steps, its counter moving every 100 ms of the time
// it is told. `fake_nvml_set` changes its state;
// the test that opened the library finds it there.
#include <algorithm>
#include <cmath>
#include <cstring>

namespace {

struct State {
  int boards = 1, init_outcome = 0, mig = 0, processes = 0, major = 9, has_counter = 1;
  unsigned long long reasons = 0;
  double sensor_gain = 1;
  double now = 0;  // seconds, as the test tells them: a busy machine must not disturb the steps
};
State state;

double now() {
  return state.now;
}

// 600 W for 0.4 s, 200 W for 0.6 s, again and again.
double watts_at(double t) {
  return std::fmod(t, 1.0) < 0.4 ? 600 : 200;
}
double joules_at(double t) {
  const double whole = std::floor(t), part = t - whole;
  return whole * (0.4 * 600 + 0.6 * 200) + std::min(part, 0.4) * 600 +
         std::max(part - 0.4, 0.0) * 200;
}

struct FieldValue {
  unsigned field, scope;
  long long timestamp, latency;
  int type, outcome;
  unsigned long long value;
};
struct ProcessInfo {
  unsigned pid;
  unsigned long long memory;
  unsigned gpu_instance, compute_instance;
};

int copy_text(const char* text, char* out, unsigned room) {
  std::strncpy(out, text, room);
  return 0;
}

}  // namespace

extern "C" {

void fake_nvml_set(const char* what, double value) {
  const auto is = [&](const char* name) { return std::strcmp(what, name) == 0; };
  if (is("reset")) state = {};
  if (is("boards")) state.boards = static_cast<int>(value);
  if (is("init")) state.init_outcome = static_cast<int>(value);
  if (is("mig")) state.mig = static_cast<int>(value);
  if (is("processes")) state.processes = static_cast<int>(value);
  if (is("major")) state.major = static_cast<int>(value);
  if (is("counter")) state.has_counter = static_cast<int>(value);
  if (is("reasons")) state.reasons = static_cast<unsigned long long>(value);
  if (is("gain")) state.sensor_gain = value;
  if (is("now")) state.now = value;
}

int nvmlInit_v2() {
  return state.init_outcome;
}
int nvmlShutdown() {
  return 0;
}
int nvmlDeviceGetCount_v2(unsigned* n) {
  *n = static_cast<unsigned>(state.boards);
  return 0;
}
int nvmlDeviceGetHandleByIndex_v2(unsigned i, void** device) {
  if (i >= static_cast<unsigned>(state.boards)) return 2;
  *device = &state;
  return 0;
}
int nvmlDeviceGetName(void*, char* out, unsigned room) {
  return copy_text("FAKE H200", out, room);
}
int nvmlDeviceGetUUID(void*, char* out, unsigned room) {
  return copy_text("GPU-fake", out, room);
}
int nvmlSystemGetDriverVersion(char* out, unsigned room) {
  return copy_text("999.1", out, room);
}
int nvmlDeviceGetPciInfo_v3(void*, char* info) {
  std::memset(info, 0, 68);
  std::strcpy(info + 36, "00000000:1B:00.0");
  return 0;
}
int nvmlDeviceGetCudaComputeCapability(void*, int* major, int* minor) {
  *major = state.major;
  *minor = 0;
  return 0;
}
int nvmlDeviceGetMigMode(void*, unsigned* current, unsigned* pending) {
  *current = *pending = static_cast<unsigned>(state.mig);
  return 0;
}
int nvmlDeviceGetComputeRunningProcesses_v3(void*, unsigned* n, ProcessInfo* out) {
  *n = static_cast<unsigned>(state.processes);
  for (unsigned i = 0; i < *n; ++i) out[i] = {4000 + i, 0, 0, 0};
  return 0;
}
int nvmlDeviceGetTotalEnergyConsumption(void*, unsigned long long* mj) {
  if (state.has_counter == 0) return 3;
  *mj = static_cast<unsigned long long>(1e3 * joules_at(std::floor(now() * 10) / 10));
  return 0;
}
int nvmlDeviceGetPowerUsage(void*, unsigned* mw) {
  *mw = 360'000;
  return 0;
}
int nvmlDeviceGetEnforcedPowerLimit(void*, unsigned* mw) {
  *mw = 700'000;
  return 0;
}
int nvmlDeviceGetClockInfo(void*, int which, unsigned* mhz) {
  *mhz = which == 1 ? 1755 : 3201;
  return 0;
}
int nvmlDeviceGetTemperature(void*, int, unsigned* celsius) {
  *celsius = 55;
  return 0;
}
int nvmlDeviceGetCurrentClocksEventReasons(void*, unsigned long long* reasons) {
  *reasons = state.reasons;
  return 0;
}
int nvmlDeviceGetFieldValues(void*, int n, FieldValue* values) {
  for (int i = 0; i < n; ++i) {
    values[i].outcome = 0;
    if (values[i].field == 186)
      values[i].value = static_cast<unsigned>(1e3 * state.sensor_gain * watts_at(now()));
    else if (values[i].field == 82)
      values[i].value = 61;
    else
      values[i].outcome = 3;
  }
  return 0;
}

}  // extern "C"
