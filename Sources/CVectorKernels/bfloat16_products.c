// Matrix products in bfloat16 with float32 sums, on processors that have the instruction for it.
//
// As in Goto and van de Geijn 2008, "Anatomy of high-performance matrix multiplication": both factors are copied, block by
// block, into panels in the order in which the innermost loop reads them. Here they are rounded to bfloat16 on the way, two
// neighbours along k in 32 bits, which is what vdpbf16ps multiplies and adds at once.
#include "bfloat16_kernels.h"

#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)

#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16")))
#define INLINE static inline __attribute__((always_inline)) TARGET

enum {
    TILE_ROWS = 14,     ///< with two vectors of columns, 28 of the 32 registers hold sums
    TILE_COLUMNS = 32,
    DEPTH = 256,        ///< of a block along k: a panel of B stays in the first cache
    ROWS = 14 * 16,     ///< of a block of A, which stays in the second
    COLUMNS = 1024      ///< of a block of B
};

int utter_has_bfloat16_products(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512f")
        && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

#include "bfloat16_pairs.h"

/// Packs `count` lines (rows of A, columns of B) of `depth` numbers each into a panel of `width` lines, [depth / 2][width].
/// Number k of line i lies at from[i * line + k * step]; one of both is 1.
INLINE void pack(const float *from, size_t line, size_t step, int32_t count, int32_t depth, int32_t width, uint32_t *to) {
    const int32_t half = (depth + 1) / 2;
    if (line == 1) {
        for (int32_t k = 0; k < half; k++) {
            const float *even = from + (size_t)(2 * k) * step;
            const float *odd = 2 * k + 1 < depth ? even + step : NULL;
            for (int32_t i = 0; i < width; i += 16) {
                const __m512i both = pairs(even + i, odd ? odd + i : NULL, first_lanes(count - i));
                _mm512_mask_storeu_epi32(to + (size_t)k * width + i, first_lanes(width - i), both);
            }
        }
        return;
    }
    if (count < width) memset(to, 0, (size_t)half * width * sizeof *to);
    const __m512i places = _mm512_mullo_epi32(
        _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), _mm512_set1_epi32(width));
    for (int32_t i = 0; i < count; i++) {
        const float *row = from + (size_t)i * line;
        for (int32_t k = 0; k < depth; k += 32) {
            const int32_t left = depth - k;
            const __m512i both = (__m512i)_mm512_cvtne2ps_pbh(
                _mm512_maskz_loadu_ps(first_lanes(left - 16), row + k + 16),
                _mm512_maskz_loadu_ps(first_lanes(left), row + k));
            _mm512_mask_i32scatter_epi32(
                to + (size_t)(k / 2) * width + i, first_lanes((left + 1) / 2), places, both, 4);
        }
    }
}

/// A tile of C: the product of a panel of A and one of B, written or added.
TARGET static void tile(const uint32_t *a, const uint32_t *b, int32_t half, float *c, size_t stride, int32_t rows,
                        int32_t columns, int adds) {
    __m512 sums[TILE_ROWS][2];
    _Pragma("clang loop unroll(full)") for (int r = 0; r < TILE_ROWS; r++) {
        sums[r][0] = _mm512_setzero_ps();
        sums[r][1] = _mm512_setzero_ps();
    }
    for (int32_t k = 0; k < half; k++, a += TILE_ROWS, b += TILE_COLUMNS) {
        const __m512bh left = (__m512bh)_mm512_loadu_si512(b), right = (__m512bh)_mm512_loadu_si512(b + 16);
        _Pragma("clang loop unroll(full)") for (int r = 0; r < TILE_ROWS; r++) {
            const __m512bh pair = (__m512bh)_mm512_set1_epi32((int)a[r]);
            sums[r][0] = _mm512_dpbf16_ps(sums[r][0], pair, left);
            sums[r][1] = _mm512_dpbf16_ps(sums[r][1], pair, right);
        }
    }
    const __mmask16 first = first_lanes(columns), second = first_lanes(columns - 16);
    _Pragma("clang loop unroll(full)") for (int r = 0; r < TILE_ROWS; r++) {
        if (r >= rows) break;
        float *to = c + (size_t)r * stride;
        __m512 x = sums[r][0], y = sums[r][1];
        if (adds) {
            x = _mm512_add_ps(x, _mm512_maskz_loadu_ps(first, to));
            y = _mm512_add_ps(y, _mm512_maskz_loadu_ps(second, to + 16));
        }
        _mm512_mask_storeu_ps(to, first, x);
        _mm512_mask_storeu_ps(to + 16, second, y);
    }
}

TARGET int utter_multiply_bfloat16(const utter_bfloat16_product *p) {
    const int32_t depth = p->k < DEPTH ? p->k : DEPTH, half = (depth + 1) / 2;
    const int32_t columns = p->n < COLUMNS ? p->n : COLUMNS, rows = p->m < ROWS ? p->m : ROWS;
    const size_t sizeB = (size_t)half * ((columns + TILE_COLUMNS - 1) / TILE_COLUMNS) * TILE_COLUMNS;
    const size_t sizeA = (size_t)half * ((rows + TILE_ROWS - 1) / TILE_ROWS) * TILE_ROWS;
    uint32_t *memory = NULL;
    if (posix_memalign((void **)&memory, 64, (sizeA + sizeB) * sizeof(uint32_t)) != 0) return 0;
    uint32_t *packedB = memory, *packedA = memory + sizeB;

    const size_t lineA = p->a_is_transposed ? 1 : p->a_stride, stepA = p->a_is_transposed ? p->a_stride : 1;
    const size_t lineB = p->b_is_transposed ? p->b_stride : 1, stepB = p->b_is_transposed ? 1 : p->b_stride;
    for (int32_t n = 0; n < p->n; n += COLUMNS) {
        const int32_t width = p->n - n < COLUMNS ? p->n - n : COLUMNS;
        for (int32_t k = 0; k < p->k; k += DEPTH) {
            const int32_t deep = p->k - k < DEPTH ? p->k - k : DEPTH, pairsDeep = (deep + 1) / 2;
            for (int32_t j = 0; j < width; j += TILE_COLUMNS)
                pack(p->b + (size_t)(n + j) * lineB + (size_t)k * stepB, lineB, stepB,
                     width - j < TILE_COLUMNS ? width - j : TILE_COLUMNS, deep, TILE_COLUMNS,
                     packedB + (size_t)j * pairsDeep);
            for (int32_t m = 0; m < p->m; m += ROWS) {
                const int32_t high = p->m - m < ROWS ? p->m - m : ROWS;
                for (int32_t i = 0; i < high; i += TILE_ROWS)
                    pack(p->a + (size_t)(m + i) * lineA + (size_t)k * stepA, lineA, stepA,
                         high - i < TILE_ROWS ? high - i : TILE_ROWS, deep, TILE_ROWS, packedA + (size_t)i * pairsDeep);
                for (int32_t j = 0; j < width; j += TILE_COLUMNS)
                    for (int32_t i = 0; i < high; i += TILE_ROWS)
                        tile(packedA + (size_t)i * pairsDeep, packedB + (size_t)j * pairsDeep, pairsDeep,
                             p->c + (size_t)(m + i) * p->c_stride + n + j, p->c_stride,
                             high - i < TILE_ROWS ? high - i : TILE_ROWS,
                             width - j < TILE_COLUMNS ? width - j : TILE_COLUMNS, p->adds || k > 0);
            }
        }
    }
    free(memory);
    return 1;
}

#else

int utter_has_bfloat16_products(void) { return 0; }
int utter_multiply_bfloat16(const utter_bfloat16_product *p) { (void)p; return 0; }

#endif
