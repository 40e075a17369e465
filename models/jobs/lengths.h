#pragma once
// How long prompts and outputs are, where no trace says so, and what a chain of thought adds.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/distributions.h"
#include "sim/fields.h"
#include "sim/rng.h"

namespace jevons {

struct LengthPair {
  std::int32_t prompt = 1, output = 1;
};

struct FixedLengths {
  static constexpr std::string_view name = "fixed";
  int prompt = 1000, output = 200;
  LengthPair sample(Rng&) const { return {prompt, output}; }
  double mean_output() const { return output; }

  template <class Visitor>
  void fields(Visitor&& field) {
    field("prompt", prompt, Range{1, 10'000'000}, "prompt tokens");
    field("output", output, Range{1, 10'000'000}, "output tokens");
  }
};

// Prompt and output independent, each lognormal and cut at the longest.
struct LognormalLengths {
  static constexpr std::string_view name = "lognormal";
  double prompt_median = 600, prompt_sigma = 1.0;
  double output_median = 150, output_sigma = 0.8;
  int longest = 32'768;
  LengthPair sample(Rng& rng) const;
  double mean_output() const;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("prompt_median", prompt_median, Range{1.0, 1e7}, "median of prompt tokens");
    field("prompt_sigma", prompt_sigma, Range{0.0, 5.0}, "deviation of their logarithm");
    field("output_median", output_median, Range{1.0, 1e7}, "median of output tokens");
    field("output_sigma", output_sigma, Range{0.0, 5.0}, "deviation of their logarithm");
    field("longest", longest, Range{1, 10'000'000}, "neither is longer");
  }
};

// Measured histograms of prompt and output tokens, drawn independently.
struct EmpiricalLengths {
  static constexpr std::string_view name = "empirical";
  std::string file;                         // name in the catalogue of lengths or a path
  std::optional<Empirical> prompt, output;  // filled when the file is read
  LengthPair sample(Rng& rng) const;
  double mean_output() const { return output->mean(); }

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("file"), file, "histograms: columns kind (prompt, output), tokens, weight");
  }
};

using Lengths = std::variant<FixedLengths, LognormalLengths, EmpiricalLengths>;

// Hidden chain of thought before the visible answer. A trace says nothing about it, so adding it is
// an explicit choice: each request thinks with probability `share`, for a lognormal number of
// tokens.
struct Reasoning {
  double share = 1;
  double median_tokens = 800, sigma = 0.8;
  int longest = 32'768;
  std::int32_t sample(Rng& rng) const;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("share", share, Range{0.0, 1.0}, "share of requests that think before they answer");
    field("median_tokens", median_tokens, Range{1.0, 1e6}, "median of thinking tokens");
    field("sigma", sigma, Range{0.0, 5.0}, "deviation of their logarithm");
    field("longest", longest, Range{1, 1'000'000}, "a thought is cut here");
  }
};

}  // namespace jevons
