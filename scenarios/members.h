#pragma once
// Builds the members of a JSON object one after another.
#include <string>
#include <string_view>
#include <utility>

#include "scenarios/json_value.h"

namespace jevons {

class Members {
 public:
  void add(std::string_view key, double value) { put(key, json_number(value)); }
  void add(std::string_view key, std::string_view value) { put(key, std::string{value}); }
  void put(std::string_view key, JsonValue::Data value) {
    members_.push_back({std::string{key}, {std::move(value), {}}, {}});
  }
  JsonValue::Object take() { return std::move(members_); }

 private:
  JsonValue::Object members_;
};

}  // namespace jevons
