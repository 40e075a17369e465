#pragma once
// One maker per family of kinds; prepare() chooses.
#include <memory>

#include "calibration/kernels/prepared_case.h"

namespace jevons::calibration {

using Prepared = std::unique_ptr<PreparedCase>;

Prepared prepare_elementwise(const KernelCase& c, const PrepareOptions& options);
Prepared prepare_router(const KernelCase& c, const PrepareOptions& options);
Prepared prepare_grouped(const KernelCase& c, const PrepareOptions& options);
Prepared prepare_dense(const KernelCase& c, const PrepareOptions& options);
Prepared prepare_attention(const KernelCase& c, const PrepareOptions& options);
Prepared prepare_layer(const KernelCase& c, const PrepareOptions& options);
Prepared prepare_collective(const KernelCase& c, const PrepareOptions& options);

}  // namespace jevons::calibration
