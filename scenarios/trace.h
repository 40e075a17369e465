#pragma once
// Request traces on disk, plain or gzip-compressed, read row by row in constant memory. A row that
// is not what the format says is refused with its file and line (ScenarioError).
#include <array>
#include <memory>
#include <string>

#include "models/jobs/request.h"
#include "sim/fields.h"

namespace jevons {

enum class TraceFormat { plain, azure, mooncake };
template <>
inline constexpr std::array enum_names<TraceFormat>{
    // CSV: arrival_s,prompt_tokens,output_tokens[,thinking_tokens]
    EnumName{TraceFormat::plain, "plain"},
    // CSV: TIMESTAMP,ContextTokens,GeneratedTokens (github.com/Azure/AzurePublicDataset)
    EnumName{TraceFormat::azure, "azure"},
    // JSON lines: timestamp (ms), input_length, output_length, hash_ids, one id per 512 tokens of
    // the prompt (github.com/kvcache-ai/Mooncake)
    EnumName{TraceFormat::mooncake, "mooncake"},
};

// Arrivals count from the first row of an Azure trace, from 0 in the others. `shown` is how
// messages name the file; empty: as `path`.
std::unique_ptr<RequestSource> open_trace(const std::string& path, TraceFormat format,
                                          const std::string& shown = "");

}  // namespace jevons
