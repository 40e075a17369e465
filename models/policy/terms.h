#pragma once
// The words of export rules: what they ask of a chip, what they answer, and how far they reach.
#include <array>

#include "sim/fields.h"

namespace jevons {

// What a threshold is about. Bandwidths in GB/s, areas in mm2, as the rules write them.
enum class ChipFact {
  tpp,                  // total processing performance: dense TOPS x bits, the best format
  performance_density,  // TPP / area of logic dies with non-planar transistors
  io_bandwidth,         // all inputs and outputs but memory, both directions together
  memory_bandwidth,     // DRAM of the package
  bandwidth_sum,        // memory + io
  hbm_density,          // bandwidth of a memory stack / its area
  transistors,          // 1e9
};
inline constexpr std::size_t chip_fact_count = 7;
template <>
inline constexpr std::array enum_names<ChipFact>{
    EnumName{ChipFact::tpp, "tpp"},
    EnumName{ChipFact::performance_density, "performance_density"},
    EnumName{ChipFact::io_bandwidth, "io_bandwidth_gb_s"},
    EnumName{ChipFact::memory_bandwidth, "memory_bandwidth_gb_s"},
    EnumName{ChipFact::bandwidth_sum, "memory_plus_io_gb_s"},
    EnumName{ChipFact::hbm_density, "hbm_density_gb_s_per_mm2"},
    EnumName{ChipFact::transistors, "transistors_1e9"},
};

enum class ThresholdSense { at_least, above, below, at_most };
template <>
inline constexpr std::array enum_names<ThresholdSense>{
    EnumName{ThresholdSense::at_least, ">="},
    EnumName{ThresholdSense::above, ">"},
    EnumName{ThresholdSense::below, "<"},
    EnumName{ThresholdSense::at_most, "<="},
};

// From free to barred: the headline of a chip is the last that any rule gives it. `unknown` stands
// last, because nothing that is known frees a chip from a rule that cannot be applied.
enum class PolicyStatus {
  not_controlled,
  nac,  // licence exception with notice to the authority
  aca,  // the same without notice
  presumption_of_approval,
  licence,  // required, review not stated
  case_by_case,
  presumption_of_denial,
  banned,  // by the importer
  unknown,
};
template <>
inline constexpr std::array enum_names<PolicyStatus>{
    EnumName{PolicyStatus::not_controlled, "not_controlled"},
    EnumName{PolicyStatus::nac, "nac"},
    EnumName{PolicyStatus::aca, "aca"},
    EnumName{PolicyStatus::presumption_of_approval, "presumption_of_approval"},
    EnumName{PolicyStatus::licence, "licence"},
    EnumName{PolicyStatus::case_by_case, "case_by_case"},
    EnumName{PolicyStatus::presumption_of_denial, "presumption_of_denial"},
    EnumName{PolicyStatus::banned, "banned"},
    EnumName{PolicyStatus::unknown, "unknown"},
};

// Which part of the answer a rule is.
enum class RulePart { exporter, review, exception, fee, tariff, importer, enforcement, proposal };
template <>
inline constexpr std::array enum_names<RulePart>{
    EnumName{RulePart::exporter, "exporter_requirement"},
    EnumName{RulePart::review, "review_policy"},
    EnumName{RulePart::exception, "licence_exception"},
    EnumName{RulePart::fee, "fee"},
    EnumName{RulePart::tariff, "tariff"},
    EnumName{RulePart::importer, "importer_action"},
    EnumName{RulePart::enforcement, "enforcement"},
    EnumName{RulePart::proposal, "proposal"},
};

// What a prong makes of a chip; later rules speak of the class.
enum class ChipClass { advanced, lesser, consumer, memory };
template <>
inline constexpr std::array enum_names<ChipClass>{
    EnumName{ChipClass::advanced, "advanced"},  // 3A090.a of a data-centre chip
    EnumName{ChipClass::lesser, "lesser"},      // 3A090.b
    EnumName{ChipClass::consumer, "consumer"},  // 3A090.a, but not made for data centres: note 2
    EnumName{ChipClass::memory, "memory"},      // 3A090.c
};

enum class EndUse { civil, military, supercomputer };
template <>
inline constexpr std::array enum_names<EndUse>{
    EnumName{EndUse::civil, "civil"},
    EnumName{EndUse::military, "military"},
    EnumName{EndUse::supercomputer, "supercomputer"},
};

// Who ships: a vendor its own chip, or a foundry what it made for others.
enum class Exporter { vendor, foundry };
template <>
inline constexpr std::array enum_names<Exporter>{
    EnumName{Exporter::vendor, "vendor"},
    EnumName{Exporter::foundry, "foundry"},
};

// How well a number is known: read in the original, quoted by somebody, remembered, or assumed.
enum class SourceRank { primary, secondary, memory, assumed };
template <>
inline constexpr std::array enum_names<SourceRank>{
    EnumName{SourceRank::primary, "primary"},
    EnumName{SourceRank::secondary, "secondary"},
    EnumName{SourceRank::memory, "memory"},
    EnumName{SourceRank::assumed, "assumed"},
};

// Where a party must be for an outcome.
enum class PlacedBy { destination, parent, either };
template <>
inline constexpr std::array enum_names<PlacedBy>{
    EnumName{PlacedBy::destination, "destination"},
    EnumName{PlacedBy::parent, "parent"},
    EnumName{PlacedBy::either, "either"},
};

enum class MarketedFor { any, datacenter, other };
template <>
inline constexpr std::array enum_names<MarketedFor>{
    EnumName{MarketedFor::any, "any"},
    EnumName{MarketedFor::datacenter, "datacenter"},
    EnumName{MarketedFor::other, "other"},
};

}  // namespace jevons
