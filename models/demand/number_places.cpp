#include "models/demand/number_places.h"

#include <algorithm>
#include <cmath>
#include <concepts>
#include <limits>
#include <string>

namespace jevons {
namespace {

std::vector<std::string> steps_of(std::string_view pointer) {
  std::vector<std::string> steps;
  if (pointer.empty() || pointer.front() != '/') return steps;
  std::size_t from = 1;
  while (from <= pointer.size()) {
    const std::size_t to = std::min(pointer.find('/', from), pointer.size());
    steps.emplace_back(pointer.substr(from, to - from));
    from = to + 1;
  }
  return steps;
}

template <class T, class... Ts>
concept OneOf = (std::same_as<T, Ts> || ...);

// Parts of a world in which numbers are looked for. What a chip or a model is, is a fact.
template <class T>
concept Part = OneOf<T, World, Region, Lab, Segment, ChipOffer, Innovation, RuleChange, Conduct>;

class Finder {
 public:
  explicit Finder(std::vector<std::string> steps) : steps_{std::move(steps)} {}

  template <Part T>
  void enter(T& part, std::size_t depth) {
    if (depth == steps_.size()) return;
    part.fields(Fields{this, depth});
  }
  std::vector<NumberPlace> take() { return std::move(found_); }

 private:
  struct Bounds {
    double least = std::numeric_limits<double>::lowest();
    double most = std::numeric_limits<double>::max();
  };

  // Visits the fields of one part.
  class Fields {
   public:
    Fields(Finder* finder, std::size_t depth) : finder_{finder}, depth_{depth} {}
    template <class T>
    void operator()(Key key, T& member, std::string_view) const {
      if (finder_->fits(depth_, key.name)) finder_->meet(member, depth_ + 1, {});
    }
    template <class T, class Bound>
    void operator()(Key key, T& member, Range<Bound> range, std::string_view) const {
      if (!finder_->fits(depth_, key.name)) return;
      finder_->meet(member, depth_ + 1,
                    {static_cast<double>(range.min), static_cast<double>(range.max)});
    }

   private:
    Finder* finder_;
    std::size_t depth_;
  };

  bool fits(std::size_t depth, std::string_view name) const {
    return steps_[depth] == "*" || steps_[depth] == name;
  }

  void meet(double& number, std::size_t depth, Bounds bounds) {
    if (depth == steps_.size()) found_.push_back({&number, nullptr, bounds.least, bounds.most});
  }
  // A path as a whole, or what one name has of a count by name.
  void meet(YearPath& path, std::size_t depth, Bounds bounds) {
    if (depth == steps_.size()) found_.push_back({nullptr, &path, bounds.least, bounds.most});
    if (depth + 1 != steps_.size()) return;
    for (auto& [name, value] : path)
      if (fits(depth, name)) meet(value, depth + 1, bounds);
  }
  template <Part T>
  void meet(std::map<std::string, T>& parts, std::size_t depth, Bounds) {
    if (depth == steps_.size()) return;
    for (auto& [name, part] : parts)
      if (fits(depth, name)) enter(part, depth + 1);
  }
  template <Part T>
  void meet(std::vector<T>& parts, std::size_t depth, Bounds) {
    if (depth == steps_.size()) return;
    for (std::size_t i = 0; i < parts.size(); ++i)
      if (fits(depth, std::to_string(i)) || fits(depth, id_of(parts[i])))
        enter(parts[i], depth + 1);
  }
  template <Part T>
  void meet(T& part, std::size_t depth, Bounds) {
    enter(part, depth);
  }
  // Texts, facts, flags: no numbers.
  template <class T>
  void meet(T&, std::size_t, Bounds) {}

  static std::string_view id_of(const ChipOffer& offer) { return offer.chip.id; }
  template <class T>
  static std::string_view id_of(const T&) {
    return {};
  }

  std::vector<std::string> steps_;
  std::vector<NumberPlace> found_;
};

}  // namespace

std::vector<NumberPlace> number_places(World& world, std::string_view pointer) {
  Finder finder{steps_of(pointer)};
  finder.enter(world, 0);
  return finder.take();
}

void scale(const NumberPlace& place, double factor) {
  const auto kept = [&](double value) {
    return std::clamp(value * factor, place.least, place.most);
  };
  if (place.number != nullptr) *place.number = kept(*place.number);
  if (place.path == nullptr) return;
  for (auto& [year, value] : *place.path) value = kept(value);
}

void bend(const NumberPlace& place, double power) {
  if (place.path == nullptr || place.path->empty()) return;
  // Keys are years of four digits, so that the first in their order is the earliest.
  const double first = place.path->begin()->second;
  if (first <= 0) return;
  for (auto& [year, value] : *place.path)
    value = std::clamp(first * std::pow(value / first, power), place.least, place.most);
}

}  // namespace jevons
