#pragma once
// The best chip that a vendor could still sell under export rules, by the models of serving and
// training: every die is cut down until the rules let it pass (models/policy/legal_design.h), the
// laws that its kernels were measured to have are scaled to what is left of it, and the same work
// is run on all. Then the same on chips as they were, to see what the rule is worth.
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "models/policy/rulebook.h"
#include "studies/compare_rates.h"

namespace jevons {

enum class DesignGoal { decode, training, prefill };
template <>
inline constexpr std::array enum_names<DesignGoal>{
    EnumName{DesignGoal::decode, "decode"},
    EnumName{DesignGoal::training, "training"},
    EnumName{DesignGoal::prefill, "prefill"},
};

struct DesignQuestion {
  const Rulebook* book = nullptr;
  const Rule* rule = nullptr;  // null: all rules of the day; an amendment: what it amends, amended
  Deal deal;
  PolicyStatus most = PolicyStatus::not_controlled;  // the strictest status that counts as sold
  DesignGoal goal = DesignGoal::decode;
  ModelCard model;                  // what is served or trained
  std::vector<ChipSpec> dies;       // to cut down
  std::vector<ChipSpec> catalogue;  // chips as they are
};

struct DesignedChip {
  std::string label, laws;  // laws: id of the chip whose kernels were measured; empty: none
  ChipSpec chip;
  double arithmetic = 1;            // share of its die that is left
  double rate = 0;                  // of the goal's tokens, a second and GPU
  std::vector<Distance> held_by{};  // thresholds that it just keeps
};

struct DesignOutcome {
  std::string work, unit;              // in words
  std::string before;                  // the day before the rule was announced
  std::vector<DesignedChip> designs;   // best first; empty: none can be sold
  std::vector<DesignedChip> sold_now;  // chips of the catalogue that pass, best first
  std::vector<DesignedChip> sold_before;
  std::vector<DesignedChip> references;  // H100, H200, B200
};

// The model that is asked of a goal where nobody names one.
std::string_view usual_model(DesignGoal goal);

// Chips with a profile of their own that were out on the day, one of each die: the one with most
// arithmetic.
std::vector<ChipSpec> measured_dies(const std::vector<ChipSpec>& catalogue,
                                    const std::string& date);

DesignOutcome design(const DesignQuestion& question, const std::function<void(double)>& progress);

// As page and JSON.
Answer design_answer(const DesignQuestion& question, const std::function<void(double)>& progress);

}  // namespace jevons
