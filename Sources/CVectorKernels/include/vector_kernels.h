// The vector kernels of Utter: the few loops that Swift's baseline (SSE2 on x86-64) would make slow.
//
// Each kernel is written once, in kernels_body.h, and compiled for several instruction sets; a table of function pointers
// per set is chosen at run time, so that one binary runs everywhere and no build needs flags of its own.
// All matrices are row-major float32. No kernel allocates, keeps state, or reads past what its comment names.
#ifndef UTTER_VECTOR_KERNELS_H
#define UTTER_VECTOR_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "ctc_kernels.h"

/// The recurrent cells. The order of gates is PyTorch's: LSTM i f g o, GRU r z n, one gate for the plain cells.
typedef enum {
    UTTER_CELL_TANH = 0,
    UTTER_CELL_RELU = 1,
    UTTER_CELL_GRU = 2,
    UTTER_CELL_LSTM = 3
} utter_cell;

/// One time step of one direction of a recurrent layer, for the first `rows` sequences of a batch.
///
/// B is the number of rows, H the hidden size, G the gates of the cell, L the lanes of the kernel table and
/// N = ceil(H / L) the number of blocks of hidden units. "Block order" is [N][G][L]: the gates of L neighbouring units
/// lie together, so that a block of units is finished, activations and all, while its sums are still in registers.
typedef struct {
    utter_cell cell;
    int32_t hidden;             ///< H
    int32_t rows;               ///< B
    int32_t weights_are_half;   ///< 1: `weights` holds float16, which must represent the weights exactly
    int32_t descending;         ///< 1: visit the blocks from the last to the first (see recurrent_step)
    const void *weights;        ///< [N][H][G][L]: the recurrent weights, packed once; rows beyond H are zero
    const float *bias;          ///< block order: b_ih + b_hh, but for the GRU's gate n b_ih alone
    const float *new_gate_bias; ///< GRU: [N][L], b_hh of the gate n, inside the reset product; else NULL
    const float *projected;     ///< [B][projected_stride], each row in block order: W_ih x
    size_t projected_stride;    ///< at least N G L
    const float *previous;      ///< [B][H]: h at the step before
    float *next;                ///< [B][H]: h at this step; must not overlap `previous`
    float *cell_state;          ///< LSTM: [B][H], updated in place; else NULL
    float *output;              ///< [B][output_stride]: a second copy of h, where the next layer reads it
    size_t output_stride;       ///< at least H
} utter_recurrent_step;

/// The kernels for one instruction set.
typedef struct {
    const char *name;             ///< "avx512", "avx2", "baseline"
    int32_t lanes;                ///< floats in a vector: L
    int32_t converts_half;        ///< 1: float16 weights are read at full speed

    /// See utter_recurrent_step.
    void (*recurrent_step)(const utter_recurrent_step *step);

    /// out[i] = (x[i] - mean - preemphasis * (x[i-1] - mean)) * window[i], with x[-1] taken as x[0]. n values each.
    void (*window_frame)(const float *x, const float *window, int32_t n, float mean, float preemphasis, float *out);

    /// Sum of x[i].
    float (*sum)(const float *x, int32_t n);

    /// Sum of (x[i] - mean)^2.
    float (*sum_of_squares)(const float *x, int32_t n, float mean);

    /// |X[k]|^2 for k = 0 ... n/2 of a real signal of n samples (n divisible by 4), from the complex transform Z of n/2
    /// points of the same memory read as complex numbers (re, im interleaved), and cos, sin of 2 pi k / n, k < n/4.
    void (*power_spectrum)(const float *z, const float *cosine, const float *sine, int32_t n, float *power);

    /// out[r][g L + l] = sum over k in [ranges[2g], ranges[2g+1]) of x[r][k] W_g[k - ranges[2g]][l], for g < groups.
    /// `weights` holds W_0, W_1, ... one after the other. out_stride is at least groups L.
    void (*banded_product)(const float *x, size_t x_stride, int32_t rows, const float *weights, const int32_t *ranges,
                           int32_t groups, float *out, size_t out_stride);

    /// x[i] = ln(max(x[i], floor)); n is a multiple of the lanes, floor > 0 and normal.
    void (*log_floored)(float *x, int32_t n, float floor);

    /// Each row becomes its log-softmax. In place; any number of columns.
    void (*log_softmax)(float *x, size_t rows, size_t columns);

    /// The CTC lattice forwards; with a gradient, its rows become scale times the softmax. Fills the last members.
    void (*ctc_forward)(utter_ctc *ctc);

    /// Then backwards: from the gradient it takes scale times each class's share of the paths. The total must be above 0.
    void (*ctc_backward)(const utter_ctc *ctc);
} utter_kernels;

/// The tables that this processor can run, best first; their number is returned through `count`.
const utter_kernels *const *utter_kernels_available(int32_t *count);

/// Packs recurrent weights [G H][H] (PyTorch's layout) into [N][H][G][L] (see utter_recurrent_step) as float32.
void utter_pack_recurrent(const float *weights, int32_t gates, int32_t hidden, int32_t lanes, float *packed);

/// The same as float16. Returns 1 if every weight was represented exactly, else 0 and `packed` must not be used.
int utter_pack_recurrent_half(const float *weights, int32_t gates, int32_t hidden, int32_t lanes, uint16_t *packed);

#endif
