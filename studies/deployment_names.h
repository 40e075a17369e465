#pragma once
// Names as published tables write them, in the words of our catalogues.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/hardware/precision.h"
#include "models/llm/transformer.h"

namespace jevons {

// "Qwen/Qwen3-235B-A22B-Instruct-2507-FP8" -> "qwen3-235b-a22b": the publisher, the kind of tuning,
// the date and the number format are left out. Empty when no id of `known` matches.
std::string model_id_of(std::string_view published, const std::vector<std::string>& known);

// "h100_sxm", "H100" -> "h100-sxm".
std::string chip_id_of(std::string_view published, const std::vector<std::string>& known);

// Number formats of the weights of `model` in a checkpoint said to be in `format` (bfloat16, fp8,
// fp4 ...). Makers quantise differently: DeepSeek and Qwen in blocks, Llama 4 experts only.
struct WeightFormats {
  Precision weights = Precision::bf16;
  std::optional<Precision> experts;
};
std::optional<WeightFormats> weight_formats(const ModelCard& model, std::string_view format);

}  // namespace jevons
