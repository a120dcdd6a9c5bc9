#include "folding.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define WITH_CARRYLESS __attribute__((target("pclmul,sse4.1")))

int folding_is_possible(void) { return __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1"); }

WITH_CARRYLESS static inline __m128i moved(__m128i block, __m128i factors, __m128i onto) {
    __m128i first = _mm_clmulepi64_si128(block, factors, 0x00);
    __m128i second = _mm_clmulepi64_si128(block, factors, 0x11);
    return _mm_xor_si128(_mm_xor_si128(first, second), onto);
}

WITH_CARRYLESS void folding_shorten(uint64_t state, const uint8_t *message, size_t count, const uint64_t by512[2],
                                    const uint64_t by128[2], uint8_t result[16]) {
    const __m128i *next = (const __m128i *)message;
    const __m128i *end = (const __m128i *)(message + count);
    __m128i far = _mm_loadu_si128((const __m128i *)by512), near = _mm_loadu_si128((const __m128i *)by128);
    // Four at once, because a product takes several cycles and another can begin in each.
    __m128i block[4];
    for (int lane = 0; lane < 4; lane++) block[lane] = _mm_loadu_si128(next++);
    block[0] = _mm_xor_si128(block[0], _mm_set_epi64x(0, (long long)state));
    while (next < end) {
        for (int lane = 0; lane < 4; lane++) block[lane] = moved(block[lane], far, _mm_loadu_si128(next++));
    }
    for (int lane = 1; lane < 4; lane++) block[lane] = moved(block[lane - 1], near, block[lane]);
    _mm_storeu_si128((__m128i *)result, block[3]);
}

#else

int folding_is_possible(void) { return 0; }

void folding_shorten(uint64_t state, const uint8_t *message, size_t count, const uint64_t by512[2],
                     const uint64_t by128[2], uint8_t result[16]) {
    __builtin_trap();
}

#endif
