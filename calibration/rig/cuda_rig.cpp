// Launches prepared cases: captures them into a CUDA graph over rotating operand sets and keeps
// replays queued, each between two events.
#include <algorithm>
#include <cmath>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include <cuda_runtime_api.h>

#include "calibration/kernels/device.h"
#include "calibration/meter/refusal.h"
#include "calibration/meter/rig.h"
#include "calibration/rig/spin.h"

namespace jevons::calibration {
namespace {

class Event {
 public:
  Event() { CUDA_TRY(cudaEventCreate(&event_)); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { cudaEventDestroy(event_); }
  void record(cudaStream_t stream) const { CUDA_TRY(cudaEventRecord(event_, stream)); }
  void wait() const { CUDA_TRY(cudaEventSynchronize(event_)); }
  bool is_past() const {
    const cudaError_t state = cudaEventQuery(event_);
    if (state == cudaErrorNotReady) return false;
    CUDA_TRY(state);
    return true;
  }
  double seconds_since(const Event& earlier) const {
    float ms = 0;
    CUDA_TRY(cudaEventElapsedTime(&ms, earlier.event_, event_));
    return static_cast<double>(ms) * 1e-3;
  }

 private:
  cudaEvent_t event_ = nullptr;
};

class Graph {
 public:
  explicit Graph(cudaGraph_t graph) {
    const cudaError_t result = cudaGraphInstantiate(&executable_, graph, 0);
    cudaGraphDestroy(graph);
    CUDA_TRY(result);
  }
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;
  ~Graph() { cudaGraphExecDestroy(executable_); }
  void launch(cudaStream_t stream) const { CUDA_TRY(cudaGraphLaunch(executable_, stream)); }

 private:
  cudaGraphExec_t executable_ = nullptr;
};

// A replay in the queue.
struct Replay {
  std::unique_ptr<Event> begin, end;
};

class CudaRig final : public Rig {
 public:
  ~CudaRig() override {
    if (stream_ != nullptr) {
      cudaStreamSynchronize(stream_);
      cudaStreamDestroy(stream_);
    }
  }

  // Kernels that need more than 8.0 say so case by case.
  std::vector<int> capabilities() const override { return {}; }

  RigFacts open(const std::string& bus) override {
    // NVML and CUDA number GPUs differently; the address on the bus tells them apart.
    int device = 0, gpus = 0, runtime = 0;
    if (cudaGetDeviceCount(&gpus) != cudaSuccess || gpus == 0)
      throw Refusal{"no GPU: CUDA finds none (hint: CUDA_VISIBLE_DEVICES, driver version)"};
    if (!bus.empty() && cudaDeviceGetByPCIBusId(&device, bus.c_str()) != cudaSuccess)
      throw Refusal{"the GPU at " + bus + " is hidden from CUDA (hint: CUDA_VISIBLE_DEVICES)"};
    CUDA_TRY(cudaSetDevice(device));
    CUDA_TRY(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking));
    CUDA_TRY(cudaRuntimeGetVersion(&runtime));
    const DeviceFacts facts = device_facts();
    multiprocessors_ = facts.multiprocessors;
    return {.toolkit = "CUDA " + std::to_string(runtime / 1000) + "." +
                       std::to_string(runtime % 1000 / 10),
            .gpus = gpus,
            .l2 = static_cast<double>(facts.l2_bytes) * unit::B,
            .memory = static_cast<double>(facts.total_bytes) * unit::B};
  }

  void load(const KernelCase& c, Bytes rotated) override {
    unload();
    prepared_ = prepare(c, {.rotated = rotated});
    is_spinning_ = false;
    // A launch on its own tells how many make a replay of about 20 ms.
    launches_ = prepared_->sets();
    run_once();
    const double one = run_once() / launches_;
    const double wanted = std::clamp(std::ceil(replay_s / one), 1.0, 4000.0);
    const auto rounds = static_cast<int>(std::ceil(wanted / prepared_->sets()));
    launches_ = rounds * prepared_->sets();
    if (prepared_->is_capturable()) capture();
    replay_seconds_ = run_once();
  }

  void load_spinning() override {
    unload();
    is_spinning_ = true;
    launches_ = 20;
    replay_seconds_ = run_once();
  }

  Verdict verify(const KernelCase& c) override {
    unload();
    return prepare(c)->verify();
  }

  void feed() override {
    if (prepared_ == nullptr && !is_spinning_) return;
    collect_past();
    const auto depth = static_cast<std::size_t>(
        std::clamp(std::ceil(queued_s / std::max(replay_seconds_, 1e-6)), 2.0, 256.0));
    while (queue_.size() < depth) {
      Replay replay = spare();
      replay.begin->record(stream_);
      enqueue();
      replay.end->record(stream_);
      queue_.push_back(std::move(replay));
    }
  }

  Launched drain() override {
    while (!queue_.empty()) {
      queue_.front().end->wait();
      collect_front();
    }
    return std::exchange(done_, {});
  }

  void unload() override {
    drain();
    graph_.reset();
    prepared_.reset();
    is_spinning_ = false;
  }

 private:
  static constexpr double replay_s = 0.02, queued_s = 0.1;
  static constexpr long long spin_ns = 1'000'000;

  void enqueue() {
    if (graph_) {
      graph_->launch(stream_);
      return;
    }
    for (int i = 0; i < launches_; ++i) launch(i);
  }

  void launch(int i) {
    if (is_spinning_)
      launch_spin(spin_ns, multiprocessors_, stream_);
    else
      prepared_->launch(stream_, i);
  }

  void capture() {
    cudaGraph_t graph = nullptr;
    CUDA_TRY(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeThreadLocal));
    try {
      for (int i = 0; i < launches_; ++i) launch(i);
    } catch (...) {
      cudaStreamEndCapture(stream_, &graph);
      if (graph != nullptr) cudaGraphDestroy(graph);
      throw;
    }
    CUDA_TRY(cudaStreamEndCapture(stream_, &graph));
    graph_.emplace(graph);
  }

  // Seconds of one replay.
  double run_once() {
    const Event begin, end;
    begin.record(stream_);
    enqueue();
    end.record(stream_);
    end.wait();
    return std::max(end.seconds_since(begin), 1e-7);
  }

  Replay spare() {
    if (spares_.empty()) return {std::make_unique<Event>(), std::make_unique<Event>()};
    Replay replay = std::move(spares_.back());
    spares_.pop_back();
    return replay;
  }

  void collect_past() {
    while (!queue_.empty() && queue_.front().end->is_past()) collect_front();
  }

  void collect_front() {
    done_.launches += launches_;
    done_.seconds += queue_.front().end->seconds_since(*queue_.front().begin);
    spares_.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }

  cudaStream_t stream_ = nullptr;
  int multiprocessors_ = 0;
  std::unique_ptr<PreparedCase> prepared_;
  bool is_spinning_ = false;
  std::optional<Graph> graph_;
  int launches_ = 0;  // of a replay
  double replay_seconds_ = 0;
  std::deque<Replay> queue_;
  std::vector<Replay> spares_;
  Launched done_;
};

}  // namespace

std::unique_ptr<Rig> make_rig() {
  return std::make_unique<CudaRig>();
}

}  // namespace jevons::calibration
