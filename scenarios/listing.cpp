#include <algorithm>
#include <array>
#include <charconv>

#include "models/hardware/chip.h"
#include "models/llm/transformer.h"
#include "models/policy/rule.h"
#include "scenarios/catalogue.h"
#include "scenarios/grid_cards.h"
#include "scenarios/workload_cards.h"

namespace jevons {

namespace {

// Four significant digits at most, without trailing zeros; nothing for what is unknown.
std::string number(std::optional<double> value) {
  if (!value) return "";
  std::array<char, 32> text{};
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), *value, std::chars_format::general, 4);
  ensure(error == std::errc{}, "a number fits in 32 characters");
  return {text.data(), end};
}

template <Dim D>
std::string in(std::optional<Quantity<D>> quantity, Quantity<D> unit) {
  return quantity ? number(quantity->in(unit)) : "";
}

Listing list_chips(const Catalogues& catalogues) {
  Listing listing{{"id", "name", "bf16_tflops", "memory_gb", "memory_tb_s", "tdp_w", "confidence"},
                  {}};
  for (const ChipSpec& chip : read_all<ChipSpec>(catalogues))
    listing.rows.push_back({chip.id, chip.name, in(chip.peak.bf16, unit::TFLOP / unit::s),
                            in(chip.memory, unit::GB),
                            in(chip.memory_bandwidth, unit::TB / unit::s), in(chip.tdp, unit::W),
                            std::string{name_of(chip.facts.confidence)}});
  return listing;
}

Listing list_models(const Catalogues& catalogues) {
  Listing listing{{"id", "name", "parameters_1e9", "active_1e9", "weights_gb", "max_context"}, {}};
  for (const ModelCard& card : read_all<ModelCard>(catalogues))
    listing.rows.push_back({card.id, card.name, number(parameters(card).total() / 1e9),
                            number(active_parameters(card) / 1e9),
                            number(weight_bytes(card).in(unit::GB)),
                            std::to_string(card.max_context)});
  return listing;
}

Listing list_rules(const Catalogues& catalogues) {
  Listing listing{{"id", "part", "effective", "ends", "title", "citation"}, {}};
  for (const Rule& rule : read_all<Rule>(catalogues))
    listing.rows.push_back({rule.id, std::string{name_of(rule.part)}, rule.dates.effective,
                            rule.dates.ends, rule.title, rule.citation});
  return listing;
}

Listing list_groups(const Catalogues& catalogues) {
  Listing listing{{"id", "countries", "name"}, {}};
  for (const CountryGroup& group : read_all<CountryGroup>(catalogues))
    listing.rows.push_back(
        {group.id, std::to_string(group.members.size() + group.dated.size()), group.name});
  return listing;
}

// Traces, lengths and rates: name, how many rows, licence.
template <class Card>
Listing list_cards(const Catalogues& catalogues, std::int64_t Card::*rows, const char* counted) {
  Listing listing{{"id", "name", counted, "licence"}, {}};
  for (const Card& card : read_all<Card>(catalogues))
    listing.rows.push_back({card.id, card.name, std::to_string(card.*rows), card.origin.licence});
  return listing;
}

double mean(const Hourly& series) {
  double sum = 0;
  for (const double v : series.values()) sum += v;
  return sum / static_cast<double>(series.values().size());
}

Listing list_grids(const Catalogues& catalogues) {
  Listing listing{{"id", "name", "hours", "g_per_kwh", "least", "most", "marginal", "licence"}, {}};
  for (const GridCard& card : read_all<GridCard>(catalogues)) {
    const Grid grid = read_grid(card, 0);
    const std::vector<double>& carbon = grid.carbon_g_per_kwh.values();
    const auto [least, most] = std::minmax_element(carbon.begin(), carbon.end());
    listing.rows.push_back({card.id, card.name, std::to_string(carbon.size()),
                            number(mean(grid.carbon_g_per_kwh)), number(*least), number(*most),
                            number(mean(grid.marginal_g_per_kwh)), card.origin.licence});
  }
  return listing;
}

Listing list_weather(const Catalogues& catalogues) {
  Listing listing{
      {"id", "name", "hours", "mean_c", "least_c", "most_c", "most_wet_bulb_c", "licence"}, {}};
  for (const WeatherCard& card : read_all<WeatherCard>(catalogues)) {
    const Weather weather = read_weather(card, 0);
    const std::vector<double>& dry = weather.dry_bulb_c.values();
    const std::vector<double>& wet = weather.wet_bulb_c.values();
    const auto [least, most] = std::minmax_element(dry.begin(), dry.end());
    listing.rows.push_back({card.id, card.name, std::to_string(dry.size()),
                            number(mean(weather.dry_bulb_c)), number(*least), number(*most),
                            number(*std::max_element(wet.begin(), wet.end())),
                            card.origin.licence});
  }
  return listing;
}

}  // namespace

std::vector<std::string> catalogue_names() {
  return {"chips", "models",         "traces", "lengths", "rates",
          "rules", "country_groups", "grids",  "weather"};
}

Listing list_catalogue(const Catalogues& catalogues, std::string_view catalogue) {
  if (catalogue == ChipSpec::catalogue) return list_chips(catalogues);
  if (catalogue == ModelCard::catalogue) return list_models(catalogues);
  if (catalogue == Rule::catalogue) return list_rules(catalogues);
  if (catalogue == CountryGroup::catalogue) return list_groups(catalogues);
  if (catalogue == TraceCard::catalogue)
    return list_cards(catalogues, &TraceCard::requests, "requests");
  if (catalogue == LengthCard::catalogue) return list_cards(catalogues, &LengthCard::rows, "rows");
  if (catalogue == RateCard::catalogue) return list_cards(catalogues, &RateCard::rows, "rows");
  if (catalogue == GridCard::catalogue) return list_grids(catalogues);
  if (catalogue == WeatherCard::catalogue) return list_weather(catalogues);
  broken("only catalogues that have a name are listed", __FILE__, __LINE__);
}

std::string to_text(const Listing& listing) {
  std::vector<std::size_t> widths;
  for (const std::string& column : listing.columns) widths.push_back(column.size());
  for (const auto& row : listing.rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  std::string text;
  const auto add = [&](const std::vector<std::string>& row) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += row[i];
      const bool is_last = i + 1 == row.size();
      text += is_last ? "\n" : std::string(widths[i] - row[i].size() + 2, ' ');
    }
  };
  add(listing.columns);
  for (const auto& row : listing.rows) add(row);
  return text;
}

}  // namespace jevons
