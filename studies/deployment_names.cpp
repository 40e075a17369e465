#include "studies/deployment_names.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace jevons {

namespace {

std::string lower(std::string_view text) {
  std::string out{text};
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

bool is_known(const std::vector<std::string>& known, const std::string& id) {
  return std::find(known.begin(), known.end(), id) != known.end();
}

// Parts of a model's name that say how it was tuned, stored or dated, or repeat its size.
constexpr std::array left_out{"meta", "instruct", "it",    "hf",   "chat", "base", "thinking",
                              "fp8",  "fp4",      "nvfp4", "bf16", "2507", "0528", "0324",
                              "2407", "4k",       "8k",    "128k", "v0.1", "v0.2", "v0.3",
                              "17b",  "16e",      "128e",  "1.1",  "v2"};

using Alias = std::pair<std::string_view, std::string_view>;
// Same architecture under another name.
constexpr std::array model_aliases{
    Alias{"deepseek-v3.1", "deepseek-v3"},
    Alias{"mistral-nemo", "mistral-nemo-12b"},
};
constexpr std::array chip_aliases{
    Alias{"rtxpro6000", "rtxpro6000-server"},
    Alias{"a100-sxm4-40gb", "a100-40-sxm"},
    Alias{"a100-sxm4-80gb", "a100-80-sxm"},
    Alias{"a100-sxm", "a100-80-sxm"},
    Alias{"h20", "h20-96"},
};

template <std::size_t N>
std::string renamed(const std::array<Alias, N>& aliases, const std::string& name) {
  for (const auto& [from, to] : aliases)
    if (from == name) return std::string{to};
  return name;
}

}  // namespace

std::string model_id_of(std::string_view published, const std::vector<std::string>& known) {
  std::string name = lower(published.substr(published.find('/') + 1));
  if (is_known(known, name)) return name;
  std::string id;
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('-', begin), name.size());
    const std::string part = name.substr(begin, end - begin);
    if (std::find(left_out.begin(), left_out.end(), part) == left_out.end())
      id += (id.empty() ? "" : "-") + part;
    begin = end + 1;
  }
  id = renamed(model_aliases, id);
  return is_known(known, id) ? id : "";
}

std::string chip_id_of(std::string_view published, const std::vector<std::string>& known) {
  std::string name = lower(published);
  std::replace(name.begin(), name.end(), '_', '-');
  name = renamed(chip_aliases, name);
  if (is_known(known, name)) return name;
  if (is_known(known, name + "-sxm")) return name + "-sxm";
  const std::size_t cut = name.rfind("-sxm");
  if (cut != std::string::npos && is_known(known, name.substr(0, cut))) return name.substr(0, cut);
  return "";
}

std::optional<WeightFormats> weight_formats(const ModelCard& model, std::string_view format) {
  // Sources: quantization_config of the FP8 checkpoints of deepseek-ai, Qwen and meta-llama.
  const bool in_blocks = model.attention.mla || model.id.starts_with("qwen3");
  const bool experts_only = model.id.starts_with("llama-4");
  if (format == "bfloat16" || format == "bf16" || format == "float16")
    return WeightFormats{Precision::bf16, {}};
  if (format == "mxfp4" || format == "int4" || format == "int4_wo") {
    const Precision p = format == "mxfp4" ? Precision::mxfp4 : Precision::int4;
    return model.moe ? WeightFormats{Precision::bf16, p} : WeightFormats{p, {}};
  }
  if (format == "fp8" || format == "fp8_block") {
    if (experts_only) return WeightFormats{Precision::bf16, Precision::fp8};
    const bool block = in_blocks || format == "fp8_block";
    return WeightFormats{block ? Precision::fp8_block : Precision::fp8, {}};
  }
  if (format == "fp4" || format == "nvfp4") return WeightFormats{Precision::nvfp4, {}};
  return {};
}

}  // namespace jevons
