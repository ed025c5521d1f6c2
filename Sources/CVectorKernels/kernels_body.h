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

#include "recurrent_body.h"
#include "recurrent_backward_body.h"

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
#include "crf_body.h"
#include "optimiser_body.h"

const utter_kernels NAME(utter_kernels) = {
    .name = SET_NAME,
    .lanes = LANES,
    .converts_half = HALF_WEIGHTS,
    .recurrent_step = NAME(recurrent_step),
    .recurrent_step_training = NAME(recurrent_step_training),
    .gate_gradients = NAME(gate_gradients),
    .recurrent_backward = NAME(recurrent_backward),
    .window_frame = NAME(window_frame),
    .sum = NAME(sum),
    .sum_of_squares = NAME(sum_of_squares),
    .power_spectrum = NAME(power_spectrum),
    .banded_product = NAME(banded_product),
    .log_floored = NAME(log_floored),
    .log_softmax = NAME(log_softmax),
    .ctc_forward = NAME(ctc_forward),
    .ctc_backward = NAME(ctc_backward),
    .crf_forward = NAME(crf_forward),
    .crf_backward = NAME(crf_backward),
    .adam = NAME(adam),
    .squares = NAME(squares),
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
