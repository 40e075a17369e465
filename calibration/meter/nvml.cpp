#include "calibration/meter/nvml.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

#include <dlfcn.h>

#include "calibration/meter/refusal.h"

namespace jevons::calibration {
namespace {

// Ids and layouts. Source: nvml.h of CUDA 13 (https://docs.nvidia.com/deploy/nvml-api).
using Return = int;
using Device = struct nvmlDevice_st*;
constexpr Return success = 0, insufficient_size = 7;
constexpr int sm_clock = 1, memory_clock = 2, gpu_sensor = 0;
constexpr unsigned memory_temperature = 82, power_instant = 186;

struct FieldValue {
  unsigned field = 0, scope = 0;
  long long timestamp = 0, latency_us = 0;
  int value_type = 0;
  Return outcome = 0;
  union {
    double d;
    unsigned u;
    unsigned long long q = 0;
  } value;
};
static_assert(sizeof(FieldValue) == 40);

struct ProcessInfo {
  unsigned pid = 0;
  unsigned long long memory = 0;
  unsigned gpu_instance = 0, compute_instance = 0;
};
static_assert(sizeof(ProcessInfo) == 24);

// The first members of nvmlPciInfo_t, of 68 bytes; a longer one of a later version must fit.
struct PciInfo {
  std::array<char, 16> legacy_bus{};
  unsigned domain = 0, bus = 0, device = 0, id = 0, subsystem = 0;
  std::array<char, 32> text{};
  std::array<char, 64> room{};
};

// One function of the library; missing ones say so by being empty.
template <class... Arguments>
using Call = Return (*)(Arguments...);

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void* opened(const std::string& path) {
  // Containers mount the library of the host where their loader does not look.
  for (const char* candidate :
       {path.c_str(), "libnvidia-ml.so.1", "/usr/local/nvidia/lib64/libnvidia-ml.so.1"}) {
    if (*candidate == '\0') continue;
    if (void* handle = dlopen(candidate, RTLD_NOW | RTLD_LOCAL)) return handle;
    if (candidate == path.c_str()) break;  // whoever names one wants no other
  }
  return nullptr;
}

}  // namespace

struct Nvml::Calls {
  void* handle = nullptr;
  Call<> init{}, shut{};
  Call<unsigned*> count{};
  Call<unsigned, Device*> by_index{};
  Call<Device, char*, unsigned> name{}, uuid{};
  Call<char*, unsigned> driver{};
  Call<Device, PciInfo*> pci{};
  Call<Device, int*, int*> capability{};
  Call<Device, unsigned*, unsigned*> mig{};
  Call<Device, unsigned*, ProcessInfo*> processes{};
  Call<Device, unsigned long long*> energy{}, reasons{};
  Call<Device, unsigned*> power{}, limit{};
  Call<Device, int, unsigned*> clock{}, temperature{};
  Call<Device, int, FieldValue*> fields{};

  template <class F>
  bool find(F& function, const char* symbol) {
    // POSIX says that this cast gives the function.
    function = reinterpret_cast<F>(dlsym(handle, symbol));
    return function != nullptr;
  }
  void find_all();
  std::vector<unsigned> running_on(Device d) const;
  Device device(unsigned board) const;
  Reading read(Device d) const;
  std::optional<double> joules(Device d) const;
  void read_fields(Device d, Reading& reading) const;
};

void Nvml::Calls::find_all() {
  const bool has_core = find(init, "nvmlInit_v2") && find(shut, "nvmlShutdown") &&
                        find(count, "nvmlDeviceGetCount_v2") &&
                        find(by_index, "nvmlDeviceGetHandleByIndex_v2");
  if (!has_core) throw Refusal{"libnvidia-ml.so.1 lacks nvmlInit_v2: the driver is too old"};
  find(name, "nvmlDeviceGetName");
  find(uuid, "nvmlDeviceGetUUID");
  find(driver, "nvmlSystemGetDriverVersion");
  find(pci, "nvmlDeviceGetPciInfo_v3");
  find(capability, "nvmlDeviceGetCudaComputeCapability");
  find(mig, "nvmlDeviceGetMigMode");
  find(processes, "nvmlDeviceGetComputeRunningProcesses_v3");
  find(energy, "nvmlDeviceGetTotalEnergyConsumption");
  find(power, "nvmlDeviceGetPowerUsage");
  find(limit, "nvmlDeviceGetEnforcedPowerLimit");
  find(clock, "nvmlDeviceGetClockInfo");
  find(temperature, "nvmlDeviceGetTemperature");
  find(fields, "nvmlDeviceGetFieldValues");
  if (!find(reasons, "nvmlDeviceGetCurrentClocksEventReasons"))
    find(reasons, "nvmlDeviceGetCurrentClocksThrottleReasons");  // its name before driver 535
}

Device Nvml::Calls::device(unsigned board) const {
  Device d{};
  if (by_index(board, &d) != success)
    throw Refusal{"no GPU number " + std::to_string(board) + " (hint: nvidia-smi -L lists them)"};
  return d;
}

std::optional<double> Nvml::Calls::joules(Device d) const {
  unsigned long long mj = 0;
  if (energy == nullptr || energy(d, &mj) != success) return std::nullopt;
  return static_cast<double>(mj) * 1e-3;
}

std::vector<unsigned> Nvml::Calls::running_on(Device d) const {
  std::array<ProcessInfo, 64> found{};
  auto n = static_cast<unsigned>(found.size());
  const Return outcome = processes != nullptr ? processes(d, &n, found.data()) : Return{1};
  std::vector<unsigned> pids;
  if (outcome == success || outcome == insufficient_size)
    for (unsigned i = 0; i < std::min<unsigned>(n, found.size()); ++i) pids.push_back(found[i].pid);
  return pids;
}

void Nvml::Calls::read_fields(Device d, Reading& reading) const {
  std::array<FieldValue, 2> values{};
  values[0].field = power_instant;
  values[1].field = memory_temperature;
  if (fields == nullptr || fields(d, static_cast<int>(values.size()), values.data()) != success)
    return;
  if (values[0].outcome == success) reading.instant_w = values[0].value.u * 1e-3;
  if (values[1].outcome == success) reading.memory_temperature_c = values[1].value.u;
}

Reading Nvml::Calls::read(Device d) const {
  Reading r{.seconds = seconds_now(), .joules = joules(d)};
  const auto ask = [&](auto function, std::optional<double>& out, double scale, auto... which) {
    unsigned value = 0;
    if (function != nullptr && function(d, which..., &value) == success) out = value * scale;
  };
  ask(power, r.averaged_w, 1e-3);
  ask(limit, r.limit_w, 1e-3);
  ask(clock, r.sm_mhz, 1.0, sm_clock);
  ask(clock, r.memory_mhz, 1.0, memory_clock);
  ask(temperature, r.temperature_c, 1.0, gpu_sensor);
  unsigned long long bits = 0;
  if (reasons != nullptr && reasons(d, &bits) == success) r.reasons = bits;
  read_fields(d, r);
  return r;
}

Nvml::Nvml(const std::string& path) : calls_{std::make_unique<Calls>()} {
  calls_->handle = opened(path);
  if (calls_->handle == nullptr) {
    const char* why = dlerror();
    throw Refusal{"no NVIDIA driver: libnvidia-ml.so.1 cannot be opened (" +
                  std::string{why != nullptr ? why : "not found"} + ")"};
  }
  try {
    calls_->find_all();
    if (const Return outcome = calls_->init(); outcome != success)
      throw Refusal{"no NVIDIA driver: nvmlInit_v2 returned " + std::to_string(outcome) +
                    " (hint: nvidia-smi says more)"};
  } catch (...) {
    dlclose(calls_->handle);
    throw;
  }
}

Nvml::~Nvml() {
  calls_->shut();
  dlclose(calls_->handle);
}

unsigned Nvml::board_count() const {
  unsigned n = 0;
  return calls_->count(&n) == success ? n : 0;
}

BoardFacts Nvml::facts(unsigned board) const {
  const Device d = calls_->device(board);
  BoardFacts facts;
  const auto text = [](auto function, auto... device) {
    std::array<char, 96> out{};
    const auto room = static_cast<unsigned>(out.size());
    const bool is_known = function != nullptr && function(device..., out.data(), room) == success;
    return std::string{is_known ? out.data() : ""};
  };
  facts.name = text(calls_->name, d);
  facts.uuid = text(calls_->uuid, d);
  facts.driver = text(calls_->driver);
  PciInfo pci;
  if (calls_->pci != nullptr && calls_->pci(d, &pci) == success) facts.bus = pci.text.data();
  int major = 0, minor = 0;
  if (calls_->capability != nullptr && calls_->capability(d, &major, &minor) == success)
    facts.capability = 10 * major + minor;
  unsigned current = 0, pending = 0;
  if (calls_->mig != nullptr && calls_->mig(d, &current, &pending) == success)
    facts.is_split = current != 0;
  facts.processes = calls_->running_on(d);
  return facts;
}

Instrument Nvml::instrument(unsigned board) const {
  const Device d = calls_->device(board);
  const Calls* calls = calls_.get();
  return {.now = seconds_now,
          .wait =
              [](double seconds) {
                std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
              },
          .joules = [calls, d] { return calls->joules(d); },
          .read = [calls, d] { return calls->read(d); }};
}

}  // namespace jevons::calibration
