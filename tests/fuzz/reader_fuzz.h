#pragma once
// The reader held against laws that no input may break. libFuzzer calls it without end; a normal
// test calls it with the corpus and with mutations of it.
#include <cstddef>
#include <cstdint>

// 0, or an exception that is no ScenarioError: a law is broken.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
