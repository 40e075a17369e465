// The program as its user meets it: words in, text and exit status out.
#include "apps/program.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <doctest/doctest.h>
#include <unistd.h>

#include "apps/interrupt.h"
#include "scenarios/json_text.h"
#include "tests/scenarios/small_plant.h"

namespace jevons {

Answer run(const SmallPlant& plant, RunContext& context) {
  if (context.out != nullptr) context.out->write("requests.csv", "half a li");
  if (plant.note == "interrupt") std::raise(SIGINT);
  if (plant.note == "break") ensure(false, "a law that does not hold");
  context.progress(0.5);
  return {"pue " + json_number(plant.pue).spelled + "\n",
          {JsonValue::Object{{"pue", {json_number(plant.pue), {}}, {}}}, {}}};
}

namespace {

namespace fs = std::filesystem;

struct Outcome {
  int status;
  std::string out, err;
};

// A directory with a scenario, and the program that knows its kind.
class Desk {
 public:
  Desk() {
    fs::remove_all(path_);
    fs::create_directories(path_);
    std::ofstream{path_ / "a.json"} << "{\"kind\": \"plant\",\n\"chip\": {\"tdp\": \"1 kW\"}}";
  }
  ~Desk() { fs::remove_all(path_); }
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;
  Desk(Desk&&) = delete;
  Desk& operator=(Desk&&) = delete;

  std::string scenario() const { return file("a.json"); }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

  Outcome call(const std::vector<std::string>& arguments) const {
    const std::vector<Kind> known{kind_of<SmallPlant>()};
    Workbench bench{known, JEVONS_SOURCE_DIR "/scenarios/parts", {"1.2.3", "abc"}};
    bench.progress = [](double) { stop_if_interrupted(); };
    std::ostringstream out;
    std::ostringstream err;
    const int status = run_program(arguments, bench, out, err);
    return {status, out.str(), err.str()};
  }

 private:
  fs::path path_ = fs::temp_directory_path() / ("jevons-program-" + std::to_string(getpid()));
};

}  // namespace

TEST_CASE("a run prints its answer and ends with status 0") {
  const Desk desk;
  const Outcome outcome = desk.call({"run", desk.scenario()});
  CHECK(outcome.status == 0);
  CHECK(outcome.out == "pue 1.2\n");
  CHECK(outcome.err.empty());
  CHECK(desk.call({"run", desk.scenario(), "--set", "/pue=2", "--json"}).out ==
        "{\n  \"pue\": 2\n}\n");
  CHECK(desk.call({"run", "--set", "/pue=1", "--set=/pue=3", desk.scenario()}).out == "pue 3\n");
}

TEST_CASE("a run with a directory leaves manifest and resolved scenario and summary") {
  const Desk desk;
  const Outcome outcome =
      desk.call({"run", desk.scenario(), "--out", desk.file("results"), "--seed", "7"});
  CHECK(outcome.out.ends_with("results in " + desk.file("results") + "\n"));
  const JsonDocument manifest = load_document(desk.file("results/manifest.json"), disk());
  CHECK(*manifest.root.find("version")->text() == "1.2.3");
  CHECK(*manifest.root.find("revision")->text() == "abc");
  CHECK(manifest.root.find("seed")->number()->value == 7);
  CHECK(manifest.root.find("files_sha256")->find(desk.scenario())->text()->size() == 64);
  const JsonDocument resolved = load_document(desk.file("results/scenario.resolved.json"), disk());
  CHECK(*resolved.root.find("$origin")->find("/seed")->text() == "--seed");
  CHECK(*resolved.root.find("$origin")->find("/chip/tdp")->text() == desk.scenario() + ":2");
  CHECK(fs::exists(desk.file("results/summary.json")));
  CHECK(desk.call({"check", desk.file("results/scenario.resolved.json")}).status == 0);
}

TEST_CASE("mistakes of a scenario end with status 2 and its sentences") {
  const Desk desk;
  const Outcome outcome = desk.call({"check", desk.scenario(), "--set", "/pue=9"});
  CHECK(outcome.status == 2);
  CHECK(outcome.out.empty());
  CHECK(outcome.err == "--set#/pue: expected a number from 1 to 3, got 9\n");
  CHECK(desk.call({"check", desk.scenario()}).out ==
        desk.scenario() + ": no mistakes, kind plant\n");
}

TEST_CASE("failure is one JSON document too when asked") {
  const Desk desk;
  const Outcome outcome = desk.call({"run", desk.scenario(), "--set", "/pue=9", "--json"});
  CHECK(outcome.status == 2);
  const JsonValue answer = parse_json("out", outcome.out).root;
  CHECK(*find_pointer(answer, "/error/mistakes/0/pointer")->text() == "/pue");
  CHECK(*find_pointer(answer, "/error/mistakes/0/got")->text() == "9");
  const JsonValue usage = parse_json("out", desk.call({"rnu", "--json"}).out).root;
  CHECK(*find_pointer(usage, "/error/mistakes/0/text")->text() ==
        "jevons: expected a command, got \"rnu\" (hint: did you mean \"run\"?)");
}

TEST_CASE("wrong words on the command line are refused with the right ones") {
  const Desk desk;
  const auto refusal = [&desk](const std::vector<std::string>& arguments) {
    const Outcome outcome = desk.call(arguments);
    CHECK(outcome.status == 2);
    return outcome.err;
  };
  CHECK(refusal({"rnu"}) ==
        "jevons: expected a command, got \"rnu\" (hint: did you mean \"run\"?)\n");
  CHECK(refusal({"run"}) ==
        "jevons run: expected FILE, got nothing (hint: write jevons run FILE)\n");
  CHECK(refusal({"run", "a", "b"}) ==
        "jevons run: expected one FILE, got \"b\" (hint: write jevons run FILE)\n");
  CHECK(refusal({"version", "x"}) == "jevons version: expected nothing more, got \"x\"\n");
  CHECK(refusal({"run", "a.json", "--sede", "1"}) ==
        "jevons run: expected a known option, got \"--sede\" (hint: did you mean \"--seed\"?)\n");
  CHECK(refusal({"run", "a.json", "--see", "1"}) ==
        "jevons run: expected a known option, got \"--see\" (hint: did you mean \"--set\"?)\n");
  CHECK(
      refusal({"run", "a.json", "--out"}) ==
      "jevons run: expected each option once and with its value, got \"--out\" (hint: the required "
      "argument for option '--out' is missing)\n");
  CHECK(refusal({"run", desk.scenario(), "--seed", "x"}) ==
        "--seed#/seed: expected an integer of at least 0, got \"x\" (hint: write a number without "
        "quotes and without unit)\n");
  CHECK(refusal({"list", "chps"}).starts_with("jevons list: expected one of "));
  CHECK(refusal({"run", desk.file("b.json")}) ==
        desk.file("b.json") +
            ": expected a file that can be read, got nothing (hint: did you mean "
            "\"a.json\"?)\n");
}

TEST_CASE("an interrupted run ends with status 130 and leaves nothing") {
  const Desk desk;
  watch_for_interrupt();
  const Outcome outcome = desk.call(
      {"run", desk.scenario(), "--out", desk.file("results"), "--set", "/note=interrupt"});
  CHECK(outcome.status == 130);
  CHECK(outcome.err == "interrupted; nothing was written\n");
  CHECK(std::distance(fs::directory_iterator{fs::path{desk.scenario()}.parent_path()}, {}) == 1);
}

TEST_CASE("a broken law of ours ends with status 1") {
  const Desk desk;
  const Outcome outcome = desk.call({"run", desk.scenario(), "--set", "/note=break"});
  CHECK(outcome.status == 1);
  CHECK(outcome.err.find("a law of the simulator is broken") != std::string::npos);
  CHECK(outcome.err.find("a law that does not hold") != std::string::npos);
}

TEST_CASE("help names every command and version its revision") {
  const Desk desk;
  for (const auto& words :
       std::vector<std::vector<std::string>>{{}, {"help"}, {"--help"}, {"-h"}, {"run", "--help"}}) {
    const Outcome outcome = desk.call(words);
    CHECK(outcome.status == 0);
    for (const Command& command : commands())
      CHECK(outcome.out.find("  " + std::string{command.usage.name} + " ") != std::string::npos);
  }
  CHECK(desk.call({"--version"}).out == "jevons 1.2.3 (abc)\n");
}

TEST_CASE("catalogues are listed for people and for programs") {
  const Desk desk;
  CHECK(desk.call({"list", "chips"}).out.find("h800-sxm") != std::string::npos);
  const JsonValue chips = parse_json("out", desk.call({"list", "chips", "--json"}).out).root;
  CHECK(chips.find("chips")->list()->size() > 50);
}

TEST_CASE("schema and reference are printed for the known kinds") {
  const Desk desk;
  CHECK(parse_json("out", desk.call({"schema"}).out).root.find("anyOf") != nullptr);
  CHECK(desk.call({"reference"}).out.find("## kind `plant`") != std::string::npos);
}

}  // namespace jevons
