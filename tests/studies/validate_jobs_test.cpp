// Published failures and steps of RL post-training against the model, within the stated errors.
#include "studies/validate_jobs.h"

#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace jevons {

namespace {

ErrorTable find(const std::vector<ErrorTable>& tables, const std::string& table,
                const std::string& metric) {
  const auto found = std::find_if(tables.begin(), tables.end(), [&](const ErrorTable& t) {
    return t.table == table && t.metric == metric;
  });
  REQUIRE(found != tables.end());
  return *found;
}

}  // namespace

TEST_CASE("published failures and RL steps are met within the stated errors") {
  const std::filesystem::path project{JEVONS_SOURCE_DIR};
  const std::vector<ErrorTable> tables = validate_jobs(
      project / "calibration" / "profiles", catalogues_in({project / "scenarios" / "parts"}));
  // Within a factor of 1.5: between -33 % and +50 %.
  CHECK(find(tables, "failures, fitted", "mttf").worst_ape < 0.33);
  CHECK(find(tables, "failures, projected there", "mttf").worst_ape < 0.33);
  CHECK(find(tables, "failures, Llama 3", "mttf").worst_ape < 0.33);
  CHECK(find(tables, "effective training time, Llama 3", "ettr").worst_ape < 0.03 / 0.9);
  CHECK(find(tables, "NeMo RL v0.4, fitted", "step time").mape < 0.10);
  CHECK(find(tables, "NeMo RL v0.4, tested", "step time").mape < 0.14);
  CHECK(find(tables, "NeMo RL v0.4, tested", "tokens/s/GPU").mape < 0.18);
  CHECK(find(tables, "NeMo RL v0.4, uncorrected", "step time").rows == 10);
}

}  // namespace jevons
