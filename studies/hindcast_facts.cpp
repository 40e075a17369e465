#include "studies/hindcast_facts.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <tuple>

#include "sim/ensure.h"
#include "studies/csv_rows.h"

namespace jevons {
namespace {

// "12/31/2022" -> 2023.0: the months before count.
std::optional<double> end_of_month(std::string_view text) {
  int month = 0;
  int year = 0;
  const std::size_t first = text.find('/');
  const std::size_t last = text.rfind('/');
  if (first == std::string_view::npos || first == last) return {};
  const auto read = [&text](std::size_t from, std::size_t to, int& value) {
    const char* const end = text.data() + to;
    const auto [at, error] = std::from_chars(text.data() + from, end, value);
    return error == std::errc{} && at == end;
  };
  if (!read(0, first, month) || !read(last + 1, text.size(), year)) return {};
  if (month < 1 || month > 12 || year < 1900 || year > 2200) return {};
  return year + month / 12.0;
}

std::vector<StockQuarter> read_stock(const std::string& path) {
  CsvRows rows{path};
  const int end = rows.column("end_date"), low = rows.column("h100e_p5"),
            mid = rows.column("h100e_median"), high = rows.column("h100e_p95"),
            units = rows.column("units_median"), mw = rows.column("power_mw_tdp_median"),
            incomplete = rows.column("incomplete");
  std::vector<StockQuarter> stock;
  while (rows.next()) {
    if (!rows.text(incomplete).empty()) continue;
    const std::optional<double> date = end_of_month(rows.text(end));
    if (!date) rows.refuse("a date such as 12/31/2022", rows.text(end));
    stock.push_back({*date,
                     {rows.number(low), rows.number(mid), rows.number(high)},
                     rows.number(units),
                     rows.number(mw)});
    const bool grows = stock.size() < 2 || (stock.back().end > stock[stock.size() - 2].end &&
                                            stock.back().units > stock[stock.size() - 2].units);
    if (!grows) rows.refuse("a later quarter with a larger stock", rows.text(end));
    const Spread& h = stock.back().h100e;
    if (h.p5 <= 0 || h.p5 > h.p50 || h.p50 > h.p95)
      rows.refuse("5, 50 and 95 % in this order, above 0", rows.text(mid));
  }
  return stock;
}

}  // namespace

BuildOutFacts read_build_out(const std::filesystem::path& folder) {
  BuildOutFacts facts;
  facts.stock = read_stock((folder / "nvidia_stock.csv").string());
  CsvRows chips{(folder / "chips_on_sale.csv").string()};
  const int chip = chips.column("chip"), announced = chips.column("announced"),
            planned = chips.column("planned"), h100e = chips.column("h100e"),
            tdp = chips.column("tdp_w"), die = chips.column("die_mm2");
  while (chips.next())
    facts.chips.push_back({std::string{chips.text(chip)}, chips.number(announced),
                           chips.number(planned), chips.number(h100e), chips.number(tdp),
                           chips.number(die)});
  std::stable_sort(facts.chips.begin(), facts.chips.end(),
                   [](const auto& a, const auto& b) { return a.planned < b.planned; });
  CsvRows prices{(folder / "chip_prices.csv").string()};
  const int name = prices.column("chip"), from = prices.column("known_from"),
            usd = prices.column("usd");
  while (prices.next())
    facts.prices.push_back(
        {std::string{prices.text(name)}, prices.number(from), prices.number(usd)});
  std::stable_sort(facts.prices.begin(), facts.prices.end(), [](const auto& a, const auto& b) {
    return std::tie(a.chip, a.known_from) < std::tie(b.chip, b.known_from);
  });
  return facts;
}

BuildOutFacts known_at(const BuildOutFacts& facts, double origin) {
  const double latest = origin + 1e-6;
  BuildOutFacts known;
  for (const StockQuarter& quarter : facts.stock)
    if (quarter.end <= latest) known.stock.push_back(quarter);
  for (const ChipOnSale& chip : facts.chips)
    if (chip.announced <= latest) known.chips.push_back(chip);
  for (const ChipPrice& price : facts.prices)
    if (price.known_from <= latest) known.prices.push_back(price);
  return known;
}

double price_at(const BuildOutFacts& facts, const std::string& chip, double date) {
  const ChipPrice* found = nullptr;
  for (const ChipPrice& price : facts.prices)
    if (price.chip == chip && (found == nullptr || price.known_from <= date + 1e-6)) found = &price;
  ensure(found != nullptr, "a chip on sale has a price");
  return found->usd;
}

std::vector<ShownFigure> read_shown(const std::filesystem::path& folder) {
  CsvRows rows{(folder / "shown.csv").string()};
  const int group = rows.column("group"), what = rows.column("what"), date = rows.column("date"),
            value = rows.column("value"), unit = rows.column("unit"), how = rows.column("how");
  std::vector<ShownFigure> figures;
  while (rows.next())
    figures.push_back({std::string{rows.text(group)}, std::string{rows.text(what)},
                       std::string{rows.text(date)}, std::string{rows.text(unit)},
                       std::string{rows.text(how)}, rows.number(value)});
  return figures;
}

std::vector<PublishedEnergy> read_published_energy(const std::filesystem::path& folder) {
  CsvRows rows{(folder / "iea.csv").string()};
  const int region = rows.column("region"), ours = rows.column("our_region"),
            now = rows.column("twh_2024"), then = rows.column("twh_2030");
  std::vector<PublishedEnergy> regions;
  while (rows.next())
    regions.push_back({std::string{rows.text(region)}, std::string{rows.text(ours)},
                       rows.number(now), rows.number(then)});
  return regions;
}

}  // namespace jevons
