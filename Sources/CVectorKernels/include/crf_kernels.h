// The sum over all label sequences that an n-gram of labels weighs, for CTC-CRF: see crf_body.h for the arithmetic.
#ifndef UTTER_CRF_KERNELS_H
#define UTTER_CRF_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/// One utterance of T frames and C classes, and a graph of K blocks. W is C rounded up to the lanes of the kernel table.
/// State k W + c is block k (what came before) with the last label c; there are S = K W, of which some are never reached.
/// The states whose successors lie in block k are group k: their rows are [first_row[k], first_row[k] + row_count[k]).
/// first_row is a multiple of the lanes, and first_row[K] is R.
typedef struct {
    int32_t frames;              ///< T, at least 1
    int32_t classes;             ///< C
    int32_t blank;               ///< its column ends the text; state `blank` of block 0 begins it
    int32_t width;               ///< W
    int32_t blocks;              ///< K
    const int32_t *first_row;    ///< [K + 1]
    const int32_t *row_count;    ///< [K]
    const int32_t *source;       ///< [R]: the state of a row
    const int32_t *identity;     ///< [C]: 0 ... C - 1
    const float *arcs;           ///< [R][W]: probabilities of the next label; 0 for the state's own label, blank, padding
    const float *transposed;     ///< the same, [C][rows with padding] for each group, from first_row[k] C on
    const float *repeats;        ///< [R]: probability of the state's own label once more
    const int32_t *repeat_to;    ///< [R]: the state that this leads to
    const float *ends;           ///< [S]: probability that the text ends
    const float *logits;         ///< the row of frame t begins at logits + offsets[t]
    const size_t *offsets;       ///< [T]
    float *working;              ///< [4 S + R + 2 W]: scratch
    float *outputs;              ///< [T][W]: softmax of the logits; backwards: each class's share of all paths minus that
    float *history;              ///< [T][S], or [1][S] if history_stride is 0 and no backward pass follows
    size_t history_stride;       ///< S, or 0
    int32_t *exponents;          ///< [T]
    // What the forward pass finds: the sum over all paths is total x 2^-total_exponent.
    double total;                ///< 0 where no path has a probability above 0
    int32_t total_exponent;
} utter_crf;

#endif
