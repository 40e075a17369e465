cmake_minimum_required(VERSION 3.25)
# cmake -DROOT=... -DNVCC=... -DPTXAS=... -DOUT=... -P CheckKernels.cmake
# What can be said of the hot kernels without a GPU: they use the instructions they were written for,
# and the assembler neither spills registers nor makes their products wait for each other.
file(MAKE_DIRECTORY ${OUT})

# Assembles calibration/kernels/<name>.cu; its PTX must hold each of the further arguments.
function(check_kernels name arch)
  set(ptx ${OUT}/${name}.ptx)
  execute_process(
    COMMAND ${NVCC} -std=c++20 -O3 -DNDEBUG --expt-relaxed-constexpr -I${ROOT} -ptx
            -gencode=arch=compute_${arch},code=compute_${arch}
            ${ROOT}/calibration/kernels/${name}.cu -o ${ptx}
    COMMAND_ERROR_IS_FATAL ANY)
  file(READ ${ptx} text)
  foreach(instruction IN LISTS ARGN)
    string(FIND "${text}" "${instruction}" found)
    if(found EQUAL -1)
      message(SEND_ERROR "${name}.cu: the PTX has no ${instruction}")
    endif()
  endforeach()
  string(REGEX MATCHALL "\\.entry " entries "${text}")
  list(LENGTH entries kernels)
  execute_process(COMMAND ${PTXAS} -v -O3 -arch=sm_${arch} ${ptx} -o ${OUT}/${name}.cubin
    ERROR_VARIABLE log COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL "0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads" clean "${log}")
  list(LENGTH clean clean_kernels)
  if(kernels EQUAL 0 OR NOT clean_kernels EQUAL kernels OR log MATCHES "Potential Performance Loss")
    message(SEND_ERROR "${name}.cu: ${clean_kernels} of ${kernels} kernels keep all their values in "
      "registers without serialised products; the assembler says:\n${log}")
  endif()
endfunction()

set(hopper wgmma.mma_async cp.async.bulk.tensor mbarrier.try_wait setmaxnreg)
check_kernels(grouped_gemm 90a ${hopper}
  m64n128k16.f32.bf16.bf16 m64n256k16.f32.bf16.bf16 m64n128k32.f32.e4m3.e4m3)
check_kernels(mla_decode 90a ${hopper} m64n32k16.f32.bf16.bf16 m64n256k16.f32.bf16.bf16)
check_kernels(prefill_attention 90a ${hopper} m64n128k16.f32.bf16.bf16 m64n64k16.f32.bf16.bf16)
check_kernels(gqa_decode 80 mma.sync.aligned.m16n8k16 ldmatrix cp.async.cg)
check_kernels(elementwise 80 ld.global.cs st.global.cs)
check_kernels(router_topk 80 shfl.sync)
check_kernels(dispatch 80 match.any.sync)
