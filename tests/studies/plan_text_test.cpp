#include <algorithm>

#include <doctest/doctest.h>

#include "studies/plan.h"
#include "tests/models/training_setups.h"

namespace jevons {

TEST_CASE("a broken law of a setup is one sentence with the nearest valid value") {
  TrainingSetup s = small_setup();
  s.layout.tp = 3;
  REQUIRE(setup_mistakes(s).size() == 1);
  CHECK(to_text(setup_mistakes(s).front()) ==
        "layout.tp: expected a divisor of the attention heads, got 3 (hint: 2)");
  s = small_setup();
  s.precision = Precision::nvfp4;
  REQUIRE(setup_mistakes(s).size() == 1);
  CHECK(to_text(setup_mistakes(s).front()) ==
        "precision: expected a number format that the chip has units for, got nvfp4 (hint: bf16)");
}

TEST_CASE("a plan prints a line for each of its best and why the first wins") {
  PlanQuestion q;
  q.setup = small_setup();
  q.gpus = 16;
  q.keep = 3;
  const std::string text = to_text(plan_training(q));
  CHECK(std::count(text.begin(), text.end(), '\n') == 5);
  CHECK(text.find("the second loses in: ") != std::string::npos);
  q.setup.model.hidden = 65'536;
  q.setup.model.attention.head_dim = 2048;
  q.setup.model.ffn_inner = 262'144;
  CHECK(to_text(plan_training(q)) == "no configuration fits into memory\n");
}

}  // namespace jevons
