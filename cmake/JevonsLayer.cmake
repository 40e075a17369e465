# jevons_layer(name SOURCES ... USES layers... [LIBRARIES targets...]): a static library
# jevons::name that may include only itself and USES. The 'layering' test holds every #include to
# that list; LIBRARIES are third-party targets that stay private to the layer.
add_library(jevons_flags INTERFACE)
target_compile_features(jevons_flags INTERFACE cxx_std_20)
target_include_directories(jevons_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(jevons_flags INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wpedantic;-Wshadow;-Wconversion;-Wsign-conversion;-Wold-style-cast;-Wdouble-promotion;-Wnon-virtual-dtor;-Woverloaded-virtual>)
# GCC 12 sees overlapping copies in "text" + std::string where there are none (GCC bug 105651).
# For GCC alone: Clang does not know the warning, and clang-tidy takes that for an error.
target_compile_options(jevons_flags INTERFACE
  $<$<AND:$<COMPILE_LANG_AND_ID:CXX,GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>)

function(jevons_layer name)
  cmake_parse_arguments(L "" "" "SOURCES;USES;LIBRARIES" ${ARGN})
  add_library(jevons_${name} STATIC ${L_SOURCES})
  add_library(jevons::${name} ALIAS jevons_${name})
  list(JOIN L_USES "," L_USES_FLAT)
  list(TRANSFORM L_USES PREPEND jevons:: OUTPUT_VARIABLE links)
  target_link_libraries(jevons_${name} PUBLIC ${links} PRIVATE jevons_flags ${L_LIBRARIES})
  target_include_directories(jevons_${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_compile_features(jevons_${name} PUBLIC cxx_std_20)
  set_property(GLOBAL APPEND PROPERTY JEVONS_LAYERS "${name}:${name},${L_USES_FLAT}")
endfunction()
