#include "scenarios/svg_chart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>
#include <string_view>

#include "scenarios/page.h"

namespace jevons {
namespace {

constexpr double width = 720, height = 420, left = 70, right = 110, top = 44, bottom = 44;
constexpr std::array<std::string_view, 4> colours{"#555555", "#1b7837", "#b2182b", "#2166ac"};

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '&')
      result += "&amp;";
    else if (c == '<')
      result += "&lt;";
    else
      result += c;
  }
  return result;
}

class Svg {
 public:
  Svg(double w, double h, const std::string& title) {
    out_ << "<svg xmlns='http://www.w3.org/2000/svg' width='" << w << "' height='" << h
         << "' viewBox='0 0 " << w << ' ' << h << "' font-family='sans-serif' font-size='12'>\n"
         << "<rect width='100%' height='100%' fill='white'/>\n";
    text(left, 24, title, "start", 15);
  }
  void text(double x, double y, const std::string& words, std::string_view anchor = "middle",
            int size = 12, std::string_view colour = "#222222") {
    out_ << "<text x='" << x << "' y='" << y << "' text-anchor='" << anchor << "' font-size='"
         << size << "' fill='" << colour << "'>" << escaped(words) << "</text>\n";
  }
  void rectangle(double x, double y, double w, double h, const std::string& colour) {
    out_ << "<rect x='" << x << "' y='" << y << "' width='" << w << "' height='" << h << "' fill='"
         << colour << "'/>\n";
  }
  void line(const std::string& points, std::string_view colour) {
    out_ << "<polyline points='" << points << "' fill='none' stroke='" << colour
         << "' stroke-width='2'/>\n";
  }
  void rule(double x0, double y0, double x1, double y1) {
    out_ << "<line x1='" << x0 << "' y1='" << y0 << "' x2='" << x1 << "' y2='" << y1
         << "' stroke='#dddddd'/>\n";
  }
  void area(const std::string& points, std::string_view colour) {
    out_ << "<polygon points='" << points << "' fill='" << colour << "' fill-opacity='0.13'/>\n";
  }
  std::string finished() {
    out_ << "</svg>\n";
    return out_.str();
  }

 private:
  std::ostringstream out_;
};

std::string point(double x, double y) {
  std::ostringstream out;
  out << x << ',' << y << ' ';
  return out.str();
}

// 1, 2 or 5 times a power of ten, about a fifth of the height.
double step_of(double most) {
  const double rough = most / 5;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  for (const double times : {1.0, 2.0, 5.0})
    if (times * power >= rough) return times * power;
  return 10 * power;
}

// From blue (saved) over white (all of it lost) to red (backfire).
std::string colour_of(double share) {
  const double place = std::clamp(share - 1, -1.0, 1.0);
  const auto mix = [&](int end) {
    return static_cast<int>(std::lround(255 + (end - 255) * std::abs(place)));
  };
  std::ostringstream out;
  out << "rgb(" << (place < 0 ? mix(33) : mix(178)) << ',' << (place < 0 ? mix(102) : mix(24))
      << ',' << (place < 0 ? mix(172) : mix(43)) << ')';
  return out.str();
}

}  // namespace

std::string fan_chart(const std::string& title, const std::string& unit, double first_year,
                      const std::vector<Band>& bands) {
  double most = 0;
  for (const Band& band : bands)
    for (const Spread& s : band.values) most = std::max(most, s.p95);
  if (most <= 0) most = 1;
  const std::size_t count = bands.front().values.size();
  const auto x = [&](std::size_t i) {
    return left + (width - left - right) * static_cast<double>(i) /
                      static_cast<double>(std::max<std::size_t>(count - 1, 1));
  };
  const auto y = [&](double value) {
    return height - bottom - (height - top - bottom) * value / most;
  };
  Svg svg{width, height, title};
  const double step = step_of(most);
  for (int i = 0; i * step <= most; ++i) {
    svg.rule(left, y(i * step), width - right, y(i * step));
    svg.text(left - 8, y(i * step) + 4, figure(i * step), "end");
  }
  svg.text(left, top - 6, unit, "start");
  for (std::size_t i = 0; i < count; ++i)
    svg.text(x(i), height - bottom + 18,
             std::to_string(std::lround(first_year) + static_cast<long>(i)));
  for (std::size_t b = 0; b < bands.size(); ++b) {
    const std::string_view colour = colours[b % colours.size()];
    std::string ring;
    std::string middle;
    for (std::size_t i = 0; i < count; ++i) {
      ring += point(x(i), y(std::max(0.0, bands[b].values[i].p95)));
      middle += point(x(i), y(bands[b].values[i].p50));
    }
    for (std::size_t i = count; i-- > 0;)
      ring += point(x(i), y(std::max(0.0, bands[b].values[i].p5)));
    svg.area(ring, colour);
    svg.line(middle, colour);
    // Names stand below one another: medians may end at one height.
    svg.text(width - right + 10, top + 16 + 18 * static_cast<double>(b), bands[b].name, "start", 12,
             colour);
  }
  return svg.finished();
}

std::string cell_map(const CellMap& map) {
  const auto columns = static_cast<double>(map.columns.size());
  const auto rows = static_cast<double>(map.rows.size());
  const double w = (width - left - right) / columns;
  const double h = (height - top - bottom) / rows;
  Svg svg{width, height, map.title};
  for (std::size_t r = 0; r < map.rows.size(); ++r) {
    const double y = height - bottom - h * static_cast<double>(r + 1);
    svg.text(left - 8, y + h / 2 + 4, figure(map.rows[r]), "end");
    for (std::size_t c = 0; c < map.columns.size(); ++c) {
      const double x = left + w * static_cast<double>(c);
      const std::optional<double>& cell = map.cells[r][c];
      svg.rectangle(x, y, w - 1, h - 1, cell ? colour_of(*cell) : "#eeeeee");
      const bool is_dark = cell && std::abs(*cell - 1) > 0.7;
      svg.text(x + w / 2, y + h / 2 + 4, cell ? percent(*cell) : "-", "middle", 12,
               is_dark ? "white" : "#222222");
    }
  }
  for (std::size_t c = 0; c < map.columns.size(); ++c)
    svg.text(left + w * (static_cast<double>(c) + 0.5), height - bottom + 18,
             figure(map.columns[c]));
  svg.text(left + w * columns / 2, height - 8, map.column_name);
  svg.text(left, top - 6, map.row_name, "start");
  return svg.finished();
}

}  // namespace jevons
