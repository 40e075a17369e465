#pragma once
// One row and one metric of it, measured or published, beside what the model says.
#include <string>

namespace jevons {

struct Comparison {
  std::string table, chip, metric, row;
  double predicted = 0, measured = 0;
};

}  // namespace jevons
