#include "studies/policy_design.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <thread>
#include <utility>

#include "models/llm/profile_transfer.h"
#include "models/policy/legal_design.h"
#include "scenarios/page.h"
#include "scenarios/profiles.h"
#include "studies/parallel.h"

namespace jevons {

namespace {

// Of a window of serving; long ones grow beyond it.
constexpr int window_requests = 150;
constexpr std::uint64_t seed = 1;

ServeWork serve_work(const DesignQuestion& q) {
  const bool is_decode = q.goal == DesignGoal::decode;
  ServeWork work;
  work.model = q.model;
  work.input_tokens = is_decode ? 500 : 3000;
  work.output_tokens = is_decode ? 1000 : 20;
  work.slo = {5 * unit::s, (is_decode ? 60 : 200) * unit::ms};
  return work;
}

TrainWork train_work(const DesignQuestion& q) {
  TrainWork work;
  work.model = q.model;
  return work;
}

double rate_of(const DesignQuestion& q, const ChipSpec& chip) {
  if (q.goal == DesignGoal::training) return quick_rate(chip, train_work(q));
  const ServeWork work = serve_work(q);
  const double output = quick_rate(chip, work, window_requests, seed);
  return q.goal == DesignGoal::decode ? output : output * work.input_tokens / work.output_tokens;
}

// The rule whose touch is asked: of an amendment the one that it amends.
const Rule* judged(const DesignQuestion& q) {
  if (q.rule == nullptr || q.rule->amends.empty()) return q.rule;
  return q.book->find(q.rule->amends);
}

// One rule alone is judged with its amendments, all of a day together.
PolicyStatus status_of(const DesignQuestion& q, const RuledChip& chip, const std::string& date) {
  Deal deal = q.deal;
  deal.date = date;
  if (q.rule == nullptr || date != q.deal.date) return q.book->answer(chip, deal).headline;
  return q.book->judge(*judged(q), chip, deal).status;
}

// Rules that name chips do not name this one.
RuledChip ruled_design(const ChipSpec& chip) {
  RuledChip ruled = ruled_chip(chip);
  ruled.id = "design";
  return ruled;
}

bool is_about_chips(const Rule& rule) {
  return rule.part == RulePart::exporter && rule.exporters.empty() && rule.end_uses.empty() &&
         !rule.is_about_memory && rule.dates.unenforced.empty();
}

// The rule on chips that came last.
const Rule* newest_rule(const DesignQuestion& q) {
  const Rule* last = nullptr;
  for (const Rule& rule : q.book->rules()) {
    const std::string& from = rule.dates.effective;
    if (is_about_chips(rule) && !from.empty() && from <= q.deal.date &&
        (last == nullptr || from > last->dates.effective))
      last = &rule;
  }
  return last;
}

std::string day_before(const std::string& date) {
  const auto part = [&date](std::size_t from, std::size_t n) {
    return std::stoi(date.substr(from, n));
  };
  const std::chrono::year_month_day day{std::chrono::year{part(0, 4)} / part(5, 2) / part(8, 2)};
  const std::chrono::year_month_day before{std::chrono::sys_days{day} - std::chrono::days{1}};
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(before.year()),
                static_cast<unsigned>(before.month()), static_cast<unsigned>(before.day()));
  return text.data();
}

// Thresholds that the chip misses by nothing: they are what stops it.
std::vector<Distance> held_by(const DesignQuestion& q, const ChipSpec& chip) {
  constexpr double nothing = 1e-9;
  const RuledChip ruled = ruled_design(chip);
  std::vector<Distance> held;
  for (const Rule& rule : q.book->rules()) {
    if (q.rule != nullptr && &rule != judged(q)) continue;
    if (q.rule == nullptr && q.book->state(rule, ruled, q.deal.date) != RuleState::binding)
      continue;
    for (const Distance& d : q.book->distances(rule, ruled, q.deal)) {
      const auto relative = d.relative();
      const auto is_same = [&d](const Distance& h) {
        return h.threshold.fact == d.threshold.fact && h.threshold.value == d.threshold.value;
      };
      if (relative && std::abs(*relative) < nothing &&
          std::none_of(held.begin(), held.end(), is_same))
        held.push_back(d);
    }
  }
  return held;
}

bool can_run(const ChipSpec& chip) {
  return chip.peak.bf16 && chip.memory && chip.memory_bandwidth && chip.tdp;
}

std::vector<DesignedChip> designs_of(const DesignQuestion& q, const ChipSpec& die) {
  const ChipSpec whole = in_best_package(die, q.catalogue, q.deal.date);
  const auto passes = [&](const ChipSpec& chip) {
    return status_of(q, ruled_design(chip), q.deal.date) <= q.most;
  };
  std::vector<DesignedChip> out;
  for (ChipSpec chip : legal_designs({.die = whole}, passes)) {
    chip.id = "cut from " + die.id;  // no chip that was measured
    out.push_back({.label = chip.id,
                   .laws = measured_kin(chip),
                   .chip = chip,
                   .arithmetic = *chip.peak.bf16 / *whole.peak.bf16,
                   .rate = 0,
                   .held_by = held_by(q, chip)});
  }
  return out;
}

DesignedChip as_it_is(const ChipSpec& chip) {
  return {.label = chip.id, .laws = measured_kin(chip), .chip = chip};
}

// Of chips that pass, those that no other of them outdoes at every datum: the best is one of them.
std::vector<DesignedChip> sold_on(const DesignQuestion& q, const std::string& date) {
  std::vector<const ChipSpec*> all;
  for (const ChipSpec& chip : q.catalogue)
    if (can_run(chip) && chip.facts.is_datacenter && chip.facts.origin.starts_with("US") &&
        is_released(chip, date) && status_of(q, ruled_chip(chip), date) <= q.most)
      all.push_back(&chip);
  const auto outdoes = [](const ChipSpec& a, const ChipSpec& b) {
    return a.peak.bf16 >= b.peak.bf16 && a.peak.fp8 >= b.peak.fp8 && a.memory >= b.memory &&
           a.memory_bandwidth >= b.memory_bandwidth && a.link_bandwidth >= b.link_bandwidth;
  };
  std::vector<DesignedChip> out;
  for (std::size_t i = 0; i < all.size(); ++i) {
    bool is_outdone = false;
    for (std::size_t j = 0; j < all.size() && !is_outdone; ++j)
      is_outdone = i != j && outdoes(*all[j], *all[i]) && (j < i || !outdoes(*all[i], *all[j]));
    if (!is_outdone) out.push_back(as_it_is(*all[i]));
  }
  return out;
}

std::vector<DesignedChip> references(const DesignQuestion& q) {
  std::vector<DesignedChip> out;
  for (const char* id : {"h100-sxm", "h200-sxm", "b200"})
    for (const ChipSpec& chip : q.catalogue)
      if (chip.id == id) out.push_back(as_it_is(chip));
  return out;
}

// Every chip once, though it stands in several lists.
void run_all(const DesignQuestion& q, DesignOutcome& o,
             const std::function<void(double)>& progress) {
  std::vector<DesignedChip*> jobs, copies;
  std::vector<std::size_t> of_copy;
  for (auto* list : {&o.designs, &o.sold_now, &o.sold_before, &o.references})
    for (DesignedChip& chip : *list) {
      const auto same = std::find_if(jobs.begin(), jobs.end(), [&chip](const DesignedChip* j) {
        return j->label == chip.label && !chip.label.starts_with("cut");
      });
      if (same == jobs.end()) {
        jobs.push_back(&chip);
        continue;
      }
      copies.push_back(&chip);
      of_copy.push_back(static_cast<std::size_t>(same - jobs.begin()));
    }
  const auto main_thread = std::this_thread::get_id();
  std::atomic<std::size_t> done{0};
  in_parallel(jobs.size(), [&](std::size_t i) {
    jobs[i]->rate = rate_of(q, jobs[i]->chip);
    ++done;
    if (std::this_thread::get_id() == main_thread)
      progress(static_cast<double>(done) / static_cast<double>(jobs.size()));
  });
  for (std::size_t i = 0; i < copies.size(); ++i) copies[i]->rate = jobs[of_copy[i]]->rate;
}

std::string work_text(const DesignQuestion& q) {
  if (q.goal == DesignGoal::training) {
    const TrainWork work = train_work(q);
    return "training " + work.model.name + " on " + grouped(work.gpus) +
           " GPUs under the best layout";
  }
  const ServeWork work = serve_work(q);
  return "serving " + work.model.name + ", " + figure(work.input_tokens) + " tokens in and " +
         figure(work.output_tokens) + " out, at the highest load at which 90 % of requests keep " +
         figure(work.slo.ttft.in(unit::s)) + " s and " + figure(work.slo.tpot.in(unit::ms)) +
         " ms a token";
}

}  // namespace

std::string_view usual_model(DesignGoal goal) {
  return goal == DesignGoal::training ? "deepseek-v3" : "llama-3.1-70b";
}

std::vector<ChipSpec> measured_dies(const std::vector<ChipSpec>& catalogue,
                                    const std::string& date) {
  std::vector<ChipSpec> dies;
  for (const ChipSpec& chip : catalogue) {
    if (!can_run(chip) || !chip.facts.is_datacenter || !is_released(chip, date)) continue;
    if (profile_for(chip).time.source == ProfileSource::transferred) continue;
    const auto same = std::find_if(dies.begin(), dies.end(),
                                   [&chip](const ChipSpec& d) { return is_same_die(d, chip); });
    if (same == dies.end())
      dies.push_back(chip);
    else if (chip.peak.bf16 > same->peak.bf16 ||
             (chip.peak.bf16 == same->peak.bf16 && chip.facts.release < same->facts.release))
      *same = chip;
  }
  return dies;
}

DesignOutcome design(const DesignQuestion& q, const std::function<void(double)>& progress) {
  DesignOutcome o;
  o.work = work_text(q);
  o.unit = q.goal == DesignGoal::decode    ? "output tokens/s a GPU"
           : q.goal == DesignGoal::prefill ? "input tokens/s a GPU"
                                           : "training tokens/s a GPU";
  const Rule* newest = q.rule != nullptr ? q.rule : newest_rule(q);
  if (newest != nullptr && !newest->dates.effective.empty())
    o.before = day_before(newest->dates.announced);
  for (const ChipSpec& die : q.dies)
    for (DesignedChip& chip : designs_of(q, die)) o.designs.push_back(std::move(chip));
  o.sold_now = sold_on(q, q.deal.date);
  if (!o.before.empty()) o.sold_before = sold_on(q, o.before);
  o.references = references(q);
  run_all(q, o, progress);
  for (auto* list : {&o.designs, &o.sold_now, &o.sold_before})
    std::stable_sort(list->begin(), list->end(),
                     [](const DesignedChip& a, const DesignedChip& b) { return a.rate > b.rate; });
  return o;
}

}  // namespace jevons
