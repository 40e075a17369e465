#include "scenarios/access_answer.h"

#include <set>
#include <string_view>

#include "scenarios/page.h"

namespace jevons {

namespace {

JsonValue text(std::string_view value) {
  return {std::string{value}, {}};
}

std::string range(const Spread& s, double scale = 1) {
  const std::string median = figure(scale * s.p50);
  if (s.is_exact()) return median;
  return median + " [" + figure(scale * s.p5) + ", " + figure(scale * s.p95) + "]";
}

std::set<int> years_of(const RegionAccess& region) {
  std::set<int> years;
  for (const AccessChannel& channel : region.channels)
    for (const ChannelSupply& s : channel.supply) years.insert(s.year);
  return years;
}

std::string supply_page(const RegionAccess& region) {
  TextTable table;
  std::vector<std::string> head{"year"};
  for (const AccessChannel& channel : region.channels) head.emplace_back(name_of(channel.channel));
  head.emplace_back("all");
  table.rows.push_back(head);
  for (const int year : years_of(region)) {
    std::vector<std::string> row{std::to_string(year)};
    for (const AccessChannel& channel : region.channels) {
      const auto s = supply(channel, year);
      row.push_back(s ? range(*s) : "-");
    }
    row.push_back(range(*supply(region, year)));
    table.rows.push_back(row);
  }
  return "million H100-equivalents added in a year, median [5 %, 95 %]\n" + table.to_text(2);
}

std::string terms_page(const RegionAccess& region) {
  TextTable table;
  table.rows.push_back({"channel", "delay, months", "premium, %", "found out a year, %", "source"});
  for (const AccessChannel& c : region.channels)
    table.rows.push_back({std::string{name_of(c.channel)}, range(c.delay_months),
                          range(c.premium, 100), c.detection ? range(*c.detection, 100) : "-",
                          c.source});
  return "\n" + table.to_text(2);
}

JsonValue channel_json(const AccessChannel& c) {
  JsonValue::List list;
  for (const ChannelSupply& s : c.supply) list.push_back(to_json(s));
  return {JsonValue::Object{{"channel", text(name_of(c.channel)), {}},
                            {"supply", {std::move(list), {}}, {}},
                            {"delay_months", to_json(c.delay_months), {}},
                            {"premium", to_json(c.premium), {}},
                            {"detection", to_json(c.detection), {}},
                            {"source", text(c.source), {}},
                            {"note", text(c.note), {}}},
          {}};
}

}  // namespace

Answer access_answer(const RegionAccess& region) {
  std::string page = region.name + ": chips that it gets, whatever the law says\n\n" +
                     supply_page(region) + terms_page(region) + "\nsources\n";
  JsonValue::List sources;
  for (const RuleSource& s : region.sources) {
    page += "  " + s.id + " (" + std::string{name_of(s.rank)} + "): " + s.text + "\n";
    sources.push_back(to_json(s));
  }
  page += "basis: " + region.basis + "\n";
  if (!region.note.empty()) page += "note: " + region.note + "\n";
  JsonValue::List channels;
  for (const AccessChannel& c : region.channels) channels.push_back(channel_json(c));
  JsonValue::List totals;
  for (const int year : years_of(region))
    totals.push_back({JsonValue::Object{{"year", {json_number(std::int64_t{year}), {}}, {}},
                                        {"million_h100e", to_json(*supply(region, year)), {}}},
                      {}});
  return {page,
          {JsonValue::Object{{"region", text(region.id), {}},
                             {"name", text(region.name), {}},
                             {"basis", text(region.basis), {}},
                             {"channels", {std::move(channels), {}}, {}},
                             {"all", {std::move(totals), {}}, {}},
                             {"sources", {std::move(sources), {}}, {}},
                             {"note", text(region.note), {}}},
           {}}};
}

}  // namespace jevons
