#pragma once
// The power grid of a site and the air around it, hour by hour. Units stand in the names: litres
// and degrees are no dimensions of this project.
#include <array>
#include <span>
#include <string>
#include <vector>

#include "models/facility/hourly.h"
#include "sim/fields.h"

namespace jevons {

struct Grid {
  std::string name;
  Hourly carbon_g_per_kwh;           // average over what generates
  Hourly marginal_g_per_kwh;         // of one more kWh
  Hourly price_usd_per_kwh;          // may be negative
  Hourly water_l_per_kwh;            // consumed by power stations
  void begin_at(std::int64_t hour);  // of the year, for all of them
};

struct Weather {
  std::string name;
  Hourly dry_bulb_c, wet_bulb_c;
  void begin_at(std::int64_t hour);
};

// Wet-bulb temperature at 1013 hPa from dry bulb and relative humidity.
// Source: Stull 2011, doi:10.1175/JAMC-D-11-0143.1, equation 1; mean error below 0.3 K for 5 to
// 99 % and -20 to 50 degrees C.
double wet_bulb_c(double dry_bulb_c, double humidity_percent);

enum class Fuel { wind, solar, hydro, oil, gas, coal, nuclear, other };
inline constexpr std::size_t fuel_count = 8;
template <>
inline constexpr std::array enum_names<Fuel>{
    EnumName{Fuel::wind, "wind"},       EnumName{Fuel::solar, "solar"},
    EnumName{Fuel::hydro, "hydro"},     EnumName{Fuel::oil, "oil"},
    EnumName{Fuel::gas, "gas"},         EnumName{Fuel::coal, "coal"},
    EnumName{Fuel::nuclear, "nuclear"}, EnumName{Fuel::other, "other"},
};
using Mix = std::array<double, fuel_count>;  // MWh generated in an hour, by fuel

// Litres consumed per kWh of a mix: medians by fuel, cooling towers where there is steam.
// Source: Macknick et al. 2012, doi:10.1088/1748-9326/7/4/045802, tables 1 and 2. Reservoirs
// count in full for their power stations, as there, although they have other uses too.
double water_l_per_kwh(const Mix& mix);

// Marginal emissions, for every hour: what stations that burn oil, gas and coal emit more when they
// generate more, because they follow demand. For each month and four-hour block of the day the
// slope of hourly changes of emissions over hourly changes of their generation, least squares
// through the origin, drawn towards that of the whole series where changes are few. Hours begin at
// midnight of 1 January; `carbon` in g per kWh of the whole mix.
// Source: Hawkes 2010, doi:10.1016/j.enpol.2010.05.053; Siler-Evans 2012, doi:10.1021/es300145v.
std::vector<double> marginal_g_per_kwh(std::span<const Mix> mix, std::span<const double> carbon);

}  // namespace jevons
