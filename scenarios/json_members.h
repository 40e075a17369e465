#pragma once
// A JSON object written member by member, as summaries are.
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "models/economics/spread.h"
#include "scenarios/json_value.h"

namespace jevons {

class Members {
 public:
  void add(std::string_view key, double value) { put(key, json_number(value)); }
  void add(std::string_view key, std::int64_t value) { put(key, json_number(value)); }
  void add(std::string_view key, int value) { put(key, json_number(std::int64_t{value})); }
  void add(std::string_view key, std::string_view value) { put(key, std::string{value}); }
  void add(std::string_view key, const Spread& range) {
    Members m;
    m.add("p5", range.p5);
    m.add("p50", range.p50);
    m.add("p95", range.p95);
    put(key, m.take());
  }
  void put(std::string_view key, JsonValue::Data value) {
    members_.push_back({std::string{key}, {std::move(value), {}}, {}});
  }
  JsonValue::Object take() { return std::move(members_); }

 private:
  JsonValue::Object members_;
};

}  // namespace jevons
