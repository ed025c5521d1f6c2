// The vector kernels of Utter: the few loops that Swift's baseline (SSE2 on x86-64) would make slow.
//
// Each kernel is written once, in kernels_body.h, and compiled for several instruction sets; a table of function pointers
// per set is chosen at run time, so that one binary runs everywhere and no build needs flags of its own.
// All matrices are row-major float32. No kernel allocates, keeps state, or reads past what its comment names.
#ifndef UTTER_VECTOR_KERNELS_H
#define UTTER_VECTOR_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "bfloat16_kernels.h"
#include "crf_kernels.h"
#include "ctc_kernels.h"
#include "optimiser_kernels.h"
#include "recurrent_kernels.h"

/// The kernels for one instruction set.
typedef struct {
    const char *name;             ///< "avx512", "avx2", "baseline"
    int32_t lanes;                ///< floats in a vector: L
    int32_t converts_half;        ///< 1: float16 weights are read at full speed

    /// See utter_recurrent_step.
    void (*recurrent_step)(const utter_recurrent_step *step);

    /// The same for training: the projected inputs are read from `gates` and replaced by what the backward pass needs.
    void (*recurrent_step_training)(const utter_recurrent_step *step);

    /// See utter_gate_gradients.
    void (*gate_gradients)(const utter_gate_gradients *gradients);

    /// See utter_recurrent_backward.
    void (*recurrent_backward)(const utter_recurrent_backward *backward);

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

    /// The paths of all label sequences forwards: softmax and history of each frame, then the last members.
    void (*crf_forward)(utter_crf *crf);

    /// Then backwards: `outputs` becomes each class's share of the paths minus its softmax. The total must be above 0.
    void (*crf_backward)(const utter_crf *crf);

    /// See utter_adam. `largest` is the largest v that there was (AMSGrad), whose root is taken then; else NULL.
    void (*adam)(const utter_adam *step, float *p, const float *gradient, float *mean, float *square, float *largest,
                 size_t n);

    /// The sum of x[i]^2, in double precision.
    double (*squares)(const float *x, size_t n);
} utter_kernels;

/// The tables that this processor can run, best first; their number is returned through `count`.
const utter_kernels *const *utter_kernels_available(int32_t *count);

#endif
