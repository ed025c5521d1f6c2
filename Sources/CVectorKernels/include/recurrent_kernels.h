// Recurrent layers, forwards and backwards: see recurrent_body.h and recurrent_backward_body.h.
#ifndef UTTER_RECURRENT_KERNELS_H
#define UTTER_RECURRENT_KERNELS_H

#include <stddef.h>
#include <stdint.h>

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
    const float *multiplied;    ///< [B][H]: what W_hh multiplies: `previous`, or what dropout left of it
    float *next;                ///< [B][H]: h at this step; must not overlap `previous`
    float *cell_state;          ///< LSTM: [B][H], updated in place; else NULL
    float *output;              ///< [B][output_stride]: a second copy of h, where the next layer reads it
    size_t output_stride;       ///< at least H
    float *gates;               ///< training: [B][projected_stride], see utter_gate_gradients; else not read
    float *cells;               ///< training of an LSTM: [B][H], where c is kept; else not read
} utter_recurrent_step;

/// The gradient of the gates of one time step, for `rows` sequences.
///
/// In training a row of `gates` holds S = 1 (plain cells) or 4 values of each unit, all units of one, then all of the
/// next: h; LSTM: i f g o; GRU: u r z n with u = W_hn h + b_hn. Before the step, they are the projected inputs W_ih x
/// (GRU: in the last 3 H). Here they become the gradients of the sums before the activations; a GRU's first H are those
/// of u, so that the last 3 H belong to W_ih and the first 3 H to W_hh, gate n before r and z.
typedef struct {
    utter_cell cell;
    int32_t hidden;                 ///< H
    int32_t rows;                   ///< B
    float *gates;                   ///< [B][gates_stride], in place
    size_t gates_stride;            ///< at least S H
    const float *output_gradient;   ///< [B][output_gradient_stride]: of h, where the next layer left it
    size_t output_gradient_stride;  ///< at least H
    const float *cells;             ///< LSTM: [B][H], c of this step
    const float *previous_cells;    ///< LSTM: [B][H], c of the step before
    const float *previous;          ///< GRU: [B][previous_stride], h of the step before
    size_t previous_stride;         ///< at least H
    float *hidden_gradient;         ///< [B][H]: of h, through later steps. GRU: becomes the part that goes past the gates
    float *cell_gradient;           ///< LSTM: [B][H], of c through later steps; becomes that of the step before
    float *bias_gradient;           ///< [S H]: the gradients of all rows are added to it
} utter_gate_gradients;

/// The gradient of h of the step before, through the gates: dh = d W_hh, or dh += d W_hh.
typedef struct {
    int32_t hidden;            ///< H
    int32_t depth;             ///< G H: rows of W_hh
    int32_t rows;              ///< B
    int32_t descending;        ///< as in utter_recurrent_step
    const float *weights;      ///< W_hh by utter_pack_recurrent_backward
    const float *gates;        ///< [B][gates_stride]: d
    size_t gates_stride;       ///< at least G H
    float *hidden_gradient;    ///< [B][H]: dh
    int32_t adds;              ///< 1: the product is added to what is there
} utter_recurrent_backward;

/// Packs recurrent weights [G H][H] (PyTorch's layout) into [N][H][G][L] (see utter_recurrent_step) as float32.
void utter_pack_recurrent(const float *weights, int32_t gates, int32_t hidden, int32_t lanes, float *packed);

/// The same as float16. Returns 1 if every weight was represented exactly, else 0 and `packed` must not be used.
int utter_pack_recurrent_half(const float *weights, int32_t gates, int32_t hidden, int32_t lanes, uint16_t *packed);

/// Packs recurrent weights [depth][hidden] for utter_recurrent_backward: panels of 4 vectors of columns, then of 1, each
/// [depth][columns of the panel], columns beyond `hidden` zero. Row `first` comes first, and row 0 after the last:
/// a GRU's gate n stands before r and z. `packed` holds depth times `hidden` rounded up to the lanes.
void utter_pack_recurrent_backward(const float *weights, int32_t depth, int32_t hidden, int32_t first, int32_t lanes,
                                   float *packed);

#endif
