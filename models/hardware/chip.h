#pragma once
// One accelerator as its datasheet states it. Unknown stays unknown: an empty optional, never 0.
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/hardware/precision.h"
#include "sim/fields.h"
#include "sim/quantity.h"

namespace jevons {

// Peak rates of matrix units, dense (no sparsity).
struct PeakRates {
  std::optional<Speed> bf16, fp8, int8, fp4, int4;

  template <class Visitor>
  void fields(Visitor&& field);
};

enum class Confidence { high, medium, low };
template <>
inline constexpr std::array enum_names<Confidence>{
    EnumName{Confidence::high, "high"},      // datasheet or two independent sources agree
    EnumName{Confidence::medium, "medium"},  // one secondary source
    EnumName{Confidence::low, "low"},        // press, roadmap, memory or estimate
};

// What export rules and buyers ask about a chip, and where all of it was found.
struct ChipFacts {
  bool is_datacenter = true;  // designed or marketed for data centres
  std::string origin;         // US, CN; US-CN: a US design cut for the Chinese market
  std::string release;        // as exactly as known: 2024-11-18, 2025-01, 2026-Q4, unreleased
  std::string process_node;
  bool is_nonplanar = true;            // the node has non-planar transistors: its area counts
  std::optional<double> die_area_mm2;  // logic dies together
  std::optional<double> tpp;           // total processing performance as published, TOPS x bits
  std::optional<double> tpp_per_mm2;   // performance density as published
  std::string die_note, memory_type, link_note, price_note;
  Confidence confidence = Confidence::low;
  std::vector<std::string> sources;
  std::string as_of;  // date of the compilation
  std::string note;   // contradictions, and what is odd about this row

  template <class Visitor>
  void fields(Visitor&& field);
};

struct ChipSpec {
  static constexpr std::string_view catalogue = "chips";
  std::string id;      // catalogue key, e.g. "h800-sxm"; the name of its file
  std::string vendor;  // e.g. "NVIDIA"
  std::string name;    // as printed, e.g. "NVIDIA H800 SXM"
  PeakRates peak;
  std::optional<Bytes> memory;
  std::optional<Bandwidth> memory_bandwidth;
  // Scale-up link (NVLink, Infinity Fabric, HCCS), both directions together, per chip; PCIe where
  // the chip has nothing faster.
  std::optional<Bandwidth> link_bandwidth;
  std::optional<Power> tdp;
  std::optional<Money> price;
  ChipFacts facts;

  template <class Visitor>
  void fields(Visitor&& field);
};

// The dense peak of the matrix units for this number format; empty when the chip has no units for
// it or none are known. 4-bit weights on chips without 4-bit units run at the rate of the
// activations' format.
std::optional<Speed> peak_rate(const ChipSpec& chip, Precision p);

template <class Visitor>
void PeakRates::fields(Visitor&& field) {
  const Range range{0.001 * unit::TFLOP / unit::s, 1e7 * unit::TFLOP / unit::s};
  field("bf16", bf16, range, "dense peak with bf16 or fp16 inputs");
  field("fp8", fp8, range, "dense peak with 8-bit floating-point inputs");
  field("int8", int8, range, "dense peak with 8-bit integers, an operation counted as a FLOP");
  field("fp4", fp4, range, "dense peak with 4-bit floating-point inputs");
  field("int4", int4, range, "dense peak with 4-bit integers");
}

template <class Visitor>
void ChipFacts::fields(Visitor&& field) {
  field("is_datacenter", is_datacenter, "designed or marketed for data centres");
  field("origin", origin, "US, CN, or US-CN for a US design cut for the Chinese market");
  field("release", release, "date of release, as exactly as known");
  field("process_node", process_node, "manufacturing process");
  field("is_nonplanar", is_nonplanar, "transistors are not planar");
  field("die_area_mm2", die_area_mm2, Range{1.0, 100'000.0}, "area of the logic dies");
  field("tpp", tpp, Range{0.0, 1e9}, "published total processing performance, TOPS x bits");
  field("tpp_per_mm2", tpp_per_mm2, Range{0.0, 1e6}, "published performance density");
  field("die_note", die_note, "how the area is known");
  field("memory_type", memory_type, "kind of memory");
  field("link_note", link_note, "kind of link");
  field("price_note", price_note, "kind and date of the price");
  field(required("confidence"), confidence, "how sure the row is");
  field(required("sources"), sources, "where the row was found");
  field(required("as_of"), as_of, "date of the compilation");
  field("note", note, "contradictions between sources and other cautions");
}

template <class Visitor>
void ChipSpec::fields(Visitor&& field) {
  field(required("vendor"), vendor, "who designs it");
  field(required("name"), name, "as printed");
  field("peak", peak, "dense peak rates of the matrix units");
  field("memory", memory, Range{1 * unit::GB, 1e5 * unit::GB}, "device memory");
  field("memory_bandwidth", memory_bandwidth,
        Range{1 * unit::GB / unit::s, 1e6 * unit::GB / unit::s}, "peak rate of device memory");
  field("link_bandwidth", link_bandwidth, Range{1 * unit::GB / unit::s, 1e6 * unit::GB / unit::s},
        "scale-up link, both directions together");
  field("tdp", tdp, Range{1 * unit::W, 1e5 * unit::W}, "thermal design power");
  field("price", price, Range{1 * unit::usd, 1e7 * unit::usd}, "price of one");
  field(required("facts"), facts, "what rules and buyers ask, and sources");
}

}  // namespace jevons
