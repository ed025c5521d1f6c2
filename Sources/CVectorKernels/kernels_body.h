// The kernels, written once. Included by kernels.c for each instruction set with these macros defined:
//   LANES          floats in a vector
//   EVEN_LANES, ODD_LANES, REVERSED_LANES    indices for shuffles
//   ROWS           rows of a matrix product whose sums stay in registers (4 gates x ROWS sums, plus the operands)
//   HALF_WEIGHTS   1 where float16 vectors convert in hardware
//   SPLIT_HALF     1 where two conversions of half the lanes are faster than one
//   NAME(x)        x with the suffix of the set

typedef float NAME(vf) __attribute__((vector_size(4 * LANES)));
typedef int32_t NAME(vi) __attribute__((vector_size(4 * LANES)));
typedef float NAME(vf_unaligned) __attribute__((vector_size(4 * LANES), aligned(4)));
#define VF NAME(vf)
#define VI NAME(vi)

INLINE VF NAME(load)(const float *p) { return *(const NAME(vf_unaligned) *)p; }
INLINE void NAME(store)(float *p, VF v) { *(NAME(vf_unaligned) *)p = v; }
INLINE VF NAME(splat)(float x) { return x - (VF){0}; }  // x - 0 is x, -0 too, and costs nothing

// The first `count` lanes of a vector; the others are zero, and are not read.
INLINE VF NAME(load_part)(const float *p, int count) {
    if (count >= LANES) return NAME(load)(p);
    float lanes[LANES] = {0};
    for (int i = 0; i < count; i++) lanes[i] = p[i];
    return NAME(load)(lanes);
}

INLINE void NAME(store_part)(float *p, VF v, int count) {
    if (count >= LANES) {
        NAME(store)(p, v);
    } else {
        float lanes[LANES];
        NAME(store)(lanes, v);
        for (int i = 0; i < count; i++) p[i] = lanes[i];
    }
}

// e^x = 2^n e^r with |r| <= ln(2) / 2 and a minimax polynomial of Cephes (Moshier), within 2 units in the last place.
// Returns e^r; |x| is at most 2e6, beyond which n is not found.
INLINE VF NAME(exp_split)(VF x, VI *n_out) {
    const VF rounder = NAME(splat)(12582912.0f);  // 1.5 * 2^23: adding it leaves the rounded integer in the low bits
    VF shifted = x * 1.44269504088896341f + rounder;
    VF n = shifted - rounder;
    VF r = x - n * 0.693359375f;
    r = r + n * 2.12194440e-4f;
    VF p = NAME(splat)(1.9875691500e-4f);
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    *n_out = (VI)shifted - (VI)rounder;
    return p * r * r + r + 1.0f;
}

// e^x, x held within [-87.3, 88.3].
INLINE VF NAME(exp)(VF x) {
    VI n;
    x = __builtin_elementwise_min(__builtin_elementwise_max(x, NAME(splat)(-87.3f)), NAME(splat)(88.3f));
    const VF p = NAME(exp_split)(x, &n);
    return p * (VF)((n + 127) << 23);
}

INLINE VF NAME(sigmoid)(VF x) { return 1.0f / (1.0f + NAME(exp)(-x)); }
INLINE VF NAME(tanh)(VF x) { return 2.0f / (1.0f + NAME(exp)(x * -2.0f)) - 1.0f; }

// ln(x) for positive normal x: the exponent apart, the mantissa by Cephes' polynomial (Moshier).
INLINE VF NAME(log)(VF x) {
    VI bits = (VI)x;
    VI exponent = ((bits >> 23) & 0xff) - 126;
    VF m = (VF)((bits & 0x007fffff) | 0x3f000000);  // [0.5, 1)
    VI small = m < NAME(splat)(0.707106781186547524f);
    m = m - 1.0f + (VF)((VI)m & small);
    VF e = __builtin_convertvector(exponent + small, VF);  // `small` is -1 where true
    VF z = m * m;
    VF y = NAME(splat)(7.0376836292e-2f);
    y = y * m - 1.1514610310e-1f;
    y = y * m + 1.1676998740e-1f;
    y = y * m - 1.2420140846e-1f;
    y = y * m + 1.4249322787e-1f;
    y = y * m - 1.6668057665e-1f;
    y = y * m + 2.0000714765e-1f;
    y = y * m - 2.4999993993e-1f;
    y = y * m + 3.3333331174e-1f;
    y = y * m * z;
    y = y + e * -2.12194440e-4f;
    y = y - z * 0.5f;
    return m + y + e * 0.693359375f;
}

// ---------------------------------------------------------------------------------------------- recurrent step

INLINE VF NAME(load_weight)(const void *weights, size_t index, int half) {
#if HALF_WEIGHTS
    typedef _Float16 vh __attribute__((vector_size(2 * LANES), aligned(2)));
    if (half) return __builtin_convertvector(*(const vh *)((const uint16_t *)weights + index), VF);
#endif
    (void)half;
    return NAME(load)((const float *)weights + index);
}

// a[r][g] = the sum over k of h[r][k] W[k][g], one block of units for R rows. G, R and half are constants where this is
// inlined; arrays have constant bounds so that the compiler keeps what is used of them in registers.
INLINE void NAME(recurrent_sums)(const utter_recurrent_step *s, int32_t block, int32_t row, const int G, const int R,
                                 const int half, VF a[6][4]) {
    const int32_t H = s->hidden;
    const size_t base = (size_t)block * H * G * LANES;
    const float *h = s->previous + (size_t)row * H;
#if SPLIT_HALF
    // One row of float16 weights: nothing amortises the conversion, and two of 256 bits are faster than one of 512.
    if (half && R == 1) {
        typedef _Float16 vh __attribute__((vector_size(LANES), aligned(2)));
        typedef float vn __attribute__((vector_size(2 * LANES)));
        vn part[2][4][2];
        UNROLL for (int i = 0; i < 16; i++) part[i / 8][i / 2 % 4][i % 2] = (vn){0};
        const uint16_t *w = (const uint16_t *)s->weights + base;
        int32_t k = 0;
        for (; k + 2 <= H; k += 2, w += 2 * G * LANES) {
            UNROLL for (int i = 0; i < 4 * G; i++)
                part[i / (2 * G)][i / 2 % G][i % 2] +=
                    __builtin_convertvector(*(const vh *)(w + i * LANES / 2), vn) * h[k + i / (2 * G)];
        }
        if (k < H)
            UNROLL for (int i = 0; i < 2 * G; i++)
                part[0][i / 2][i % 2] += __builtin_convertvector(*(const vh *)(w + i * LANES / 2), vn) * h[k];
        UNROLL for (int g = 0; g < G; g++)
            a[0][g] = __builtin_shufflevector(part[0][g][0] + part[1][g][0], part[0][g][1] + part[1][g][1], 0, 1, 2, 3,
                                              4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        return;
    }
#endif
    // With few rows there are too few independent sums to hide the latency of a multiply-add: two sets, even and odd k.
    const int sets = G * R >= 8 ? 1 : 2;
    VF sum[2][6][4];
    UNROLL for (int u = 0; u < 2; u++)
        UNROLL for (int r = 0; r < R; r++)
            UNROLL for (int g = 0; g < G; g++) sum[u][r][g] = (VF){0};
    int32_t k = 0;
    for (; k + sets <= H; k += sets) {
        UNROLL for (int u = 0; u < sets; u++) {
            VF w[4];
            UNROLL for (int g = 0; g < G; g++)
                w[g] = NAME(load_weight)(s->weights, base + ((size_t)(k + u) * G + g) * LANES, half);
            UNROLL for (int r = 0; r < R; r++) {
                VF x = NAME(splat)(h[(size_t)r * H + k + u]);
                UNROLL for (int g = 0; g < G; g++) sum[u][r][g] += w[g] * x;
            }
        }
    }
    for (; k < H; k++)
        UNROLL for (int g = 0; g < G; g++) {
            VF w = NAME(load_weight)(s->weights, base + ((size_t)k * G + g) * LANES, half);
            UNROLL for (int r = 0; r < R; r++) sum[0][r][g] += w * h[(size_t)r * H + k];
        }
    UNROLL for (int r = 0; r < R; r++)
        UNROLL for (int g = 0; g < G; g++) a[r][g] = sets == 2 ? sum[0][r][g] + sum[1][r][g] : sum[0][r][g];
}

// The sums, then the cell, of one block of units for R rows.
INLINE void NAME(recurrent_block)(const utter_recurrent_step *s, int32_t block, int32_t row, const int G, const int R,
                                  const int half) {
    VF sums[6][4];
    NAME(recurrent_sums)(s, block, row, G, R, half, sums);
    const int32_t H = s->hidden;
    const int32_t unit = block * LANES;
    const int count = H - unit < LANES ? H - unit : LANES;
    const float *bias = s->bias + (size_t)block * G * LANES;
    UNROLL for (int r = 0; r < R; r++) {
        const float *p = s->projected + (size_t)(row + r) * s->projected_stride + (size_t)block * G * LANES;
        const size_t at = (size_t)(row + r) * H + unit;
        VF a[4], x[4], out;
        UNROLL for (int g = 0; g < G; g++) {
            a[g] = sums[r][g];
            x[g] = NAME(load)(p + g * LANES) + NAME(load)(bias + g * LANES);
            __builtin_prefetch(p + (G + g) * LANES);  // of the next block: the rows are too far apart to be guessed
        }
        if (s->cell == UTTER_CELL_LSTM) {
            VF i = NAME(sigmoid)(a[0] + x[0]), f = NAME(sigmoid)(a[1] + x[1]);
            VF g = NAME(tanh)(a[2] + x[2]), o = NAME(sigmoid)(a[3] + x[3]);
            VF c = f * NAME(load_part)(s->cell_state + at, count) + i * g;
            NAME(store_part)(s->cell_state + at, c, count);
            out = o * NAME(tanh)(c);
        } else if (s->cell == UTTER_CELL_GRU) {
            VF reset = NAME(sigmoid)(a[0] + x[0]), update = NAME(sigmoid)(a[1] + x[1]);
            VF new = NAME(tanh)(x[2] + reset * (a[2] + NAME(load)(s->new_gate_bias + unit)));
            out = new + update * (NAME(load_part)(s->previous + at, count) - new);
        } else if (s->cell == UTTER_CELL_TANH) {
            out = NAME(tanh)(a[0] + x[0]);
        } else {
            out = __builtin_elementwise_max(a[0] + x[0], (VF){0});
        }
        NAME(store_part)(s->next + at, out, count);
        NAME(store_part)(s->output + (size_t)(row + r) * s->output_stride + unit, out, count);
    }
}

INLINE void NAME(recurrent_rows)(const utter_recurrent_step *s, int32_t block, const int G, const int half) {
    // Rows in groups of like size: 16 rows by 6 are 6, 5, 5, not 6, 6, 4.
    int32_t groups = (s->rows + ROWS - 1) / ROWS;
    for (int32_t row = 0; groups > 0; groups--) {
        int32_t count = (s->rows - row + groups - 1) / groups;
        switch (count) {
        case 1: NAME(recurrent_block)(s, block, row, G, 1, half); break;
        default: NAME(recurrent_block)(s, block, row, G, 2, half); break;
#if ROWS > 2
        case 3: NAME(recurrent_block)(s, block, row, G, 3, half); break;
        case 4: NAME(recurrent_block)(s, block, row, G, 4, half); break;
        case 5: NAME(recurrent_block)(s, block, row, G, 5, half); break;
        case 6: NAME(recurrent_block)(s, block, row, G, 6, half); break;
#endif
        }
        row += count;
    }
}

INLINE void NAME(recurrent_blocks)(const utter_recurrent_step *s, const int G, const int half) {
    // Weights larger than the cache would be evicted just before they are needed again if every step went the same
    // way; going back and forth finds the half that was used last still there.
    const int32_t blocks = (s->hidden + LANES - 1) / LANES;
    for (int32_t b = 0; b < blocks; b++) NAME(recurrent_rows)(s, s->descending ? blocks - 1 - b : b, G, half);
}

static void NAME(recurrent_step)(const utter_recurrent_step *s) {
    const int half = HALF_WEIGHTS && s->weights_are_half;
    switch (s->cell) {
    case UTTER_CELL_LSTM: half ? NAME(recurrent_blocks)(s, 4, 1) : NAME(recurrent_blocks)(s, 4, 0); break;
    case UTTER_CELL_GRU: half ? NAME(recurrent_blocks)(s, 3, 1) : NAME(recurrent_blocks)(s, 3, 0); break;
    default: half ? NAME(recurrent_blocks)(s, 1, 1) : NAME(recurrent_blocks)(s, 1, 0); break;
    }
}

// ---------------------------------------------------------------------------------------------------- features

static void NAME(window_frame)(const float *restrict x, const float *restrict window, int32_t n, float mean,
                               float preemphasis, float *restrict out) {
    const float rest = mean * (1 - preemphasis);
    out[0] = (x[0] - preemphasis * x[0] - rest) * window[0];
    for (int32_t i = 1; i < n; i++) out[i] = (x[i] - preemphasis * x[i - 1] - rest) * window[i];
}

static float NAME(sum)(const float *x, int32_t n) {
    VF total = {0};
    int32_t i = 0;
    for (; i + LANES <= n; i += LANES) total += NAME(load)(x + i);
    float result = 0;
    for (int l = 0; l < LANES; l++) result += total[l];
    for (; i < n; i++) result += x[i];
    return result;
}

static float NAME(sum_of_squares)(const float *x, int32_t n, float mean) {
    VF total = {0};
    int32_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        VF d = NAME(load)(x + i) - mean;
        total += d * d;
    }
    float result = 0;
    for (int l = 0; l < LANES; l++) result += total[l];
    for (; i < n; i++) result += (x[i] - mean) * (x[i] - mean);
    return result;
}

// A real signal of n samples as n/2 complex ones: X[k] = E[k] + e^(-2 pi i k / n) O[k], where E and O, the transforms
// of its even and odd samples, are the conjugate-even and conjugate-odd parts of Z (Press et al., Numerical Recipes).
static void NAME(power_spectrum)(const float *restrict z, const float *restrict cosine, const float *restrict sine,
                                 int32_t n, float *restrict power) {
    const int32_t half = n / 2;
    power[0] = (z[0] + z[1]) * (z[0] + z[1]);
    power[half] = (z[0] - z[1]) * (z[0] - z[1]);
    power[half / 2] = z[half] * z[half] + z[half + 1] * z[half + 1];

#define UTTER_PAIR(T, a, b, c, d, cos, sin, low, high)                                                              \
    const T even_re = (a + c) * 0.5f, even_im = (b - d) * 0.5f, odd_re = (b + d) * 0.5f, odd_im = (c - a) * 0.5f;      \
    const T turned_re = odd_re * cos + odd_im * sin, turned_im = odd_im * cos - odd_re * sin;                          \
    const T low_re = even_re + turned_re, low_im = even_im + turned_im;                                                \
    const T high_re = even_re - turned_re, high_im = even_im - turned_im;                                              \
    const T low = low_re * low_re + low_im * low_im, high = high_re * high_re + high_im * high_im

    if (half / 2 <= LANES) {
        for (int32_t k = 1; k < half / 2; k++) {
            const int32_t m = half - k;
            UTTER_PAIR(float, z[2 * k], z[2 * k + 1], z[2 * m], z[2 * m + 1], cosine[k], sine[k], low, high);
            power[k] = low;
            power[m] = high;
        }
        return;
    }
    for (int32_t k = 1; k < half / 2; k += LANES) {
        if (k + LANES > half / 2) k = half / 2 - LANES;  // the last vector begins early and computes some bins again
        const int32_t m = half - k - (LANES - 1);        // bins m ... half - k mirror bins k + LANES - 1 ... k
        const VF l0 = NAME(load)(z + 2 * k), l1 = NAME(load)(z + 2 * k + LANES);
        const VF h0 = NAME(load)(z + 2 * m), h1 = NAME(load)(z + 2 * m + LANES);
        const VF a = __builtin_shufflevector(l0, l1, EVEN_LANES), b = __builtin_shufflevector(l0, l1, ODD_LANES);
        const VF up = __builtin_shufflevector(h0, h1, EVEN_LANES), im = __builtin_shufflevector(h0, h1, ODD_LANES);
        const VF c = __builtin_shufflevector(up, up, REVERSED_LANES), d = __builtin_shufflevector(im, im, REVERSED_LANES);
        const VF cos = NAME(load)(cosine + k), sin = NAME(load)(sine + k);
        UTTER_PAIR(VF, a, b, c, d, cos, sin, low, high);
        NAME(store)(power + k, low);
        NAME(store)(power + m, __builtin_shufflevector(high, high, REVERSED_LANES));
    }
#undef UTTER_PAIR
}

INLINE void NAME(banded_rows)(const float *x, size_t x_stride, const float *weights, int32_t from, int32_t to,
                              float *out, size_t out_stride, const int R) {
    VF sum[8];
    UNROLL for (int r = 0; r < R; r++) sum[r] = (VF){0};
    for (int32_t k = from; k < to; k++) {
        VF w = NAME(load)(weights + (size_t)(k - from) * LANES);
        UNROLL for (int r = 0; r < R; r++) sum[r] += w * x[r * x_stride + k];
    }
    UNROLL for (int r = 0; r < R; r++) NAME(store)(out + r * out_stride, sum[r]);
}

static void NAME(banded_product)(const float *x, size_t x_stride, int32_t rows, const float *weights,
                                 const int32_t *ranges, int32_t groups, float *out, size_t out_stride) {
    for (int32_t g = 0; g < groups; g++) {
        const int32_t from = ranges[2 * g], to = ranges[2 * g + 1];
        int32_t r = 0;
        for (; r + 8 <= rows; r += 8)
            NAME(banded_rows)(x + r * x_stride, x_stride, weights, from, to, out + r * out_stride + g * LANES,
                              out_stride, 8);
        for (; r < rows; r++)
            NAME(banded_rows)(x + r * x_stride, x_stride, weights, from, to, out + r * out_stride + g * LANES,
                              out_stride, 1);
        weights += (size_t)(to - from) * LANES;
    }
}

static void NAME(log_floored)(float *x, int32_t n, float floor) {
    for (int32_t i = 0; i < n; i += LANES)
        NAME(store)(x + i, NAME(log)(__builtin_elementwise_max(NAME(load)(x + i), NAME(splat)(floor))));
}

static void NAME(log_softmax)(float *x, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++, x += columns) {
        float largest = x[0];
        for (size_t i = 1; i < columns; i++) largest = x[i] > largest ? x[i] : largest;
        // Beyond the last column e^-87 is added for each unused lane: less than float32 can see beside the largest, 1.
        VF sums = {0};
        for (size_t i = 0; i < columns; i += LANES) {
            const int count = columns - i < LANES ? (int)(columns - i) : LANES;
            VF v = NAME(load_part)(x + i, count) - largest;
            if (count < LANES)
                for (int l = count; l < LANES; l++) v[l] = -1000.0f;
            sums += NAME(exp)(v);
        }
        float total = 0;
        for (int l = 0; l < LANES; l++) total += sums[l];
        const float shift = largest + logf(total);
        for (size_t i = 0; i < columns; i++) x[i] -= shift;
    }
}

#include "ctc_body.h"

const utter_kernels NAME(utter_kernels) = {
    .name = SET_NAME,
    .lanes = LANES,
    .converts_half = HALF_WEIGHTS,
    .recurrent_step = NAME(recurrent_step),
    .window_frame = NAME(window_frame),
    .sum = NAME(sum),
    .sum_of_squares = NAME(sum_of_squares),
    .power_spectrum = NAME(power_spectrum),
    .banded_product = NAME(banded_product),
    .log_floored = NAME(log_floored),
    .log_softmax = NAME(log_softmax),
    .ctc_forward = NAME(ctc_forward),
    .ctc_backward = NAME(ctc_backward),
};

#undef VF
#undef VI
#undef LANES
#undef EVEN_LANES
#undef ODD_LANES
#undef REVERSED_LANES
#undef ROWS
#undef HALF_WEIGHTS
#undef SPLIT_HALF
#undef NAME
#undef SET_NAME
