cmake_minimum_required(VERSION 3.25)
# cmake -DPROGRAM=... -P CheckNoDriver.cmake
# A program linked to libcuda would not even start where there is no driver; it could not say why.
execute_process(COMMAND readelf -d ${PROGRAM} OUTPUT_VARIABLE dynamic COMMAND_ERROR_IS_FATAL ANY)
if(NOT dynamic MATCHES "NEEDED" OR dynamic MATCHES "libcuda\\.so|libnvidia-ml|libnccl")
  message(FATAL_ERROR "${PROGRAM} is linked to the driver or to NCCL:\n${dynamic}")
endif()
