#pragma once
// Jobs that share links share them max-min fairly, as flows. The flows of a job rise and fall
// together: they are parts of its collectives. Its rate is 1 when it communicates as fast as alone,
// and each flow through an overloaded link gets the same part of what it asks for, until another
// link holds it back more. Computed again only when a job that shares an overloaded link comes or
// goes, and only for the jobs that are tied to it by overloaded links.
#include <cstdint>
#include <span>
#include <vector>

#include "models/hardware/cluster/cluster_graph.h"

namespace jevons {

// A job's use of a link while it communicates at its own full pace, as a share of the capacity.
struct LinkUse {
  int link = 0;
  double use = 0;  // 0..1
};

enum class FlowPattern { ring, all_to_all };

// What collectives over these nodes put on links: each GPU sends `rate` to its successor on the
// same rail, or spreads it evenly over all others. No link gets more than it can carry: alone, the
// job is as fast as its closed form says. Nodes are in the order of ranks; without repetition.
std::vector<LinkUse> link_use(ClusterGraph& graph, std::span<const int> nodes, FlowPattern pattern,
                              Bandwidth rate_per_gpu);

enum class FlowId : std::int32_t {};

class FabricSharing {
 public:
  explicit FabricSharing(int links);

  FlowId add(std::span<const LinkUse> use);
  void remove(FlowId id);
  // 1 exactly when no link of the job is overloaded.
  double rate(FlowId id) const { return flows_[index(id)].rate; }
  // Jobs whose rate the last add or remove changed.
  std::span<const FlowId> changed() const { return changed_; }
  std::uint64_t computations() const { return computations_; }

  template <class Archive>
  void archive(Archive& a) {
    a(flows_, free_, load_, users_, computations_, is_affected_, is_tight_, left_, rising_);
  }

 private:
  struct Flow {
    std::vector<LinkUse> use;
    double rate = 1;
    bool is_open = false;

    template <class Archive>
    void archive(Archive& a) {
      a(use, rate, is_open);
    }
  };
  struct User {
    int flow = 0;
    double use = 0;
  };
  static std::size_t index(FlowId id) { return static_cast<std::size_t>(id); }
  bool is_overloaded(int link) const;
  void load_again(std::span<const LinkUse> use);
  void mark(int flow);
  void gather();
  double next_full() const;
  bool is_held(const Flow& flow, double rate) const;
  void stop(Flow& flow, double rate);
  void share();

  std::vector<Flow> flows_;
  std::vector<int> free_;
  std::vector<double> load_;              // demand on each link, of its capacity
  std::vector<std::vector<User>> users_;  // flows on each link
  std::vector<FlowId> changed_;
  std::uint64_t computations_ = 0;

  // Of one computation, kept to save allocations.
  std::vector<int> affected_, tight_;
  std::vector<char> is_affected_, is_tight_;
  std::vector<double> left_, rising_;
};

// A step whose communication is slowed: `exposed` of it is not hidden, `hidden` has `slack` less
// time than the computation it hides behind. At rate 1 it is `step` exactly.
Time slowed_step(Time step, Time exposed, Time hidden, Time slack, double rate);

}  // namespace jevons
