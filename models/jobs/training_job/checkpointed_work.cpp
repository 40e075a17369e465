#include "models/jobs/training_job/checkpointed_work.h"

#include <algorithm>

#include "sim/ensure.h"
#include "sim/int128.h"

namespace jevons {

namespace {

constexpr std::int64_t million = 1'000'000;

}  // namespace

CheckpointedWork::CheckpointedWork(const WorkPlan& plan) : plan_{plan} {
  ensure(plan.total > Span{} && plan.interval > Span{}, "a job has work and saves it");
  ensure(plan.stall >= Span{} && plan.write >= Span{} && plan.write <= plan.interval,
         "a checkpoint is complete before the next one is taken");
}

Span CheckpointedWork::target() const {
  return std::min(plan_.interval, plan_.total - saved_);
}

Span CheckpointedWork::stretched(Span work) const {
  const Int128 scaled = Int128{work.count()} * (million + slowdown_) + (million - 1);
  return Span{static_cast<std::int64_t>(scaled / million)};
}

Span CheckpointedWork::shrunk(Span wall) const {
  return Span{static_cast<std::int64_t>(Int128{wall.count()} * million / (million + slowdown_))};
}

void CheckpointedWork::complete_cycle() {
  saved_ += unsaved_;
  unsaved_ = stall_done_ = Span{};
  is_fresh_ = true;
  ++checkpoints_;
}

void CheckpointedWork::advance_in_cycle(Span wall) {
  const Span to_train = stretched(target() - unsaved_);
  const Span training = std::min(wall, to_train);
  unsaved_ = training == to_train ? target() : unsaved_ + shrunk(training);
  trained_ += training;
  const Span stalling = std::min(wall - training, plan_.stall - stall_done_);
  stall_done_ += stalling;
  stalled_ += stalling;
  if (unsaved_ == target() && stall_done_ == plan_.stall) complete_cycle();
}

void CheckpointedWork::advance(Span wall) {
  const Span rest = stretched(target() - unsaved_) + plan_.stall - stall_done_;
  if (is_finished()) return;
  if (wall < rest) return advance_in_cycle(wall);
  advance_in_cycle(rest);
  wall -= rest;
  const Span training = stretched(plan_.interval), cycle = training + plan_.stall;
  const std::int64_t cycles = std::min(wall / cycle, (plan_.total - saved_) / plan_.interval);
  saved_ += cycles * plan_.interval;
  trained_ += cycles * training;
  stalled_ += cycles * plan_.stall;
  checkpoints_ += cycles;
  if (!is_finished()) advance_in_cycle(wall - cycles * cycle);
}

Span CheckpointedWork::time_to_finish() const {
  if (is_finished()) return Span{};
  const Span rest = stretched(target() - unsaved_) + plan_.stall - stall_done_;
  const Span after = plan_.total - saved_ - target();
  const Span last = after % plan_.interval;
  const Span of_cycles = (after / plan_.interval) * (stretched(plan_.interval) + plan_.stall);
  return rest + of_cycles + (last > Span{} ? stretched(last) + plan_.stall : Span{});
}

Span CheckpointedWork::durable() const {
  const bool is_writing = is_fresh_ && stretched(unsaved_) + stall_done_ < plan_.write;
  return is_writing ? saved_ - plan_.interval : saved_;
}

Span CheckpointedWork::roll_back() {
  return roll_back_to(durable());
}

Span CheckpointedWork::roll_back_to(Span saved) {
  ensure(saved >= Span{} && saved <= saved_, "a job goes back to what it had saved");
  const Span lost = done() - saved;
  saved_ = saved;
  unsaved_ = stall_done_ = Span{};
  is_fresh_ = false;
  return lost;
}

void CheckpointedWork::keep() {
  saved_ += unsaved_;
  unsaved_ = stall_done_ = Span{};
  is_fresh_ = false;
}

}  // namespace jevons
