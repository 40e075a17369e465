#include "scenarios/source_text.h"

namespace jevons {

std::string source_text(ProfileSource source) {
  switch (source) {
    case ProfileSource::measured:
      return "measured";
    case ProfileSource::imported:
      return "fitted to public measurements";
    case ProfileSource::transferred:
      return "transferred from a measured chip";
    case ProfileSource::assumed:
      return "assumed from the datasheet, not measured";
  }
  return "?";
}

}  // namespace jevons
