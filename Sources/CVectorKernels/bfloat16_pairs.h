// How factors are rounded to bfloat16 and paired, for bfloat16_products.c and bfloat16_tiles.c, each of which defines INLINE with its
// own instruction sets before.

/// The first `count` of 16 lanes: none where there are none, all where there are more.
INLINE __mmask16 first_lanes(int32_t count) {
    return count <= 0 ? 0 : count >= 16 ? 0xffff : (__mmask16)((1u << count) - 1);
}

/// 16 neighbours of line k and of line k + 1 (the latter 0 where there is none), pair by pair.
INLINE __m512i pairs(const float *even, const float *odd, __mmask16 mask) {
    const __m256i low = (__m256i)_mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(mask, even));
    if (odd == NULL) return _mm512_cvtepu16_epi32(low);
    const __m256i high = (__m256i)_mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(mask, odd));
    return _mm512_or_si512(_mm512_cvtepu16_epi32(low), _mm512_slli_epi32(_mm512_cvtepu16_epi32(high), 16));
}
