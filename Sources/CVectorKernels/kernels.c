// kernels_body.h compiled for each instruction set, and the choice between them at run time.
#include "vector_kernels.h"

#include <math.h>

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c"))), apply_to = function)
#define LANES 16
#define EVEN_LANES 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
#define ODD_LANES 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31
#define REVERSED_LANES 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0
#define ROWS 6
#define HALF_WEIGHTS 1
#define SPLIT_HALF 1
#define NAME(x) x##_avx512
#define SET_NAME "avx512"
#include "kernels_body.h"
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#define LANES 8
#define EVEN_LANES 0, 2, 4, 6, 8, 10, 12, 14
#define ODD_LANES 1, 3, 5, 7, 9, 11, 13, 15
#define REVERSED_LANES 7, 6, 5, 4, 3, 2, 1, 0
#define ROWS 2
#define HALF_WEIGHTS 1
#define SPLIT_HALF 0
#define NAME(x) x##_avx2
#define SET_NAME "avx2"
#include "kernels_body.h"
#pragma clang attribute pop

// SSE2 has no conversion from float16, so its weights stay float32.
#define ROWS 2
#define HALF_WEIGHTS 0

#else

// On arm64 the baseline is NEON: 32 registers, and float16 converts in hardware.
#define ROWS 6
#define HALF_WEIGHTS 1

#endif

#define LANES 4
#define EVEN_LANES 0, 2, 4, 6
#define ODD_LANES 1, 3, 5, 7
#define REVERSED_LANES 3, 2, 1, 0
#define SPLIT_HALF 0
#define NAME(x) x##_baseline
#define SET_NAME "baseline"
#include "kernels_body.h"

const utter_kernels *const *utter_kernels_available(int32_t *count) {
#if defined(__x86_64__)
    static const utter_kernels *const all[] = {
        &utter_kernels_avx512, &utter_kernels_avx2, &utter_kernels_baseline};
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c")) {
        const int wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
            && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
        *count = wide ? 3 : 2;
        return wide ? all : all + 1;
    }
    *count = 1;
    return all + 2;
#else
    static const utter_kernels *const all[] = {&utter_kernels_baseline};
    *count = 1;
    return all;
#endif
}
