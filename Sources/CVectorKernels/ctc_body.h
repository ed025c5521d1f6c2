// Forward-backward for CTC (Graves et al. 2006, section 4.1). Included by kernels_body.h for each instruction set.
//
// A probability is a pair m 2^e, m a float in [1, 2) and e an integer of its own for each state, so that nothing
// underflows however long the utterance: T = 10 000 frames of improbable labels are no harder than one. The sums need
// neither exp nor log, and each rounds once, where sums in log space lose digits as the logarithms grow.
//
// Blanks and labels lie in two arrays, so that every neighbour is one load away:
//   a_t(b_j) = y_t(blank) (a(b_j) + a(l_j))
//   a_t(l_j) = y_t(l_j) (a(l_j) + a(b_{j-1}) + a(l_{j-1}) where l_{j-1} differs from l_j),    a = a_{t-1}
// and backwards, with u = b_{t+1} y_{t+1}, b_t the probability of all that follows frame t:
//   b_t(b_j) = u(b_j) + u(l_{j+1}),    b_t(l_j) = u(l_j) + u(b_j) + u(l_{j+1}) where they differ.
// Before the first frame only b_0, after the last only b_L has probability 1. Of y only e^(x - max) is taken: the sum
// over the classes is the same factor for every path.

#define FLOOR UTTER_CTC_ZERO
#define IMPOSSIBLE (-(1 << 28))  // the exponent of a class with the logit -inf: its sum with FLOOR does not wrap either

// 2^e for e up to 127; 0 below -126.
INLINE VF NAME(power_of_two)(VI e) {
    return (VF)(__builtin_elementwise_max(e + 127, (VI){0}) << 23);
}

// The parts of e^x. Below -2e6, where the rounding trick of exp ends, it is taken for 0.
INLINE void NAME(exp_pair)(VF x, float *m, float *e) {
    const VI none = x < NAME(splat)(-2e6f);
    VI n;
    NAME(store)(m, NAME(exp_split)(__builtin_elementwise_max(x, NAME(splat)(-2e6f)), &n));
    NAME(store)(e, (VF)((n & ~none) | (none & IMPOSSIBLE)));
}

// m 2^e with m back in [1, 2).
INLINE void NAME(store_pair)(VF m, VI e, float *to_m, float *to_e, VF *kept_m, VI *kept_e) {
    const VI bits = (VI)m;
    *kept_m = (VF)((bits & 0x007fffff) | 0x3f800000);
    *kept_e = __builtin_elementwise_max(e + ((bits >> 23) - 127), (VI){0} + FLOOR);
    NAME(store)(to_m, *kept_m);
    NAME(store)(to_e, (VF)*kept_e);
}

INLINE VF NAME(load_tail)(const float *p, int count, float fill) {
    float lanes[LANES];
    for (int i = 0; i < LANES; i++) lanes[i] = fill;
    for (int i = 0; i < count; i++) lanes[i] = p[i];
    return NAME(load)(lanes);
}

INLINE float NAME(sum_of_lanes)(VF v) {
    float lanes[LANES];
    NAME(store)(lanes, v);
    UNROLL for (int half = LANES / 2; half > 0; half /= 2)
        UNROLL for (int i = 0; i < half; i++) lanes[i] += lanes[i + half];
    return lanes[0];
}

INLINE float NAME(largest_of_lanes)(VF v) {
    float lanes[LANES];
    NAME(store)(lanes, v);
    UNROLL for (int half = LANES / 2; half > 0; half /= 2)
        UNROLL for (int i = 0; i < half; i++) lanes[i] = lanes[i] > lanes[i + half] ? lanes[i] : lanes[i + half];
    return lanes[0];
}

INLINE float NAME(largest)(const float *x, int32_t n) {
    VF a = NAME(splat)(-INFINITY), b = a;
    int32_t i = 0;
    for (; i + 2 * LANES <= n; i += 2 * LANES) {
        a = __builtin_elementwise_max(a, NAME(load)(x + i));
        b = __builtin_elementwise_max(b, NAME(load)(x + i + LANES));
    }
    for (; i + LANES <= n; i += LANES) a = __builtin_elementwise_max(a, NAME(load)(x + i));
    if (i < n) b = __builtin_elementwise_max(b, NAME(load_tail)(x + i, n - i, -INFINITY));
    return NAME(largest_of_lanes)(__builtin_elementwise_max(a, b));
}

// The sum of e^(x - largest); NaN where a value is NaN, which exp would hide, or where `largest` is not finite. If `out`
// is given it becomes scale times the softmax; it may be x. Meanwhile the row `next` is fetched: where the utterances of
// a batch lie side by side it is too far from x to be guessed.
INLINE float NAME(softmax_row)(const float *x, int32_t n, float largest, float scale, float *out, const float *next) {
    VF sum = {0};
    VI unordered = {0};
    const int32_t whole = n / LANES * LANES;
    for (int32_t i = 0; i < whole; i += LANES) {
        const VF v = NAME(load)(x + i);
        const VF e = NAME(exp)(v - largest);
        if (i % 16 == 0) __builtin_prefetch(next + i);
        unordered |= v != v;
        sum += e;
        if (out) NAME(store)(out + i, e);
    }
    if (whole < n) {
        const VF v = NAME(load_tail)(x + whole, n - whole, -INFINITY);
        const VF e = NAME(exp)(v - largest);  // unused lanes add e^-87, nothing beside the largest
        unordered |= v != v;
        sum += e;
        if (out) NAME(store_part)(out + whole, e, n - whole);
    }
    float total = NAME(sum_of_lanes)(sum);
    if (!isfinite(largest) || NAME(sum_of_lanes)((VF)(unordered & 0x3f800000)) != 0) total = NAN;
    if (out) {
        const float factor = scale / total;
        int32_t i = 0;
        for (; i < whole; i += LANES) NAME(store)(out + i, NAME(load)(out + i) * factor);
        for (; i < n; i++) out[i] *= factor;
    }
    return total;
}

// The working arrays and those of a frame of the history: mantissas and exponents of blanks and labels.
#define BLANK_M 0
#define BLANK_E 1
#define LABEL_M 2
#define LABEL_E 3
#define Y_M 4
#define Y_E 5
#define WORKING(c, k) ((c)->working + (size_t)(k) * ((c)->width + 2 * LANES) + LANES)
#define HISTORY(c, t, k) ((c)->history + (size_t)(t) * (c)->history_stride + (size_t)(k) * (c)->width)

// No state has a probability, but for blank `start`, which has 1.
INLINE void NAME(start_states)(const utter_ctc *c, int32_t start) {
    for (int k = BLANK_M; k <= LABEL_E; k++) {
        const VF fill = k == BLANK_M || k == LABEL_M ? NAME(splat)(1.0f) : (VF)((VI){0} + FLOOR);
        for (int32_t j = -LANES; j < c->width + LANES; j += LANES) NAME(store)(WORKING(c, k) + j, fill);
    }
    WORKING(c, BLANK_E)[start] = 0;  // all bits zero: the integer 0
}

// The sum of pairs, in a common exponent; not yet back in [1, 2).
#define PAIR(array, j) NAME(load)(array##_m + (j)), (VI)NAME(load)(array##_e + (j))
INLINE VF NAME(add_pairs)(VF a_m, VI a_e, VF b_m, VI b_e, VI *e) {
    *e = __builtin_elementwise_max(a_e, b_e);
    return a_m * NAME(power_of_two)(a_e - *e) + b_m * NAME(power_of_two)(b_e - *e);
}
INLINE VF NAME(add_triple)(VF a_m, VI a_e, VF b_m, VI b_e, VF c_m, VI c_e, VI skip, VI *e) {
    c_e += skip;
    *e = __builtin_elementwise_max(__builtin_elementwise_max(a_e, b_e), c_e);
    return a_m * NAME(power_of_two)(a_e - *e) + b_m * NAME(power_of_two)(b_e - *e)
        + c_m * NAME(power_of_two)(c_e - *e);
}

typedef int32_t NAME(vi_unaligned) __attribute__((vector_size(4 * LANES), aligned(4)));
INLINE VI NAME(load_integers)(const int32_t *p) { return *(const NAME(vi_unaligned) *)p; }

static void NAME(ctc_forward)(utter_ctc *c) {
    float *const blank_m = WORKING(c, BLANK_M), *const blank_e = WORKING(c, BLANK_E);
    float *const label_m = WORKING(c, LABEL_M), *const label_e = WORKING(c, LABEL_E);
    float *const gathered = WORKING(c, 4);
    const int32_t *const class_of = c->class_of, states = c->labels + 1, width = c->width;
    NAME(start_states)(c, 0);
    for (int32_t j = states; j < width; j++) gathered[j] = -INFINITY;
    double product = 1, log_product = 0;
    for (int32_t t = 0; t < c->frames; t++) {
        const float *x = c->logits + c->offsets[t];
        for (int32_t j = 0; j < states; j++) gathered[j] = x[class_of[j]];  // first: the gradient may overwrite x
        const float largest = NAME(largest)(x, c->classes);
        product *= NAME(softmax_row)(x, c->classes, largest, c->scale, c->gradient ? c->gradient + c->offsets[t] : NULL,
                                     t + 1 < c->frames ? c->logits + c->offsets[t + 1] : x);
        if (t % 16 == 15) {  // 16 sums of at most C classes are far from the end of double's range
            log_product += log(product);
            product = 1;
        }
        float *const y_m = HISTORY(c, t, Y_M), *const y_e = HISTORY(c, t, Y_E);
        for (int32_t j = 0; j < width; j += LANES)
            NAME(exp_pair)(NAME(load)(gathered + j) - largest, y_m + j, y_e + j);
        const VF y_blank_m = NAME(splat)(y_m[0]);
        const VI y_blank_e = (VI){0} + ((VI)NAME(load)(y_e))[0];
        // From the last block to the first, in place: a block reads only what lies before it.
        for (int32_t j = width - LANES; j >= 0; j -= LANES) {
            VI e, e_kept;
            VF m = NAME(add_triple)(PAIR(label, j), PAIR(blank, j - 1), PAIR(label, j - 1),
                                    NAME(load_integers)(c->skip + j), &e);
            VI f;
            const VF n = NAME(add_pairs)(PAIR(blank, j), PAIR(label, j), &f);
            VF m_kept;
            NAME(store_pair)(m * NAME(load)(y_m + j), e + (VI)NAME(load)(y_e + j), label_m + j, label_e + j, &m_kept,
                             &e_kept);
            NAME(store)(HISTORY(c, t, LABEL_M) + j, m_kept);
            NAME(store)(HISTORY(c, t, LABEL_E) + j, (VF)e_kept);
            NAME(store_pair)(n * y_blank_m, f + y_blank_e, blank_m + j, blank_e + j, &m_kept, &e_kept);
            NAME(store)(HISTORY(c, t, BLANK_M) + j, m_kept);
            NAME(store)(HISTORY(c, t, BLANK_E) + j, (VF)e_kept);
        }
    }
    c->log_normaliser = log_product + log(product);
    // The last blank and the last label; without labels the second is l_0, which has no probability.
    VI e;
    const VF m = NAME(add_pairs)(PAIR(blank, c->labels), PAIR(label, c->labels), &e);
    c->total_exponent = e[0] + (m[0] >= 2);
    c->total = m[0] >= 2 ? m[0] / 2 : m[0];
}

static void NAME(ctc_backward)(const utter_ctc *c) {
    float *const blank_m = WORKING(c, BLANK_M), *const blank_e = WORKING(c, BLANK_E);
    float *const label_m = WORKING(c, LABEL_M), *const label_e = WORKING(c, LABEL_E);
    float *const posterior = WORKING(c, 4);
    const int32_t *const class_of = c->class_of, states = c->labels + 1, width = c->width;
    const VF factor = NAME(splat)(c->scale / c->total);
    NAME(start_states)(c, c->labels);
    for (int32_t t = c->frames - 1; t >= 0; t--) {
        const float *const y_m = HISTORY(c, t, Y_M), *const y_e = HISTORY(c, t, Y_E);
        const VF y_blank_m = NAME(splat)(y_m[0]);
        const VI y_blank_e = (VI){0} + ((VI)NAME(load)(y_e))[0];
        VF blanks = {0};
        // From the first block to the last, in place: a block reads only what lies after it.
        for (int32_t j = 0; j < width; j += LANES) {
            VI e, f;
            const VF m = NAME(add_triple)(PAIR(label, j), PAIR(blank, j), PAIR(label, j + 1),
                                          NAME(load_integers)(c->skip + j + 1), &e);
            const VF n = NAME(add_pairs)(PAIR(blank, j), PAIR(label, j + 1), &f);
            // The share of all paths that pass through the state: a_t b_t / P.
            const VI label_share = (VI)NAME(load)(HISTORY(c, t, LABEL_E) + j) + e - c->total_exponent;
            const VI blank_share = (VI)NAME(load)(HISTORY(c, t, BLANK_E) + j) + f - c->total_exponent;
            NAME(store)(posterior + j, NAME(load)(HISTORY(c, t, LABEL_M) + j) * m * factor
                            * NAME(power_of_two)(label_share));
            blanks += NAME(load)(HISTORY(c, t, BLANK_M) + j) * n * factor * NAME(power_of_two)(blank_share);
            VF unused_m;
            VI unused_e;
            NAME(store_pair)(m * NAME(load)(y_m + j), e + (VI)NAME(load)(y_e + j), label_m + j, label_e + j, &unused_m,
                             &unused_e);
            NAME(store_pair)(n * y_blank_m, f + y_blank_e, blank_m + j, blank_e + j, &unused_m, &unused_e);
        }
        float *const g = c->gradient + c->offsets[t];
        g[class_of[0]] -= NAME(sum_of_lanes)(blanks);
        for (int32_t j = 1; j < states; j++) g[class_of[j]] -= posterior[j];
    }
}

#undef FLOOR
#undef IMPOSSIBLE
#undef WORKING
#undef HISTORY
#undef PAIR
#undef BLANK_M
#undef BLANK_E
#undef LABEL_M
#undef LABEL_E
#undef Y_M
#undef Y_E
