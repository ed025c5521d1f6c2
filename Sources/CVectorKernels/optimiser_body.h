// The optimiser's passes over all weights. Included by kernels_body.h.

// Each element by itself: a tensor may be cut anywhere. In one pass, since what is slow is the memory.
INLINE void NAME(adam_part)(const utter_adam *s, float *p, const float *gradient, float *mean, float *square,
                            float *largest, int count) {
    const VF weights = NAME(load_part)(p, count);
    const VF g = NAME(load_part)(gradient, count) * s->share + weights * s->pull;
    const VF m = NAME(load_part)(mean, count) * s->mean_keep + g * s->mean_take;
    const VF v = NAME(load_part)(square, count) * s->square_keep + g * g * s->square_take;
    NAME(store_part)(mean, m, count);
    NAME(store_part)(square, v, count);
    VF bound = v;
    if (largest) {
        bound = __builtin_elementwise_max(NAME(load_part)(largest, count), v);
        NAME(store_part)(largest, bound, count);
    }
    const VF step = m * s->step_size / (__builtin_elementwise_sqrt(bound) * s->root_scale + s->epsilon);
    NAME(store_part)(p, weights * s->keep - step, count);
}

static void NAME(adam)(const utter_adam *s, float *restrict p, const float *restrict gradient, float *restrict mean,
                       float *restrict square, float *restrict largest, size_t n) {
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        NAME(adam_part)(s, p + i, gradient + i, mean + i, square + i, largest ? largest + i : NULL, LANES);
    if (i < n)
        NAME(adam_part)(s, p + i, gradient + i, mean + i, square + i, largest ? largest + i : NULL, (int)(n - i));
}

static double NAME(squares)(const float *x, size_t n) {
    typedef double vd __attribute__((vector_size(8 * LANES)));
    // Two sums, which need not wait for each other.
    vd total[2] = {{0}, {0}};
    size_t i = 0;
    for (; i + 2 * LANES <= n; i += 2 * LANES)
        UNROLL for (int u = 0; u < 2; u++) {
            const vd d = __builtin_convertvector(NAME(load)(x + i + u * LANES), vd);
            total[u] += d * d;
        }
    double result = 0;
    for (int l = 0; l < LANES; l++) result += total[0][l] + total[1][l];
    for (; i < n; i++) result += (double)x[i] * x[i];
    return result;
}
