#pragma once
// An export rule as data. A rule touches a chip by one of its prongs and then says, by the first
// outcome that fits the deal, what follows. A rule that amends another changes what follows from
// the other's prongs and asks nothing more of the chip than its outcomes say.
//
// Dates are texts such as "2023-11-17": they compare as they are. An empty one is none.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/policy/terms.h"

namespace jevons {

// "tpp >= 4800", and which of the rule's sources says so.
struct Threshold {
  ChipFact fact = ChipFact::tpp;
  ThresholdSense is = ThresholdSense::at_least;
  double value = 0;
  std::string source;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("fact"), fact, "what is compared");
    field(required("is"), is, "how");
    field(required("value"), value, "with what");
    field(required("source"), source, "id of a source of this rule");
  }
};

// A way of being touched: all of its thresholds hold.
struct Prong {
  std::string name;  // "3A090.a.1"
  ChipClass makes = ChipClass::advanced;
  MarketedFor marketed_for = MarketedFor::any;
  std::optional<bool> has_hbm;
  bool is_presumed = false;  // what is unknown counts as met
  std::string from, until;   // part of the rule's life in which it exists
  std::vector<Threshold> all;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("name"), name, "as the rule numbers it");
    field("makes", makes, "the class of a chip that it touches");
    field("marketed_for", marketed_for, "touches only chips marketed so");
    field("has_hbm", has_hbm, "touches only chips with, or without, HBM");
    field("is_presumed", is_presumed, "what is unknown counts as met");
    field("from", from, "date on which it begins, if later than the rule");
    field("until", until, "date on which it ends, if earlier than the rule");
    field("all", all, "thresholds that must all hold");
  }
};

// What follows. Empty lists and absent values ask nothing.
struct PolicyOutcome {
  std::vector<ChipClass> classes;
  std::vector<std::string> places;  // groups of countries, or countries
  PlacedBy placed_by = PlacedBy::destination;
  std::vector<EndUse> end_uses;
  bool only_exports = false;  // from the country of the rule; not re-exports
  std::vector<Threshold> all;
  PolicyStatus status = PolicyStatus::not_controlled;

  template <class Visitor>
  void fields(Visitor&& field) {
    field("classes", classes, "of chips");
    field("places", places, "groups of countries");
    field("placed_by", placed_by, "whose place counts");
    field("end_uses", end_uses, "of the buyer");
    field("only_exports", only_exports, "not re-exports from a third country");
    field("all", all, "thresholds that must all hold");
    field(required("status"), status, "what follows");
  }
};

// A volume that a rule allows or spares.
struct VolumePool {
  std::string what;
  std::optional<double> tpp, units, share;
  std::string per;
  std::string source;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("what"), what, "what the volume is");
    field("tpp", tpp, Range{0.0, 1e15}, "sum of TPP");
    field("units", units, Range{0.0, 1e12}, "chips");
    field("share", share, Range{0.0, 1.0}, "share of a volume");
    field(required("per"), per, "whose volume, in which time");
    field(required("source"), source, "id of a source of this rule");
  }
};

struct RuleSource {
  std::string id, text;
  SourceRank rank = SourceRank::secondary;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("id"), id, "short name, for the numbers of this rule");
    field(required("text"), text, "where it was read");
    field(required("rank"), rank, "read in the original, quoted by somebody, or remembered");
  }
};

struct RuleDates {
  std::string announced, effective, compliance;
  std::string unenforced;  // from then on the authority does not enforce the text
  std::string ends;        // last day + 1
  std::string note;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("announced"), announced, "date of announcement");
    field("effective", effective, "date from which the text is in force; none: never was");
    field("compliance", compliance, "date from which it must be followed, if later");
    field("unenforced", unenforced, "date from which it is not enforced although in force");
    field("ends", ends, "first day on which it is no longer in force");
    field("note", note, "what ended it, and doubts about dates");
  }
};

struct Rule {
  static constexpr std::string_view catalogue = "rules";
  std::string id, title, citation;
  RulePart part = RulePart::exporter;
  RuleDates dates;
  std::string amends;                   // id of the rule whose outcomes it changes
  std::vector<std::string> addressees;  // vendors it binds; for others it is an inference
  std::vector<std::string> chips;       // ids it names; empty: any
  std::vector<Exporter> exporters;
  std::vector<EndUse> end_uses;
  bool is_about_memory = false;  // about memory stacks, not about chips
  std::vector<Prong> prongs;     // none: every chip (that it names) is touched
  std::vector<PolicyOutcome> outcomes;
  std::optional<double> rate;  // fee or tariff, of the price
  std::vector<VolumePool> pools;
  std::vector<std::string> conditions;
  std::vector<RuleSource> sources;
  std::string note;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("title"), title, "what it is called");
    field(required("citation"), citation, "where it is published");
    field(required("part"), part, "which part of the answer it is");
    field(required("dates"), dates, "its life");
    field("amends", amends, "id of the rule whose outcomes it changes");
    field("addressees", addressees, "vendors it was addressed to; none: everybody");
    field("chips", chips, "ids of the chips it names");
    field("exporters", exporters, "who must follow it; none: everybody");
    field("end_uses", end_uses, "end uses it is about; none: all");
    field("is_about_memory", is_about_memory, "about memory stacks, not about chips");
    field("prongs", prongs, "ways of being touched; none: every chip it names is");
    field("outcomes", outcomes, "what follows, the first that fits");
    field("rate", rate, Range{0.0, 10.0}, "fee or tariff as a share of the price");
    field("pools", pools, "volumes it allows or spares");
    field("conditions", conditions, "what else it asks");
    field(required("sources"), sources, "where it and its numbers were read");
    field("note", note, "doubts, and what happened in practice");
  }
};

// A group of countries, by ISO 3166 codes of two letters.
struct DatedMember {
  std::string code, from, until;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("code"), code, "country");
    field("from", from, "first day as a member");
    field("until", until, "first day as a member no longer");
  }
};

struct CountryGroup {
  static constexpr std::string_view catalogue = "country_groups";
  std::string id, name, source;
  std::vector<std::string> members;
  std::vector<DatedMember> dated;

  template <class Visitor>
  void fields(Visitor&& field) {
    field(required("name"), name, "what it is called");
    field(required("source"), source, "where it was read");
    field(required("members"), members, "countries, all the time");
    field("dated", dated, "countries that came or went");
  }
};

}  // namespace jevons
