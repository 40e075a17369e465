#include "studies/parallel.h"

#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

namespace jevons {

void in_parallel(std::size_t count, const std::function<void(std::size_t)>& job) {
  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::mutex mutex;
  const auto work = [&] {
    try {
      for (std::size_t i = next++; i < count; i = next++) job(i);
    } catch (...) {
      const std::scoped_lock lock{mutex};
      if (!failure) failure = std::current_exception();
      next = count;
    }
  };
  {
    const std::jthread other{work};
    work();
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace jevons
