#pragma once
// From the grid to the chips: transformers, UPS, distribution, power supplies. A stage of rating R
// that passes on P loses R (a + b x + c x^2), x = P/R: what it takes to be on, what is proportional
// to current at constant voltage, and what is proportional to its square.
#include <vector>

#include "sim/fields.h"
#include "sim/quantity.h"

namespace jevons {

struct PowerStage {
  double headroom = 1.2;                             // rating / the most that the site can draw
  double no_load = 0, proportional = 0, square = 0;  // a, b, c

  template <class Visitor>
  void fields(Visitor&& field) {
    const Range share{0.0, 0.5};
    field("headroom", headroom, Range{1.0, 10.0}, "rating over the most the machines can draw");
    field("no_load", no_load, share, "of the rating, lost at any load");
    field("proportional", proportional, share, "of the power passed on");
    field("square", square, share, "of the rating at full load, falling with the square of load");
  }
};

Power loss(const PowerStage& stage, Power rating, Power passed_on);

// Sources of the defaults. Power supplies: 80 PLUS Titanium at 230 V (90, 94, 96 % at 10, 20, 50 %
// load), two for the load of one. UPS, distribution and transformer: shapes of Rasmussen, APC
// White Paper 113 (2007), levels of present double-conversion UPS (96 to 97 %) are assumed.
struct PowerChain {
  PowerStage supply{2.0, 0.0087, 0.0243, 0};        // in the node
  PowerStage distribution{1.2, 0.002, 0.0, 0.008};  // busbars, PDU
  PowerStage ups{1.2, 0.008, 0.016, 0.006};         // carries machines, not cooling
  PowerStage transformer{1.2, 0.002, 0.0, 0.006};   // carries all

  template <class Visitor>
  void fields(Visitor&& field) {
    field("supply", supply, "power supplies of nodes and switches");
    field("distribution", distribution, "busbars and distribution units");
    field("ups", ups, "uninterruptible supply of the machines");
    field("transformer", transformer, "from the grid; carries cooling too");
  }
};

}  // namespace jevons
