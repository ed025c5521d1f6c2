// One time step of backpropagation through a recurrent layer. Included by kernels_body.h after recurrent_body.h.

INLINE void NAME(add_part)(float *p, VF v, int count) {
    NAME(store_part)(p, NAME(load_part)(p, count) + v, count);
}

// From the gradient of h to that of the gates before their activations. With h = o tanh(c), c = f c' + i g (LSTM) or
// h = (1 - z) n + z h', n = tanh(a_n + r u_n) (GRU); s' = s (1 - s) and tanh' = 1 - tanh^2, from the saved values.
static void NAME(gate_gradients)(const utter_gate_gradients *s) {
    const int32_t H = s->hidden;
    for (int32_t row = 0; row < s->rows; row++) {
        float *gates = s->gates + (size_t)row * s->gates_stride;
        const float *dy = s->output_gradient + (size_t)row * s->output_gradient_stride;
        for (int32_t unit = 0; unit < H; unit += LANES) {
            const int count = H - unit < LANES ? H - unit : LANES;
            const size_t at = (size_t)row * H + unit;
            float *q = gates + unit, *sums = s->bias_gradient + unit;
            const VF dh = NAME(load_part)(s->hidden_gradient + at, count) + NAME(load_part)(dy + unit, count);
            VF d[4];
            int slots = 4;
            if (s->cell == UTTER_CELL_LSTM) {
                const VF i = NAME(load_part)(q, count), f = NAME(load_part)(q + H, count);
                const VF g = NAME(load_part)(q + (size_t)2 * H, count), o = NAME(load_part)(q + (size_t)3 * H, count);
                const VF squashed = NAME(tanh)(NAME(load_part)(s->cells + at, count));
                const VF dc = NAME(load_part)(s->cell_gradient + at, count) + dh * o * (1.0f - squashed * squashed);
                d[0] = dc * g * i * (1.0f - i);
                d[1] = dc * NAME(load_part)(s->previous_cells + at, count) * f * (1.0f - f);
                d[2] = dc * i * (1.0f - g * g);
                d[3] = dh * squashed * o * (1.0f - o);
                NAME(store_part)(s->cell_gradient + at, dc * f, count);
            } else if (s->cell == UTTER_CELL_GRU) {
                const VF u = NAME(load_part)(q, count), r = NAME(load_part)(q + H, count);
                const VF z = NAME(load_part)(q + (size_t)2 * H, count), n = NAME(load_part)(q + (size_t)3 * H, count);
                const VF previous = NAME(load_part)(s->previous + (size_t)row * s->previous_stride + unit, count);
                d[3] = dh * (1.0f - z) * (1.0f - n * n);
                d[2] = dh * (previous - n) * z * (1.0f - z);
                d[1] = d[3] * u * r * (1.0f - r);
                d[0] = d[3] * r;
                NAME(store_part)(s->hidden_gradient + at, dh * z, count);
            } else {
                const VF h = NAME(load_part)(q, count);
                // Of ReLU at 0, the slope is 0, as PyTorch has it.
                d[0] = s->cell == UTTER_CELL_TANH ? dh * (1.0f - h * h) : (VF)((VI)dh & (h > (VF){0}));
                slots = 1;
            }
            for (int g = 0; g < slots; g++) {
                NAME(store_part)(q + (size_t)g * H, d[g], count);
                NAME(add_part)(sums + (size_t)g * H, d[g], count);
            }
        }
    }
}

// W^T d for G vectors of units and R rows.
INLINE void NAME(backward_panel)(const utter_recurrent_backward *s, int32_t unit, int32_t row, const int G, const int R) {
    const int32_t H = s->hidden;
    VF sums[6][4];
    NAME(packed_sums)(s->weights, (size_t)unit * s->depth, s->gates + (size_t)row * s->gates_stride, s->gates_stride,
                      s->depth, G, R, 0, sums);
    UNROLL for (int r = 0; r < R; r++)
        UNROLL for (int g = 0; g < G; g++) {
            const int32_t first = unit + g * LANES;
            const int count = H - first < LANES ? H - first : LANES;
            float *dh = s->hidden_gradient + (size_t)(row + r) * H + first;
            if (s->adds) {
                NAME(add_part)(dh, sums[r][g], count);
            } else {
                NAME(store_part)(dh, sums[r][g], count);
            }
        }
}

static void NAME(recurrent_backward)(const utter_recurrent_backward *s) {
    const int32_t vectors = (s->hidden + LANES - 1) / LANES;
    const int32_t wide = vectors / 4, panels = wide + vectors % 4;
    for (int32_t p = 0; p < panels; p++) {
        const int32_t panel = s->descending ? panels - 1 - p : p;  // as in recurrent_blocks
        if (panel < wide) {
            const int32_t unit = panel * 4 * LANES;
#define CALL(R) NAME(backward_panel)(s, unit, row, 4, R)
            FOR_ROWS_IN_GROUPS(s->rows, CALL)
#undef CALL
        } else {
            const int32_t unit = (panel + 3 * wide) * LANES;
#define CALL(R) NAME(backward_panel)(s, unit, row, 1, R)
            FOR_ROWS_IN_GROUPS(s->rows, CALL)
#undef CALL
        }
    }
}

#undef FOR_ROWS_IN_GROUPS
#undef MORE_ROWS
