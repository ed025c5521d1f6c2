// One time step of a recurrent layer. Included by kernels_body.h.

INLINE VF NAME(load_weight)(const void *weights, size_t index, int half) {
#if HALF_WEIGHTS
    typedef _Float16 vh __attribute__((vector_size(2 * LANES), aligned(2)));
    if (half) return __builtin_convertvector(*(const vh *)((const uint16_t *)weights + index), VF);
#endif
    (void)half;
    return NAME(load)((const float *)weights + index);
}

// a[r][g] = the sum over k < depth of h[r][k] W[k][g], for R rows of h and G vectors; W begins at weights[base]. G, R and
// half are constants where this is inlined; arrays have constant bounds so that the compiler keeps what is used of them
// in registers.
INLINE void NAME(packed_sums)(const void *weights, size_t base, const float *h, size_t stride, int32_t depth, const int G,
                              const int R, const int half, VF a[6][4]) {
#if SPLIT_HALF
    // One row of float16 weights: nothing amortises the conversion, and two of 256 bits are faster than one of 512.
    if (half && R == 1) {
        typedef _Float16 vh __attribute__((vector_size(LANES), aligned(2)));
        typedef float vn __attribute__((vector_size(2 * LANES)));
        vn part[2][4][2];
        UNROLL for (int i = 0; i < 16; i++) part[i / 8][i / 2 % 4][i % 2] = (vn){0};
        const uint16_t *w = (const uint16_t *)weights + base;
        int32_t k = 0;
        for (; k + 2 <= depth; k += 2, w += 2 * G * LANES) {
            UNROLL for (int i = 0; i < 4 * G; i++)
                part[i / (2 * G)][i / 2 % G][i % 2] +=
                    __builtin_convertvector(*(const vh *)(w + i * LANES / 2), vn) * h[k + i / (2 * G)];
        }
        if (k < depth)
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
    for (; k + sets <= depth; k += sets) {
        UNROLL for (int u = 0; u < sets; u++) {
            VF w[4];
            UNROLL for (int g = 0; g < G; g++)
                w[g] = NAME(load_weight)(weights, base + ((size_t)(k + u) * G + g) * LANES, half);
            UNROLL for (int r = 0; r < R; r++) {
                VF x = NAME(splat)(h[(size_t)r * stride + k + u]);
                UNROLL for (int g = 0; g < G; g++) sum[u][r][g] += w[g] * x;
            }
        }
    }
    for (; k < depth; k++)
        UNROLL for (int g = 0; g < G; g++) {
            VF w = NAME(load_weight)(weights, base + ((size_t)k * G + g) * LANES, half);
            UNROLL for (int r = 0; r < R; r++) sum[0][r][g] += w * h[(size_t)r * stride + k];
        }
    UNROLL for (int r = 0; r < R; r++)
        UNROLL for (int g = 0; g < G; g++) a[r][g] = sets == 2 ? sum[0][r][g] + sum[1][r][g] : sum[0][r][g];
}

// The sums, then the cell, of one block of units for R rows. In training the projected inputs lie in the order of
// `gates`, and what the cell made of them is kept there for the backward pass.
INLINE void NAME(recurrent_block)(const utter_recurrent_step *s, int32_t block, int32_t row, const int G, const int R,
                                  const int half, const int training) {
    const int32_t H = s->hidden;
    VF sums[6][4];
    NAME(packed_sums)(s->weights, (size_t)block * H * G * LANES, s->multiplied + (size_t)row * H, H, H, G, R, half,
                      sums);
    const int32_t unit = block * LANES;
    const int count = H - unit < LANES ? H - unit : LANES;
    const float *bias = s->bias + (size_t)block * G * LANES;
    UNROLL for (int r = 0; r < R; r++) {
        const float *p = s->projected + (size_t)(row + r) * s->projected_stride + (size_t)block * G * LANES;
        float *q = NULL;
        if (training) q = s->gates + (size_t)(row + r) * s->projected_stride + unit + (G == 3 ? H : 0);
        const size_t at = (size_t)(row + r) * H + unit;
        VF a[4], x[4], out;
        UNROLL for (int g = 0; g < G; g++) {
            a[g] = sums[r][g];
            x[g] = NAME(load)(bias + g * LANES)
                + (training ? NAME(load_part)(q + (size_t)g * H, count) : NAME(load)(p + g * LANES));
            // Of the next block: the rows are too far apart to be guessed.
            __builtin_prefetch(training ? q + (size_t)g * H + LANES : p + (G + g) * LANES);
        }
        if (s->cell == UTTER_CELL_LSTM) {
            VF i = NAME(sigmoid)(a[0] + x[0]), f = NAME(sigmoid)(a[1] + x[1]);
            VF g = NAME(tanh)(a[2] + x[2]), o = NAME(sigmoid)(a[3] + x[3]);
            VF c = f * NAME(load_part)(s->cell_state + at, count) + i * g;
            NAME(store_part)(s->cell_state + at, c, count);
            out = o * NAME(tanh)(c);
            if (training) {
                NAME(store_part)(q, i, count);
                NAME(store_part)(q + (size_t)H, f, count);
                NAME(store_part)(q + (size_t)2 * H, g, count);
                NAME(store_part)(q + (size_t)3 * H, o, count);
                NAME(store_part)(s->cells + at, c, count);
            }
        } else if (s->cell == UTTER_CELL_GRU) {
            VF reset = NAME(sigmoid)(a[0] + x[0]), update = NAME(sigmoid)(a[1] + x[1]);
            VF new_sum = a[2] + NAME(load)(s->new_gate_bias + unit);
            VF new = NAME(tanh)(x[2] + reset * new_sum);
            out = new + update * (NAME(load_part)(s->previous + at, count) - new);
            if (training) {
                NAME(store_part)(q - (size_t)H, new_sum, count);
                NAME(store_part)(q, reset, count);
                NAME(store_part)(q + (size_t)H, update, count);
                NAME(store_part)(q + (size_t)2 * H, new, count);
            }
        } else {
            if (s->cell == UTTER_CELL_TANH) {
                out = NAME(tanh)(a[0] + x[0]);
            } else {
                out = __builtin_elementwise_max(a[0] + x[0], (VF){0});
            }
            if (training) NAME(store_part)(q, out, count);
        }
        NAME(store_part)(s->next + at, out, count);
        NAME(store_part)(s->output + (size_t)(row + r) * s->output_stride + unit, out, count);
    }
}

// Rows in groups of like size: 16 rows by 6 are 6, 5, 5, not 6, 6, 4. CALL(R) is given a constant R, and reads `row`.
#if ROWS > 2
#define MORE_ROWS(CALL)                                                                                                \
    case 3: CALL(3); break;                                                                                            \
    case 4: CALL(4); break;                                                                                            \
    case 5: CALL(5); break;                                                                                            \
    case 6: CALL(6); break;
#else
#define MORE_ROWS(CALL)
#endif
#define FOR_ROWS_IN_GROUPS(ROW_COUNT, CALL)                                                                            \
    for (int32_t row = 0, groups = ((ROW_COUNT) + ROWS - 1) / ROWS; groups > 0; groups--) {                            \
        const int32_t group = ((ROW_COUNT) - row + groups - 1) / groups;                                               \
        switch (group) {                                                                                               \
        case 1: CALL(1); break;                                                                                        \
        default: CALL(2); break;                                                                                       \
            MORE_ROWS(CALL)                                                                                            \
        }                                                                                                              \
        row += group;                                                                                                  \
    }

INLINE void NAME(recurrent_blocks)(const utter_recurrent_step *s, const int G, const int half, const int training) {
    // Weights larger than the cache would be evicted just before they are needed again if every step went the same
    // way; going back and forth finds the half that was used last still there.
    const int32_t blocks = (s->hidden + LANES - 1) / LANES;
    for (int32_t b = 0; b < blocks; b++) {
        const int32_t block = s->descending ? blocks - 1 - b : b;
#define CALL(R) NAME(recurrent_block)(s, block, row, G, R, half, training)
        FOR_ROWS_IN_GROUPS(s->rows, CALL)
#undef CALL
    }
}

static void NAME(recurrent_step)(const utter_recurrent_step *s) {
    const int half = HALF_WEIGHTS && s->weights_are_half;
    switch (s->cell) {
    case UTTER_CELL_LSTM: half ? NAME(recurrent_blocks)(s, 4, 1, 0) : NAME(recurrent_blocks)(s, 4, 0, 0); break;
    case UTTER_CELL_GRU: half ? NAME(recurrent_blocks)(s, 3, 1, 0) : NAME(recurrent_blocks)(s, 3, 0, 0); break;
    default: half ? NAME(recurrent_blocks)(s, 1, 1, 0) : NAME(recurrent_blocks)(s, 1, 0, 0); break;
    }
}

static void NAME(recurrent_step_training)(const utter_recurrent_step *s) {
    const int half = HALF_WEIGHTS && s->weights_are_half;
    switch (s->cell) {
    case UTTER_CELL_LSTM: half ? NAME(recurrent_blocks)(s, 4, 1, 1) : NAME(recurrent_blocks)(s, 4, 0, 1); break;
    case UTTER_CELL_GRU: half ? NAME(recurrent_blocks)(s, 3, 1, 1) : NAME(recurrent_blocks)(s, 3, 0, 1); break;
    default: half ? NAME(recurrent_blocks)(s, 1, 1, 1) : NAME(recurrent_blocks)(s, 1, 0, 1); break;
    }
}

