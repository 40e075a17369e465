#pragma once
// Sums that must not round: femtoseconds over years, attojoules over a fleet.

namespace jevons {

__extension__ typedef __int128 Int128;  // NOLINT(modernize-use-using): __extension__ needs it

constexpr double to_double(Int128 v) {
  return static_cast<double>(v);
}

}  // namespace jevons
