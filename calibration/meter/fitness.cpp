#include "calibration/meter/fitness.h"

#include <algorithm>
#include <array>
#include <string>

#include "calibration/meter/refusal.h"

namespace jevons::calibration {
namespace {

constexpr int oldest_capability = 80;  // bf16 matrix units

std::string dotted(int capability) {
  return std::to_string(capability / 10) + "." + std::to_string(capability % 10);
}

std::string listed(std::span<const int> capabilities) {
  if (capabilities.empty()) return dotted(oldest_capability) + " or newer";
  std::string text;
  for (const int c : capabilities) text += (text.empty() ? "" : " or ") + dotted(c);
  return text;
}

bool is_supported(int capability, std::span<const int> capabilities) {
  if (capabilities.empty()) return capability >= oldest_capability;
  return std::find(capabilities.begin(), capabilities.end(), capability) != capabilities.end();
}

std::string words_of(std::uint64_t reasons) {
  constexpr std::array<std::pair<std::uint64_t, const char*>, 4> words{{
      {clock_reason::hardware_slowdown, "hardware slowdown"},
      {clock_reason::software_thermal, "heat (software)"},
      {clock_reason::hardware_thermal, "heat (hardware)"},
      {clock_reason::power_brake, "power brake"},
  }};
  std::string text;
  for (const auto& [bit, word] : words)
    if ((reasons & bit) != 0) text += (text.empty() ? "" : ", ") + std::string{word};
  return text;
}

}  // namespace

void ensure_fit(const BoardFacts& board, const Reading& at_rest,
                std::span<const int> capabilities) {
  const std::string& name = board.name;
  if (board.is_split)
    throw Refusal{name +
                  " is split by MIG: energy is counted for the whole board, kernels run on a part"};
  if (!is_supported(board.capability, capabilities))
    throw Refusal{name + " has compute capability " + dotted(board.capability) +
                  "; these kernels need " + listed(capabilities)};
  if (!board.processes.empty())
    throw Refusal{name + " is also used by process " + std::to_string(board.processes.front()) +
                  ": its work would be timed and weighed with ours (hint: nvidia-smi lists them)"};
  if (!at_rest.joules)
    throw Refusal{name + " has no energy counter: its joules cannot be measured"};
  if (const std::uint64_t held = at_rest.reasons.value_or(0) & clock_reason::throttling; held != 0)
    throw Refusal{name + " is held back by " + words_of(held) +
                  ": it would measure its cooling or supply, not its kernels"};
}

}  // namespace jevons::calibration
