// What an optimiser does with a tensor: see optimiser_body.h.
#ifndef UTTER_OPTIMISER_KERNELS_H
#define UTTER_OPTIMISER_KERNELS_H

/// One step of Adam over a tensor, with g = share * gradient + pull * p:
///     m = mean_keep m + mean_take g;  v = square_keep v + square_take g^2
///     p = keep p - step_size m / (sqrt(v) root_scale + epsilon)
typedef struct {
    float share;        ///< of the gradient that clipping leaves
    float pull;         ///< coupled weight decay
    float keep;         ///< 1 less the decoupled weight decay
    float mean_keep;    ///< b1
    float mean_take;    ///< 1 - b1
    float square_keep;  ///< b2
    float square_take;  ///< 1 - b2
    float step_size;    ///< the learning rate / (1 - b1^t)
    float root_scale;   ///< 1 / sqrt(1 - b2^t)
    float epsilon;
} utter_adam;

#endif
