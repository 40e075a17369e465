#pragma once
// `jevons policy`: export rules, asked for chips.
#include "apps/commands.h"

namespace jevons {

//   policy chip ID --date D [--dest CN] [--parent CC] [--end-use civil] [--set /facts/tpp=4800]
//   policy chip --all --date D
//   policy timeline [--chips a,b] [--dest CN]
//   policy access [--region CN]
//   policy design --max decode [--rule ID] [--date D] [--dest CN] [--die ID] [--status nac]
Answer policy_command(const CommandLine& line, const Workbench& bench);

}  // namespace jevons
