#pragma once
// Ctrl-C as an exception at a place where a run can be left, so that its directory is cleaned up.
namespace jevons {

struct Interrupted {};

// Asks for SIGINT and SIGTERM to be remembered. A second one ends the program at once.
void watch_for_interrupt();
// True once one came.
bool is_interrupted();
// Throws Interrupted when one came.
void stop_if_interrupted();

}  // namespace jevons
