cmake_minimum_required(VERSION 3.25)
# cmake -DROOT=... -DBUILD=... -DSTAMPS=... -DCOMMITS=... -P CheckTidy.cmake
# Runs clang-tidy over the sources that the last COMMITS commits or the working tree changed, unless
# they passed since. A stamp older than the object file is stale: ninja renews the object when the
# source or any header of it changes. Tests are left out: what the macros of doctest expand to is not
# ours to tidy.
set(git git -c safe.directory=*)
execute_process(COMMAND ${git} log -n ${COMMITS} --name-only --format= WORKING_DIRECTORY ${ROOT}
  OUTPUT_VARIABLE committed COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${git} ls-files --modified --others --exclude-standard
  WORKING_DIRECTORY ${ROOT} OUTPUT_VARIABLE uncommitted COMMAND_ERROR_IS_FATAL ANY)
string(REPLACE "\n" ";" changed "${committed}${uncommitted}")

file(READ ${BUILD}/compile_commands.json commands)
string(JSON last LENGTH "${commands}")
math(EXPR last "${last} - 1")
set(stale "")
set(stamps "")
foreach(i RANGE ${last})
  string(JSON source GET "${commands}" ${i} file)
  string(JSON command GET "${commands}" ${i} command)
  string(REGEX MATCH " -o ([^ ]+)" _ "${command}")
  set(object ${CMAKE_MATCH_1})
  cmake_path(RELATIVE_PATH source BASE_DIRECTORY ${ROOT} OUTPUT_VARIABLE name)
  string(REGEX REPLACE "\\.cpp$" ".h" header ${name})
  if(NOT name MATCHES "^(sim|models|scenarios|studies|apps|calibration)/"
     OR NOT (name IN_LIST changed OR header IN_LIST changed))
    continue()
  endif()
  set(stamp ${STAMPS}/${name}.passed)
  if(${BUILD}/${object} IS_NEWER_THAN ${stamp} OR ${ROOT}/.clang-tidy IS_NEWER_THAN ${stamp})
    list(APPEND stale /${name}$)
    list(APPEND stamps ${stamp})
  endif()
endforeach()
if(NOT stale)
  return()
endif()
execute_process(COMMAND run-clang-tidy-14 -quiet -p ${BUILD} ${stale} RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "clang-tidy complains")
endif()
foreach(stamp IN LISTS stamps)
  file(WRITE ${stamp} "")
endforeach()
