// Matrix products in bfloat16 on processors with tile registers (AMX, Intel from Sapphire Rapids on): one instruction multiplies
// a tile of 16 x 32 by one of 32 x 16, eight times what vdpbf16ps does.
//
// Both factors are copied, block by block, into tiles in the order in which the innermost loop reads them, rounded to bfloat16 on
// the way, two neighbours along k in 32 bits. As the instruction does, numbers too small to be normal are taken for 0.
#include "bfloat16_kernels.h"

#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__) && defined(__linux__)

#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,amx-tile,amx-bf16")))
#define INLINE static inline __attribute__((always_inline)) TARGET

enum {
    SIDE = 16,          ///< rows of a tile, and columns of 32 bits
    TILE = SIDE * SIDE,
    DEPTH = 512,        ///< of a block along k: two tiles' lines of each factor stay in the first cache
    ROWS = 256,         ///< of a block of A, which stays in the second
    COLUMNS = 1024      ///< of a block of B
};

int utter_has_bfloat16_tiles(void) {
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("amx-bf16") || !__builtin_cpu_supports("amx-tile") || !utter_has_bfloat16_products()) return 0;
    // Linux gives a process the room for the registers when it asks: ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA.
    return syscall(SYS_arch_prctl, 0x1023, 18) == 0;
}

#include "bfloat16_pairs.h"

/// 32 neighbours, the first `count` of them there, as 16 pairs.
INLINE __m512i neighbours(const float *from, int32_t count) {
    return (__m512i)_mm512_cvtne2ps_pbh(
        _mm512_maskz_loadu_ps(first_lanes(count - 16), from + 16), _mm512_maskz_loadu_ps(first_lanes(count), from));
}

/// Exchanges rows and columns of a tile.
INLINE void transpose(__m512i row[SIDE]) {
    __m512i half[SIDE];
    for (int i = 0; i < SIDE; i += 2) {
        half[i] = _mm512_unpacklo_epi32(row[i], row[i + 1]);
        half[i + 1] = _mm512_unpackhi_epi32(row[i], row[i + 1]);
    }
    for (int i = 0; i < SIDE; i += 4)
        for (int j = 0; j < 2; j++) {
            row[i + 2 * j] = _mm512_unpacklo_epi64(half[i + j], half[i + j + 2]);
            row[i + 2 * j + 1] = _mm512_unpackhi_epi64(half[i + j], half[i + j + 2]);
        }
    // row[4 q + c] has, of lines 4 q to 4 q + 3, the columns c, c + 4, c + 8 and c + 12, a quarter each.
    for (int c = 0; c < 4; c++) {
        const __m512i low0 = _mm512_shuffle_i32x4(row[c], row[4 + c], 0x88), high0 = _mm512_shuffle_i32x4(row[c], row[4 + c], 0xdd);
        const __m512i low1 = _mm512_shuffle_i32x4(row[8 + c], row[12 + c], 0x88);
        const __m512i high1 = _mm512_shuffle_i32x4(row[8 + c], row[12 + c], 0xdd);
        half[c] = _mm512_shuffle_i32x4(low0, low1, 0x88);
        half[8 + c] = _mm512_shuffle_i32x4(low0, low1, 0xdd);
        half[4 + c] = _mm512_shuffle_i32x4(high0, high1, 0x88);
        half[12 + c] = _mm512_shuffle_i32x4(high0, high1, 0xdd);
    }
    for (int i = 0; i < SIDE; i++) row[i] = half[i];
}

/// Packs `count` lines (rows of A, columns of B), at most 16, of `depth` numbers each into tiles, one behind the other along k.
/// Number k of line i lies at from[i * line + k * step]; one of both is 1.
/// - by_lines: whether a tile's rows are lines (A), else pairs along k (B).
INLINE void pack(const float *from, size_t line, size_t step, int32_t count, int32_t depth, int by_lines, uint32_t *to) {
    for (int32_t k = 0; k < depth; k += 2 * SIDE, to += TILE) {
        __m512i rows[SIDE];
        if (line == 1) {
            _Pragma("clang loop unroll(full)") for (int i = 0; i < SIDE; i++) {
                const int32_t place = k + 2 * i;
                const float *even = from + (size_t)place * step;
                rows[i] = place < depth ? pairs(even, place + 1 < depth ? even + step : NULL, first_lanes(count))
                                        : _mm512_setzero_si512();
            }
        } else {
            _Pragma("clang loop unroll(full)") for (int i = 0; i < SIDE; i++)
                rows[i] = i < count ? neighbours(from + (size_t)i * line + k, depth - k) : _mm512_setzero_si512();
        }
        if ((line == 1) == (by_lines != 0)) transpose(rows);
        _Pragma("clang loop unroll(full)") for (int i = 0; i < SIDE; i++) _mm512_store_si512(to + i * SIDE, rows[i]);
    }
}

/// What is in a tile register goes to C, through memory where C ends within the tile.
#define PUT(REGISTER, ROW, COLUMN)                                                                                     \
    if (rows > ROW && columns > COLUMN) {                                                                              \
        float *const at = c + (size_t)(ROW) * stride + (COLUMN);                                                       \
        if (rows >= ROW + SIDE && columns >= COLUMN + SIDE) {                                                          \
            _tile_stored(REGISTER, at, stride * sizeof(float));                                                        \
        } else {                                                                                                       \
            _tile_stored(REGISTER, edge, SIDE * sizeof(float));                                                        \
            for (int32_t r = 0; r < SIDE && ROW + r < rows; r++)                                                       \
                memcpy(at + (size_t)r * stride, edge + r * SIDE,                                                       \
                       (size_t)(columns - COLUMN < SIDE ? columns - COLUMN : SIDE) * sizeof(float));                   \
        }                                                                                                              \
    }

/// What C has so far goes into a tile register.
#define GET(REGISTER, ROW, COLUMN)                                                                                     \
    if (!adds || rows <= ROW || columns <= COLUMN) {                                                                   \
        _tile_zero(REGISTER);                                                                                          \
    } else {                                                                                                           \
        const float *const at = c + (size_t)(ROW) * stride + (COLUMN);                                                 \
        if (rows >= ROW + SIDE && columns >= COLUMN + SIDE) {                                                          \
            _tile_loadd(REGISTER, at, stride * sizeof(float));                                                         \
        } else {                                                                                                       \
            memset(edge, 0, sizeof edge);                                                                              \
            for (int32_t r = 0; r < SIDE && ROW + r < rows; r++)                                                       \
                memcpy(edge + r * SIDE, at + (size_t)r * stride,                                                       \
                       (size_t)(columns - COLUMN < SIDE ? columns - COLUMN : SIDE) * sizeof(float));                   \
            _tile_loadd(REGISTER, edge, SIDE * sizeof(float));                                                         \
        }                                                                                                              \
    }

/// Two by two tiles of C: the product of two lines of tiles of A and two of B, `depth` tiles long, written or added.
TARGET static void tiles(const uint32_t *a, const uint32_t *b, int32_t depth, float *c, size_t stride, int32_t rows,
                         int32_t columns, int adds) {
    float edge[TILE] __attribute__((aligned(64)));
    const uint32_t *const below = a + (size_t)depth * TILE, *const beside = b + (size_t)depth * TILE;
    const size_t line = SIDE * sizeof(uint32_t);
    GET(0, 0, 0)
    GET(1, 0, SIDE)
    GET(2, SIDE, 0)
    GET(3, SIDE, SIDE)
    const int is_high = rows > SIDE, is_wide = columns > SIDE;
    for (size_t k = 0; k < (size_t)depth * TILE; k += TILE) {
        _tile_loadd(4, a + k, line);
        _tile_loadd(6, b + k, line);
        _tile_dpbf16ps(0, 4, 6);
        if (is_wide) {
            _tile_loadd(7, beside + k, line);
            _tile_dpbf16ps(1, 4, 7);
        }
        if (is_high) {
            _tile_loadd(5, below + k, line);
            _tile_dpbf16ps(2, 5, 6);
            if (is_wide) _tile_dpbf16ps(3, 5, 7);
        }
    }
    PUT(0, 0, 0)
    PUT(1, 0, SIDE)
    PUT(2, SIDE, 0)
    PUT(3, SIDE, SIDE)
}

static int32_t least(int32_t x, int32_t y) { return x < y ? x : y; }

TARGET int utter_multiply_bfloat16_tiles(const utter_bfloat16_product *p) {
    const int32_t most = (least(p->k, DEPTH) + 2 * SIDE - 1) / (2 * SIDE);
    // An even number of lines of tiles of each.
    const size_t sizeB = (size_t)most * ((least(p->n, COLUMNS) + 2 * SIDE - 1) / (2 * SIDE)) * 2 * TILE;
    const size_t sizeA = (size_t)most * ((least(p->m, ROWS) + 2 * SIDE - 1) / (2 * SIDE)) * 2 * TILE;
    uint32_t *memory = NULL;
    if (posix_memalign((void **)&memory, 64, (sizeA + sizeB) * sizeof(uint32_t)) != 0) return 0;
    uint32_t *packedB = memory, *packedA = memory + sizeB;
    struct {
        uint8_t palette, start_row, reserved[14];
        uint16_t bytes[16];
        uint8_t rows[16];
    } shapes = {.palette = 1};
    for (int i = 0; i < 8; i++) {
        shapes.bytes[i] = SIDE * sizeof(uint32_t);
        shapes.rows[i] = SIDE;
    }
    _tile_loadconfig(&shapes);

    const size_t lineA = p->a_is_transposed ? 1 : p->a_stride, stepA = p->a_is_transposed ? p->a_stride : 1;
    const size_t lineB = p->b_is_transposed ? p->b_stride : 1, stepB = p->b_is_transposed ? 1 : p->b_stride;
    for (int32_t n = 0; n < p->n; n += COLUMNS) {
        const int32_t width = least(p->n - n, COLUMNS);
        for (int32_t k = 0; k < p->k; k += DEPTH) {
            const int32_t deep = least(p->k - k, DEPTH), depth = (deep + 2 * SIDE - 1) / (2 * SIDE);
            const size_t panel = (size_t)depth * TILE / SIDE;
            for (int32_t j = 0; j < width; j += SIDE)
                pack(p->b + (size_t)(n + j) * lineB + (size_t)k * stepB, lineB, stepB, least(width - j, SIDE), deep, 0,
                     packedB + (size_t)j * panel);
            for (int32_t m = 0; m < p->m; m += ROWS) {
                const int32_t high = least(p->m - m, ROWS);
                for (int32_t i = 0; i < high; i += SIDE)
                    pack(p->a + (size_t)(m + i) * lineA + (size_t)k * stepA, lineA, stepA, least(high - i, SIDE), deep, 1,
                         packedA + (size_t)i * panel);
                for (int32_t j = 0; j < width; j += 2 * SIDE)
                    for (int32_t i = 0; i < high; i += 2 * SIDE)
                        tiles(packedA + (size_t)i * panel, packedB + (size_t)j * panel, depth,
                              p->c + (size_t)(m + i) * p->c_stride + n + j, p->c_stride, least(high - i, 2 * SIDE),
                              least(width - j, 2 * SIDE), p->adds || k > 0);
            }
        }
    }
    _tile_release();
    free(memory);
    return 1;
}

#else

int utter_has_bfloat16_tiles(void) { return 0; }
int utter_multiply_bfloat16_tiles(const utter_bfloat16_product *p) { (void)p; return 0; }

#endif
