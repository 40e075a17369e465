#include "scenarios/job_list.h"

#include <fstream>

#include <doctest/doctest.h>

#include "scenarios/diagnostics.h"
#include "tests/support/temporary_path.h"

namespace jevons {
namespace {

JobList read(const std::string& text, JobFormat format, const JobListOptions& options = {}) {
  const auto path = temporary_path("jobs");
  std::ofstream{path} << text;
  const JobList list = read_jobs(path.string(), format, options, "jobs");
  std::filesystem::remove(path);
  return list;
}

std::string complaint(const std::string& text, JobFormat format) {
  try {
    read(text, format);
  } catch (const ScenarioError& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("swf gives processors asked for and ends jobs at their request") {
  const std::string text =
      "; Version: 2\n"
      "2 10 -1 100 4 -1 -1 8 60 -1 1 -1 -1 -1 0 -1 -1 -1\n"
      "1 5 -1 30 4 -1 -1 -1 -1 -1 1 -1 -1 -1 0 -1 -1 -1\n"
      "3 20 -1 -1 4 -1 -1 -1 -1 -1 1 -1 -1 -1 0 -1 -1 -1\n";
  const JobList list = read(text, JobFormat::swf);
  REQUIRE(list.jobs.size() == 2);
  CHECK(list.left_out == 1);
  CHECK(list.jobs[0].id == 1);
  CHECK(list.jobs[0].gpus == 4);
  CHECK(list.jobs[0].requested == std::chrono::seconds{30});
  CHECK(list.jobs[1].gpus == 8);
  CHECK(list.jobs[1].run == std::chrono::seconds{60});
  JobListOptions lenient;
  lenient.ends_at_request = false;
  CHECK(read(text, JobFormat::swf, lenient).jobs[1].run == std::chrono::seconds{100});
}

TEST_CASE("philly gives a tenant for each cluster and sorts by time") {
  const JobList list = read(
      "timestamp,duration,num_gpus,gpu_time,cluster\n"
      "2017-10-02 00:00:00,66.5,2,133,b\n"
      "2017-10-01 00:00:00,10,1,10,a\n",
      JobFormat::philly);
  CHECK(list.tenants == std::vector<std::string>{"b", "a"});
  CHECK(list.jobs[0].gpus == 1);
  CHECK(list.jobs[1].submit - list.jobs[0].submit == std::chrono::hours{24});
  CHECK(list.jobs[1].run == std::chrono::milliseconds{66500});
}

TEST_CASE("muri gives iterations times their time and what a start costs") {
  JobListOptions options;
  options.iteration_factor = 1.015;
  options.overheads[{8, "bert"}] = std::chrono::seconds{7};
  const JobList list = read(
      "job_id,num_gpu,submit_time,iterations,model_name,iteration_time\n"
      "0,8,1500,1000,bert,200\n1,1,1600,10,other,100\n",
      JobFormat::muri, options);
  CHECK(list.jobs[0].submit == Instant{std::chrono::milliseconds{1500}});
  CHECK(list.jobs[0].run == std::chrono::seconds{203});
  CHECK(list.jobs[0].overhead == std::chrono::seconds{7});
  CHECK(list.jobs[1].overhead == std::chrono::seconds{10});
}

TEST_CASE("our own lists repeat jobs and know elastic ones") {
  const JobList list = read(
      R"({"jobs": [{"run": "2 h", "gpus": 8, "count": 3, "every": "1 h", "tenant": "x"},
                   {"submit": "30 min", "run": "1 h", "gpus": 4, "max_gpus": 8}]})",
      JobFormat::jobs);
  REQUIRE(list.jobs.size() == 4);
  CHECK(list.jobs[1].submit == Instant{std::chrono::minutes{30}});
  CHECK(list.jobs[1].min_gpus == 4);
  CHECK(list.jobs[1].max_gpus == 8);
  CHECK(list.jobs[3].submit == Instant{std::chrono::hours{2}});
}

TEST_CASE("rows that are not what the format says are refused with their line") {
  CHECK(complaint("1 2 3\n", JobFormat::swf) == "jobs:1: expected 18 columns, got 3");
  CHECK(complaint("timestamp,duration,num_gpus,gpu_time,cluster\n2017-10-02 00:00:00,1,0,1,a\n",
                  JobFormat::philly) ==
        "jobs:2: expected num_gpus as a whole number from 1 to 10000000, got \"0\"");
  CHECK(complaint("job_id,num_gpu\n", JobFormat::muri) ==
        "jobs:1: expected a column \"submit_time\", got \"job_id,num_gpu\"");
}

}  // namespace
}  // namespace jevons
