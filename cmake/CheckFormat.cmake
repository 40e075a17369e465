cmake_minimum_required(VERSION 3.25)
# cmake -DROOT=... -P CheckFormat.cmake
# safe.directory: the folder may belong to another user than the one who tests.
execute_process(COMMAND git -c safe.directory=* ls-files -- *.h *.cpp *.cu *.cuh
  WORKING_DIRECTORY ${ROOT} OUTPUT_VARIABLE files OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
string(REPLACE "\n" ";" files "${files}")
execute_process(COMMAND clang-format-14 --dry-run -Werror ${files}
  WORKING_DIRECTORY ${ROOT} RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "not as clang-format writes it; to renew: clang-format-14 -i FILE")
endif()
