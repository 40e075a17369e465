// Pictures hold what they are given: as many lines, bands and cells, at the places the numbers ask.
#include "scenarios/svg_chart.h"

#include <doctest/doctest.h>

using namespace jevons;

namespace {

int count(const std::string& text, const std::string& part) {
  int found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

}  // namespace

TEST_CASE("a fan chart draws a line and a range for each band and names its years") {
  const std::vector<Band> bands{{"A & B", {{1, 2, 3}, {2, 4, 8}}}, {"C", {{0, 1, 2}, {1, 2, 3}}}};
  const std::string svg = fan_chart("title <x>", "TWh", 2024, bands);
  CHECK(count(svg, "<polyline") == 2);
  CHECK(count(svg, "<polygon") == 2);
  CHECK(count(svg, ">2024<") == 1);
  CHECK(count(svg, ">2025<") == 1);
  CHECK(count(svg, "A &amp; B") == 1);
  CHECK(count(svg, "title &lt;x>") == 1);
  CHECK(svg.ends_with("</svg>\n"));
}

TEST_CASE("a map has a cell for each pair and says where there is no number") {
  const CellMap map{"t",    "gain",      "elasticity",
                    {1, 2}, {0.5, 1, 2}, {{0.0, 1.0, 2.0}, {std::nullopt, 0.5, 1.5}}};
  const std::string svg = cell_map(map);
  CHECK(count(svg, "<rect") == 1 + 6);
  CHECK(count(svg, "rgb(255,255,255)") == 1);  // all of a saving lost: white
  CHECK(count(svg, "rgb(33,102,172)") == 1);   // nothing lost: blue
  CHECK(count(svg, "rgb(178,24,43)") == 1);    // twice lost: red
  CHECK(count(svg, ">-<") == 1);
}
