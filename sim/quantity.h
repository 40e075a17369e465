#pragma once
// Quantities with dimensions. One double inside, stored in base units, so a
// Quantity costs exactly what a double costs.
#include <compare>

namespace jevons {

// Exponents of the seven base dimensions of this project.
struct Dim {
  int s = 0, J = 0, flop = 0, B = 0, tok = 0, usd = 0, gco2 = 0;
  constexpr Dim operator+(Dim o) const {
    return {s + o.s, J + o.J, flop + o.flop, B + o.B, tok + o.tok, usd + o.usd, gco2 + o.gco2};
  }
  constexpr Dim operator-() const { return {-s, -J, -flop, -B, -tok, -usd, -gco2}; }
  constexpr bool operator==(const Dim&) const = default;
};

template <Dim D>
class Quantity {
 public:
  constexpr Quantity() = default;
  // The only way in: number * unit. The only way out: q.in(unit).
  static constexpr Quantity from_base(double v) { return Quantity{v}; }
  [[nodiscard]] constexpr double in(Quantity unit) const { return v_ / unit.v_; }

  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 misreads a defaulted <=>
  constexpr auto operator<=>(const Quantity&) const = default;
  constexpr Quantity operator-() const { return Quantity{-v_}; }
  constexpr Quantity& operator+=(Quantity o) {
    v_ += o.v_;
    return *this;
  }
  constexpr Quantity& operator-=(Quantity o) {
    v_ -= o.v_;
    return *this;
  }
  friend constexpr Quantity operator+(Quantity a, Quantity b) { return Quantity{a.v_ + b.v_}; }
  friend constexpr Quantity operator-(Quantity a, Quantity b) { return Quantity{a.v_ - b.v_}; }
  friend constexpr Quantity operator*(double k, Quantity a) { return Quantity{k * a.v_}; }
  friend constexpr Quantity operator*(Quantity a, double k) { return Quantity{a.v_ * k}; }
  friend constexpr Quantity operator/(Quantity a, double k) { return Quantity{a.v_ / k}; }

  template <Dim E>
  constexpr auto operator*(Quantity<E> o) const {
    return scaled<D + E>(v_ * o.base());
  }
  template <Dim E>
  constexpr auto operator/(Quantity<E> o) const {
    return scaled<D + (-E)>(v_ / o.base());
  }
  [[nodiscard]] constexpr double base() const { return v_; }

 private:
  explicit constexpr Quantity(double v) : v_{v} {}
  template <Dim R>
  static constexpr auto scaled(double v) {
    if constexpr (R == Dim{})
      return v;  // a pure ratio is a plain double
    else
      return Quantity<R>::from_base(v);
  }
  double v_ = 0.0;
};

using Time = Quantity<Dim{.s = 1}>;
using Energy = Quantity<Dim{.J = 1}>;
using Power = Quantity<Dim{.s = -1, .J = 1}>;
using Work = Quantity<Dim{.flop = 1}>;
using Bytes = Quantity<Dim{.B = 1}>;
using Tokens = Quantity<Dim{.tok = 1}>;
using Money = Quantity<Dim{.usd = 1}>;
using Carbon = Quantity<Dim{.gco2 = 1}>;
using Speed = Quantity<Dim{.s = -1, .flop = 1}>;
using Bandwidth = Quantity<Dim{.s = -1, .B = 1}>;

namespace unit {
inline constexpr auto s = Time::from_base(1), ns = 1e-9 * s, us = 1e-6 * s, ms = 1e-3 * s,
                      min = 60 * s, h = 3600 * s, day = 24 * h, year = 365.25 * day;
inline constexpr auto J = Energy::from_base(1), mJ = 1e-3 * J, kJ = 1e3 * J, MJ = 1e6 * J,
                      Wh = 3600 * J, kWh = 1e3 * Wh, MWh = 1e6 * Wh, GWh = 1e9 * Wh,
                      TWh = 1e12 * Wh;
inline constexpr Power W = J / s, kW = 1e3 * W, MW = 1e6 * W, GW = 1e9 * W;
inline constexpr auto flop = Work::from_base(1), GFLOP = 1e9 * flop, TFLOP = 1e12 * flop;
inline constexpr auto B = Bytes::from_base(1), kB = 1e3 * B, MB = 1e6 * B, GB = 1e9 * B,
                      TB = 1e12 * B, KiB = 1024 * B, MiB = 1024 * KiB, GiB = 1024 * MiB;
inline constexpr auto tok = Tokens::from_base(1);
inline constexpr auto usd = Money::from_base(1);
inline constexpr auto gCO2e = Carbon::from_base(1), kgCO2e = 1e3 * gCO2e, tCO2e = 1e6 * gCO2e;
}  // namespace unit
}  // namespace jevons
