// Matrix products in bfloat16: see bfloat16_products.c and bfloat16_tiles.c.
#ifndef UTTER_BFLOAT16_KERNELS_H
#define UTTER_BFLOAT16_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/// C = A B, or C += A B: the factors are rounded to bfloat16 (8 bits of significand), their products are summed in float32.
typedef struct {
    int32_t m, n, k;          ///< C is [m, n], A is [m, k] and B is [k, n] once transposed where they say so; k at least 1
    const float *a;           ///< row-major, as it lies in memory
    size_t a_stride;          ///< from one row in memory to the next
    int a_is_transposed;      ///< 1: what lies in memory is [k, m]
    const float *b;
    size_t b_stride;
    int b_is_transposed;      ///< 1: what lies in memory is [n, k]
    float *c;
    size_t c_stride;
    int adds;                 ///< 1: the product is added to what is there
} utter_bfloat16_product;

/// Whether this processor has the instructions.
int utter_has_bfloat16_products(void);

/// Returns 0, C as it was, where there is no memory for a copy of the factors.
int utter_multiply_bfloat16(const utter_bfloat16_product *product);

/// Whether this processor has tile registers as well, and the system gives them to the process.
int utter_has_bfloat16_tiles(void);

/// The same on them, where there are some.
int utter_multiply_bfloat16_tiles(const utter_bfloat16_product *product);

#endif
