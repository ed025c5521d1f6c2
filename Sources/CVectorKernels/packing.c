// Recurrent weights in the order in which recurrent_step reads them.
#include "vector_kernels.h"

#include <string.h>

// The float16 of x where it is exact, by shifting the fields of float32; -1 where it is not. NaN counts as inexact.
static int32_t exact_half(float x) {
    uint32_t bits;
    memcpy(&bits, &x, 4);
    const uint32_t sign = bits >> 16 & 0x8000, magnitude = bits & 0x7fffffff;
    if (magnitude == 0) return (int32_t)sign;
    const int32_t exponent = (int32_t)(magnitude >> 23) - 127;
    if (exponent > 15) return -1;
    if (exponent >= -14) {
        if (magnitude & 0x1fff) return -1;
        return (int32_t)(sign | (magnitude - ((127 - 15) << 23)) >> 13);
    }
    // Subnormal: a multiple of 2^-24.
    if (exponent < -24) return -1;
    const uint32_t mantissa = (magnitude & 0x7fffff) | 0x800000;
    const int32_t shift = 13 + (-14 - exponent);
    if (mantissa & ((1u << shift) - 1)) return -1;
    return (int32_t)(sign | mantissa >> shift);
}

// Where the weight of unit `unit`, gate `gate` and input `k` goes, and where it comes from.
#define FOR_EACH_WEIGHT(BODY)                                                                                          \
    const int32_t blocks = (hidden + lanes - 1) / lanes;                                                               \
    size_t to = 0;                                                                                                     \
    for (int32_t block = 0; block < blocks; block++)                                                                   \
        for (int32_t k = 0; k < hidden; k++)                                                                           \
            for (int32_t gate = 0; gate < gates; gate++)                                                               \
                for (int32_t lane = 0; lane < lanes; lane++, to++) {                                                   \
                    const int32_t unit = block * lanes + lane;                                                         \
                    const float w = unit < hidden ? weights[((size_t)gate * hidden + unit) * hidden + k] : 0;          \
                    BODY                                                                                               \
                }

void utter_pack_recurrent(const float *weights, int32_t gates, int32_t hidden, int32_t lanes, float *packed) {
    FOR_EACH_WEIGHT(packed[to] = w;)
}

int utter_pack_recurrent_half(const float *weights, int32_t gates, int32_t hidden, int32_t lanes, uint16_t *packed) {
    FOR_EACH_WEIGHT(const int32_t half = exact_half(w); if (half < 0) return 0; packed[to] = (uint16_t)half;)
    return 1;
}

void utter_pack_recurrent_backward(const float *weights, int32_t depth, int32_t hidden, int32_t first, int32_t lanes,
                                   float *packed) {
    const int32_t vectors = (hidden + lanes - 1) / lanes;
    for (int32_t vector = 0, width; vector < vectors; vector += width) {
        width = vectors - vector >= 4 ? 4 : 1;
        const int32_t from = vector * lanes, columns = width * lanes;
        const int32_t real = hidden - from < columns ? hidden - from : columns;
        for (int32_t row = 0; row < depth; row++, packed += columns) {
            memcpy(packed, weights + (size_t)((row + first) % depth) * hidden + from, (size_t)real * sizeof(float));
            memset(packed + real, 0, (size_t)(columns - real) * sizeof(float));
        }
    }
}
