#pragma once
// Who holds which GPU: nodes in NVLink domains and racks, and where a gang is placed.
//
// Gangs of up to a node's GPUs lie on one node; larger ones take whole free nodes and one more for
// what is left over. `spread` alone takes single GPUs anywhere. Ties go to the lowest node, and on
// a node to its lowest GPUs, so that equal nodes use the same rails.
#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "models/scheduling/gang_job.h"
#include "models/scheduling/node_set.h"
#include "sim/fields.h"

namespace jevons {

enum class Placement { counted, packed, best_fit, spread, aligned, least_fragmenting };
template <>
inline constexpr std::array enum_names<Placement>{
    EnumName{Placement::counted, "counted"},    // any free GPUs; nodes do not matter
    EnumName{Placement::packed, "packed"},      // the first node with room
    EnumName{Placement::best_fit, "best_fit"},  // the fullest node with room
    EnumName{Placement::spread, "spread"},      // over as many nodes as possible, emptiest first
    // within one NVLink domain, else within one rack, else over the fewest racks
    EnumName{Placement::aligned, "aligned"},
    // the node on which the sizes asked for so far lose least
    EnumName{Placement::least_fragmenting, "least_fragmenting"},
};

// Equal nodes.
struct NodeGroup {
  std::int32_t nodes = 1;
  std::int32_t gpus_per_node = 8;  // 1..64
  std::int32_t nodes_per_domain = 1;
  std::int32_t nodes_per_rack = 4;
  std::int32_t chip = 0;  // which kind of accelerator
};

struct Slice {
  std::int32_t node = 0;
  std::uint64_t gpus = 0;  // a bit for each GPU of the node
  bool operator==(const Slice&) const = default;
};

// What a job holds. `counted` gangs have a group and a number only.
struct Gang {
  std::int32_t group = 0;
  std::int32_t gpus = 0;
  std::vector<Slice> slices;

  template <class Archive>
  void archive(Archive& a) {
    a(group, gpus, slices);
  }
};

class NodePool {
 public:
  NodePool() = default;
  NodePool(std::span<const NodeGroup> groups, Placement placement);

  [[nodiscard]] std::int32_t total_gpus() const { return total_; }
  [[nodiscard]] std::int32_t free_gpus() const { return free_; }
  // Of one kind; of all for any_chip.
  [[nodiscard]] std::int32_t total_gpus(std::int32_t chip) const;
  [[nodiscard]] std::int32_t free_gpus(std::int32_t chip) const;
  // The largest gang that an empty pool could hold.
  [[nodiscard]] std::int32_t largest_gang(std::int32_t chip) const;
  [[nodiscard]] std::size_t node_count() const { return nodes_.size(); }
  [[nodiscard]] Placement placement() const { return placement_; }
  [[nodiscard]] std::int32_t chip_of(const Gang& gang) const {
    return groups_[static_cast<std::size_t>(gang.group)].shape.chip;
  }
  // GPUs on free nodes, over all free ones: 1 where nothing is fragmented.
  [[nodiscard]] double whole_node_share() const;
  // Nodes of which no GPU is held; as many as could be, where nodes do not matter.
  [[nodiscard]] std::int32_t whole_free_nodes() const;
  // Racks over which a gang lies.
  [[nodiscard]] std::int32_t racks_of(const Gang& gang) const;

  [[nodiscard]] bool has_room(std::int32_t gpus, std::int32_t chip) const;
  // Takes the GPUs; nothing where there is no room.
  std::optional<Gang> place(std::int32_t gpus, std::int32_t chip);
  std::optional<Gang> place_in(std::int32_t group, std::int32_t gpus);
  [[nodiscard]] std::int32_t free_in(std::int32_t group) const {
    return groups_[static_cast<std::size_t>(group)].free;
  }
  // Takes these very GPUs, if they are free.
  bool retake(const Gang& gang);
  void release(const Gang& gang);

  // A closed node takes no new gang; what runs on it goes on. Closing twice needs opening twice.
  void close(std::int32_t node);
  void open(std::int32_t node);
  [[nodiscard]] bool uses(const Gang& gang, std::int32_t first_node, std::int32_t last_node) const;

  template <class Archive>
  void archive(Archive& a) {
    a(groups_, nodes_, asked_, placement_, total_, free_);
  }

 private:
  struct Group {
    NodeGroup shape;
    std::int32_t first = 0;                 // of its nodes
    std::int32_t total = 0, free = 0;       // GPUs; free: of nodes that are open
    std::vector<NodeSet> by_free;           // open nodes by their number of free GPUs
    std::vector<std::int32_t> domain_free;  // GPUs of open nodes

    template <class Archive>
    void archive(Archive& a) {
      a(shape, first, total, free, by_free, domain_free);
    }
  };
  struct Node {
    std::uint64_t free = 0;
    std::int32_t group = 0;
    std::int32_t closed = 0;
  };

  [[nodiscard]] bool has_room(const Group& group, std::int32_t gpus) const;
  void take_whole_nodes(Group& group, Gang& gang, std::int32_t count);
  void take_spread(Group& group, Gang& gang);
  std::int32_t free_gpus(const Group& group, std::int32_t node) const;
  std::vector<std::int32_t> holders(const Group& group, std::int32_t first, std::int32_t last,
                                    std::int32_t gpus) const;
  std::vector<std::int32_t> tightest(const Group& group, std::int32_t width,
                                     std::int32_t gpus) const;
  bool take_aligned(Group& group, Gang& gang);
  [[nodiscard]] std::int32_t node_for(const Group& group, std::int32_t gpus) const;
  [[nodiscard]] std::int32_t least_fragmenting(const Group& group, std::int32_t gpus) const;
  [[nodiscard]] double lost(std::int32_t free) const;
  void take(Group& group, Gang& gang, std::int32_t node, std::int32_t gpus);
  void change(std::int32_t node, std::uint64_t free);
  Group& group_of(std::int32_t node) {
    return groups_[static_cast<std::size_t>(nodes_[static_cast<std::size_t>(node)].group)];
  }

  std::vector<Group> groups_;
  std::vector<Node> nodes_;
  std::vector<std::int64_t> asked_;  // gangs asked for, by GPUs on their last node
  Placement placement_ = Placement::counted;
  std::int32_t total_ = 0, free_ = 0;
};

}  // namespace jevons
