#pragma once
// Work spread over two threads.
#include <cstddef>
#include <functional>

namespace jevons {

// job(0) ... job(count - 1), in any order; what comes of it must not depend on the order. The first
// exception stops the rest and is thrown here.
void in_parallel(std::size_t count, const std::function<void(std::size_t)>& job);

}  // namespace jevons
