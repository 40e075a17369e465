cmake_minimum_required(VERSION 3.25)
# cmake -DROOT=... -DVERSION=... -DPARTS=... -DIN=... -DOUT=... -P BuildInfo.cmake
# Runs at every build but touches OUT only when the revision changed, so nothing is rebuilt for it.
execute_process(COMMAND git -C ${ROOT} describe --always --dirty --abbrev=12
  OUTPUT_VARIABLE REVISION OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT REVISION)
  set(REVISION "unknown")
endif()
configure_file(${IN} ${OUT} @ONLY)
