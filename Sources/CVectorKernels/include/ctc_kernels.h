// Forward-backward for connectionist temporal classification: see ctc_body.h for the arithmetic.
#ifndef UTTER_CTC_KERNELS_H
#define UTTER_CTC_KERNELS_H

#include <stddef.h>
#include <stdint.h>

enum {
    UTTER_CTC_NOTHING = -134217728,  ///< below this exponent, -2^27, a probability counts as none: e^-9e7
    UTTER_CTC_ZERO = -536870912      ///< the exponent that stands for 0, -2^29: its distance from any other is an int32
};

/// One utterance: T frames, C classes, L target labels l_1 ... l_L. The lattice has L + 1 blanks b_0 ... b_L and the
/// labels, with b_j after l_j. N is L + 1 rounded up to the lanes of the kernel table.
typedef struct {
    int32_t frames;           ///< T, at least 1
    int32_t classes;          ///< C
    int32_t labels;           ///< L
    int32_t width;            ///< N
    const float *logits;      ///< the row of frame t begins at logits + offsets[t]
    const size_t *offsets;    ///< [T]
    const int32_t *class_of;  ///< [N]: the blank, then the labels; what follows is not read
    const int32_t *skip;      ///< [N + 1]: 0 where the path may go from l_{j-1} to l_j without a blank, else UTTER_CTC_ZERO
    float *working;           ///< [5][N + 2 lanes]: scratch
    float *history;           ///< [T][6][N], or [1][6][N] if history_stride is 0 and no backward pass follows
    size_t history_stride;    ///< 6 N, or 0
    float *gradient;          ///< as `logits`, which it may be; NULL: no gradient is wanted
    float scale;              ///< of the gradient
    // What the forward pass finds. P = total x 2^total_exponent / e^log_normaliser.
    float total;              ///< in [1, 2)
    int32_t total_exponent;
    double log_normaliser;    ///< NaN where a logit was NaN or +inf, or all of a frame were -inf
} utter_ctc;

#endif
