// The denominator of CTC-CRF (Xiang and Ou 2019, "CRF-based single-stage acoustic modeling with CTC topology"): forward and
// backward over all label sequences. Included by kernels_body.h, behind ctc_body.h, for each instruction set.
//
// A state (k, c) is what the n-gram must know of the labels so far: c is the last, block k what came before it. Each has a
// label part e, where the path is at c, and a blank part b, where a blank has passed since. With P the n-gram,
// n(k, c) the block that follows, y the softmax:
//   e_t(j, d)  = y_t(d) (e(j, d) + sum over (k, c) with n(k, c) = j of P(d | k, c) (b(k, c) + e(k, c) where c differs from d))
//   b_t(k, c)  = y_t(blank) (b(k, c) + e(k, c)),      b, e = those of t - 1
// so that each group of states with one following block is a small matrix times a vector. The weight of a label that repeats
// is kept apart, since it counts for b alone. Backwards the same with the matrices transposed.
//
// Probabilities are plain floats. At every step they are multiplied by a power of two that brings their sum to 2^64
// forwards and to 1 backwards; the exponents are added up as integers. What falls below 1e-30 becomes 0, so that nothing
// is denormal: forwards that is 49 orders of magnitude behind the sum.

#define CRF_NONE 1e-30f

INLINE VF NAME(without_traces)(VF x) { return (VF)((VI)x & (x > NAME(splat)(CRF_NONE))); }

// What brings the exponent of x to the wanted one, within what a float can be multiplied by.
INLINE int32_t NAME(shift_to)(float x, int32_t wanted) {
    int32_t bits;
    __builtin_memcpy(&bits, &x, sizeof bits);
    const int32_t shift = wanted - (((bits >> 23) & 0xff) - 127);
    return shift > 126 ? 126 : shift < -126 ? -126 : shift;
}

// out[i] = sum over r of x[source[r]] m[r stride + i], for N vectors of i.
INLINE void NAME(weigh_tile)(const float *x, const int32_t *source, int32_t rows, const float *m, size_t stride, float *out,
                             const int N) {
    VF even[4], odd[4];
    UNROLL for (int n = 0; n < N; n++) even[n] = odd[n] = (VF){0};
    int32_t r = 0;
    for (; r + 2 <= rows; r += 2) {
        const VF a = NAME(splat)(x[source[r]]), b = NAME(splat)(x[source[r + 1]]);
        const float *p = m + r * stride, *q = p + stride;
        UNROLL for (int n = 0; n < N; n++) {
            even[n] += a * NAME(load)(p + n * LANES);
            odd[n] += b * NAME(load)(q + n * LANES);
        }
    }
    if (r < rows) {
        const VF a = NAME(splat)(x[source[r]]);
        UNROLL for (int n = 0; n < N; n++) even[n] += a * NAME(load)(m + r * stride + n * LANES);
    }
    UNROLL for (int n = 0; n < N; n++) NAME(store)(out + n * LANES, even[n] + odd[n]);
}

// The same for any number of columns, a multiple of the lanes.
INLINE void NAME(weigh_rows)(const float *x, const int32_t *source, int32_t rows, const float *m, size_t columns, float *out) {
    size_t i = 0;
    for (; i + 4 * LANES <= columns; i += 4 * LANES) NAME(weigh_tile)(x, source, rows, m + i, columns, out + i, 4);
    switch ((columns - i) / LANES) {
    case 3: NAME(weigh_tile)(x, source, rows, m + i, columns, out + i, 3); break;
    case 2: NAME(weigh_tile)(x, source, rows, m + i, columns, out + i, 2); break;
    case 1: NAME(weigh_tile)(x, source, rows, m + i, columns, out + i, 1); break;
    default: break;
    }
}

// The scratch: four arrays of all states, one of all rows, one of a block.
#define STATES(c, k) ((c)->working + (size_t)(k) * (c)->blocks * (c)->width)

// The labels' outputs, the blank's and the padding's left out. Returns the blank's.
INLINE float NAME(spoken)(const utter_crf *c, const float *y, float *spoken) {
    for (int32_t i = 0; i < c->width; i += LANES) NAME(store)(spoken + i, NAME(load)(y + i));
    spoken[c->blank] = 0;
    return y[c->blank];
}

static void NAME(crf_forward)(utter_crf *c) {
    const int32_t width = c->width, states = c->blocks * width;
    float *const label = STATES(c, 0), *const blank = STATES(c, 1), *const both = STATES(c, 2), *const in = STATES(c, 3);
    float *const spoken = STATES(c, 4) + c->first_row[c->blocks];
    for (int32_t i = 0; i < states; i++) label[i] = blank[i] = both[i] = 0;
    blank[c->blank] = both[c->blank] = 1;
    float sum = 1;
    int32_t exponent = 0;
    c->total = 0;
    for (int32_t t = 0; t < c->frames; t++) {
        const float *x = c->logits + c->offsets[t];
        float *const y = c->outputs + (size_t)t * width, *const kept = c->history + (size_t)t * c->history_stride;
        for (int32_t i = c->classes; i < width; i++) y[i] = 0;
        NAME(softmax_row)(x, c->classes, NAME(largest)(x, c->classes), 1, y,
                          t + 1 < c->frames ? c->logits + c->offsets[t + 1] : x);
        const float y_blank = NAME(spoken)(c, y, spoken);
        const int32_t shift = NAME(shift_to)(sum, 64);
        const float scale = ldexpf(1, shift);
        exponent += shift;
        c->exponents[t] = exponent;
        for (int32_t k = 0; k < c->blocks; k++) {
            const int32_t first = c->first_row[k];
            NAME(weigh_rows)(both, c->source + first, c->row_count[k], c->arcs + (size_t)first * width, width,
                             in + (size_t)k * width);
            for (int32_t r = first; r < first + c->row_count[k]; r++)
                in[c->repeat_to[r]] += c->repeats[r] * blank[c->source[r]];
        }
        VF total = {0};
        for (int32_t k = 0; k < c->blocks; k++)
            for (int32_t i = 0; i < width; i += LANES) {
                const size_t s = (size_t)k * width + i;
                const VF e = NAME(without_traces)((NAME(load)(label + s) + NAME(load)(in + s))
                                                  * (NAME(load)(spoken + i) * scale));
                const VF b = NAME(without_traces)(NAME(load)(both + s) * (y_blank * scale));
                NAME(store)(label + s, e);
                NAME(store)(kept + s, e);
                NAME(store)(blank + s, b);
                NAME(store)(both + s, e + b);
                total += e + b;
            }
        sum = NAME(sum_of_lanes)(total);
        if (!(sum > 0)) return;
    }
    double total = 0;
    for (int32_t i = 0; i < states; i++) total += (double)both[i] * c->ends[i];
    c->total = total;
    c->total_exponent = exponent;
}

static void NAME(crf_backward)(const utter_crf *c) {
    const int32_t width = c->width, states = c->blocks * width;
    float *const label = STATES(c, 0), *const blank = STATES(c, 1), *const next = STATES(c, 2);
    float *const out = STATES(c, 4), *const spoken = out + c->first_row[c->blocks], *const share = spoken + width;
    for (int32_t i = 0; i < states; i++) label[i] = blank[i] = c->ends[i];
    int32_t exponent = 0;
    for (int32_t t = c->frames - 1; t >= 0; t--) {
        float *const y = c->outputs + (size_t)t * width;
        const float *const kept = c->history + (size_t)t * c->history_stride;
        const float y_blank = NAME(spoken)(c, y, spoken);
        // The share of all paths that are at a class: the labels', over all blocks; what is left is the blank's.
        VF sums = {0};
        for (int32_t i = 0; i < width; i += LANES) {
            VF sum = {0};
            for (int32_t k = 0; k < c->blocks; k++) {
                const size_t s = (size_t)k * width + i;
                sum += NAME(load)(kept + s) * NAME(load)(label + s);
                sums += NAME(load)(label + s) + NAME(load)(blank + s);
            }
            NAME(store)(share + i, sum);
        }
        // Bounded, since a share that is 0 stays 0 however far forwards and backwards are apart.
        const double factor = fmin(ldexp(1 / c->total, c->total_exponent - c->exponents[t] - exponent), 1e300);
        double spoken_share = 0;
        for (int32_t i = 0; i < c->classes; i++) {
            const double part = i == c->blank ? 0 : share[i] * factor;
            spoken_share += part;
            y[i] = (float)part - y[i];
        }
        y[c->blank] += (float)(1 - spoken_share);
        if (t == 0) return;

        const int32_t shift = NAME(shift_to)(NAME(sum_of_lanes)(sums), 0);
        const float scale = ldexpf(1, shift);
        exponent += shift;
        for (int32_t k = 0; k < c->blocks; k++)
            for (int32_t i = 0; i < width; i += LANES) {
                const size_t s = (size_t)k * width + i;
                const VF e = NAME(without_traces)(NAME(load)(label + s) * (NAME(load)(spoken + i) * scale));
                const VF b = NAME(without_traces)(NAME(load)(blank + s) * (y_blank * scale));
                NAME(store)(next + s, e);
                NAME(store)(label + s, e + b);
                NAME(store)(blank + s, b);
            }
        for (int32_t k = 0; k < c->blocks; k++) {
            const int32_t first = c->first_row[k];
            NAME(weigh_rows)(next + (size_t)k * width, c->identity, c->classes, c->transposed + (size_t)first * c->classes,
                             c->first_row[k + 1] - first, out + first);
            for (int32_t r = first; r < first + c->row_count[k]; r++) {
                label[c->source[r]] += out[r];
                blank[c->source[r]] += out[r] + c->repeats[r] * next[c->repeat_to[r]];
            }
        }
    }
}

#undef CRF_NONE
#undef STATES
