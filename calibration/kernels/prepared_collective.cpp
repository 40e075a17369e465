// All-reduce and all-to-all over the GPUs of a node, through NCCL by dlopen: a machine without it
// measures everything else. The few declarations below are those of its documented C interface.
#include <array>
#include <span>

#include <dlfcn.h>

#include "calibration/kernels/device.h"
#include "calibration/kernels/elementwise.h"
#include "calibration/kernels/number_formats.h"
#include "calibration/kernels/prepared_kinds.h"
#include "calibration/kernels/rotated_case.h"

namespace jevons::calibration {

namespace {

using Communicator = void*;
constexpr int nccl_bf16 = 9, nccl_sum = 0;  // ncclBfloat16, ncclSum

class Nccl {
 public:
  Nccl() : library_{dlopen("libnccl.so.2", RTLD_NOW)} {
    if (library_ == nullptr) throw CaseUnavailable("there is no libnccl.so.2");
    find(init_all, "ncclCommInitAll");
    find(destroy, "ncclCommDestroy");
    find(error, "ncclGetErrorString");
    find(group_start, "ncclGroupStart");
    find(group_end, "ncclGroupEnd");
    find(all_reduce, "ncclAllReduce");
    find(send, "ncclSend");
    find(receive, "ncclRecv");
  }
  void check(int result, const char* what) const {
    if (result != 0) throw std::runtime_error(std::string{what} + " failed: " + error(result));
  }

  int (*init_all)(Communicator*, int, const int*) = nullptr;
  int (*destroy)(Communicator) = nullptr;
  const char* (*error)(int) = nullptr;
  int (*group_start)() = nullptr;
  int (*group_end)() = nullptr;
  int (*all_reduce)(const void*, void*, std::size_t, int, int, Communicator, Stream) = nullptr;
  int (*send)(const void*, std::size_t, int, int, Communicator, Stream) = nullptr;
  int (*receive)(void*, std::size_t, int, int, Communicator, Stream) = nullptr;

 private:
  template <class F>
  void find(F& function, const char* name) {
    function = reinterpret_cast<F>(dlsym(library_, name));
    if (function == nullptr) throw CaseUnavailable(std::string{"libnccl.so.2 has no "} + name);
  }
  void* library_;  // stays loaded: unloading it under live contexts is not safe
};

// One GPU's part.
struct Rank {
  Rank(std::size_t n, std::uint64_t seed) : from{n}, to{n} {
    CUDA_TRY(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    fill_bf16(from.data(), static_cast<std::int64_t>(n), seed, 1.0F);
    CUDA_TRY(cudaDeviceSynchronize());
  }
  DeviceBuffer<std::uint16_t> from, to;
  cudaStream_t stream = nullptr;  // lives as long as the process
};

class CollectiveCase final : public PreparedCase {
 public:
  CollectiveCase(const KernelCase& c, std::uint64_t seed)
      : is_all_reduce_{c.kind == CaseKind::all_reduce},
        n_{static_cast<std::size_t>(c.tokens * c.moe.hidden)},
        seed_{seed},
        communicators_(static_cast<std::size_t>(c.gpus)) {
    int count = 0;
    CUDA_TRY(cudaGetDeviceCount(&count));
    if (count < c.gpus)
      throw CaseUnavailable("this needs " + std::to_string(c.gpus) + " GPUs and there are " +
                            std::to_string(count));
    if (n_ % communicators_.size() != 0)
      throw CaseUnavailable("the message is not divisible by the number of GPUs");
    nccl_.check(nccl_.init_all(communicators_.data(), c.gpus, nullptr), "ncclCommInitAll");
    on_each([&](std::size_t i) { ranks_.emplace_back(n_, seed_ + i); });
  }
  ~CollectiveCase() override {
    for (Communicator c : communicators_) nccl_.destroy(c);
  }

  // The first GPU works on `stream`, the others on their own: the first cannot end before they do.
  void launch(Stream stream, int) override {
    nccl_.check(nccl_.group_start(), "ncclGroupStart");
    for (std::size_t i = 0; i < ranks_.size(); ++i) enqueue(i, i == 0 ? stream : ranks_[i].stream);
    nccl_.check(nccl_.group_end(), "ncclGroupEnd");
  }
  bool is_capturable() const override { return false; }  // one graph holds one GPU's work

  Verdict verify() override {
    on_each([&](std::size_t i) { ranks_[i].to.bytes().fill_poison(); });
    on_each([](std::size_t) { CUDA_TRY(cudaDeviceSynchronize()); });
    launch(ranks_.front().stream, 0);
    on_each([](std::size_t) { CUDA_TRY(cudaDeviceSynchronize()); });
    Comparison comparison{0.03};  // sums of bf16 may be rounded at every hop
    on_each([&](std::size_t i) {
      const auto got = ranks_[i].to.to_host();
      for (const std::int64_t at : samples(static_cast<std::int64_t>(n_), 1024))
        comparison.add(static_cast<double>(from_bf16(got[static_cast<std::size_t>(at)])),
                       wanted(i, static_cast<std::size_t>(at)), static_cast<std::int64_t>(i), at);
    });
    return comparison.verdict();
  }

 private:
  template <class F>
  void on_each(F work) {
    int before = 0;
    CUDA_TRY(cudaGetDevice(&before));
    for (std::size_t i = 0; i < communicators_.size(); ++i) {
      CUDA_TRY(cudaSetDevice(static_cast<int>(i)));
      work(i);
    }
    CUDA_TRY(cudaSetDevice(before));
  }

  void enqueue(std::size_t i, Stream stream) {
    const Rank& r = ranks_[i];
    if (is_all_reduce_) {
      nccl_.check(nccl_.all_reduce(r.from.data(), r.to.data(), n_, nccl_bf16, nccl_sum,
                                   communicators_[i], stream),
                  "ncclAllReduce");
      return;
    }
    const std::size_t part = n_ / ranks_.size();
    for (std::size_t peer = 0; peer < ranks_.size(); ++peer) {
      const int p = static_cast<int>(peer);
      nccl_.check(
          nccl_.send(r.from.data() + peer * part, part, nccl_bf16, p, communicators_[i], stream),
          "ncclSend");
      nccl_.check(
          nccl_.receive(r.to.data() + peer * part, part, nccl_bf16, p, communicators_[i], stream),
          "ncclRecv");
    }
  }

  double value(std::size_t rank, std::size_t at) const {
    return static_cast<double>(from_bf16(random_bf16(seed_ + rank, at, 1.0F)));
  }
  double wanted(std::size_t rank, std::size_t at) const {
    if (!is_all_reduce_) {
      const std::size_t part = n_ / ranks_.size();
      return value(at / part, rank * part + at % part);
    }
    double sum = 0;
    for (std::size_t i = 0; i < ranks_.size(); ++i) sum += value(i, at);
    return sum;
  }

  Nccl nccl_;
  bool is_all_reduce_;
  std::size_t n_;
  std::uint64_t seed_;
  std::vector<Communicator> communicators_;
  std::vector<Rank> ranks_;
};

}  // namespace

Prepared prepare_collective(const KernelCase& c, const PrepareOptions& options) {
  return std::make_unique<CollectiveCase>(c, options.seed);
}

}  // namespace jevons::calibration
