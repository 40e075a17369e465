#include <doctest/doctest.h>

#include "models/jobs/training/step.h"
#include "studies/published_table.h"
#include "studies/stack_fit.h"
#include "tests/models/training_setups.h"

namespace jevons {

TEST_CASE("conditions of a published row give the number behind a word") {
  const std::string text = "TP8 PP 2; MBS 1; Sequence Length 8192; FSDP 64 (0); DP48 GBS 192";
  CHECK(number_after(text, "TP") == 8);
  CHECK(number_after(text, "PP") == 2);
  CHECK(number_after(text, "DP") == 48);
  CHECK(number_after(text, "Sequence Length") == 8192);
  CHECK(number_after(text, "FSDP") == 64);
  CHECK(!number_after(text, "EP"));
  CHECK(text_after(text, "Sequence") == "Length 8192");
}

TEST_CASE("quoted cells may hold commas and quotes") {
  const std::vector<std::string> cells = split_cells(R"(a,"b, c","d ""e""",)");
  REQUIRE(cells.size() == 4);
  CHECK(cells[1] == "b, c");
  CHECK(cells[2] == "d \"e\"");
  CHECK(cells[3].empty());
}

TEST_CASE("a fit finds the slowdown and the host time that made its rows") {
  std::vector<MeasuredStep> rows;
  for (const int micro_batch : {1, 2, 4, 8})
    for (const int dp : {2, 4, 8}) {
      MeasuredStep row{"made", std::to_string(rows.size()), "stack", small_setup(), 0};
      TrainingSetup& s = row.setup;
      s.model.hidden = 1024;
      s.model.ffn_inner = 4096;
      s.sequence = 512;
      s.micro_batch = micro_batch;
      s.layout.dp = dp;
      TrainingSetup truth = s;
      truth.stack.slowdown = 1.3;
      truth.stack.host_per_kernel_s = 20e-6;
      row.seconds = training_step(truth).seconds;
      rows.push_back(row);
    }
  std::vector<const MeasuredStep*> all;
  for (const MeasuredStep& row : rows) all.push_back(&row);
  const StackFit fit{all, {.host_per_kernel = true}};
  for (const MeasuredStep& row : rows) {
    TrainingSetup s = row.setup;
    fit.apply("stack", s);
    CHECK(training_step(s).seconds == doctest::Approx(row.seconds).epsilon(0.05));
  }
}

}  // namespace jevons
