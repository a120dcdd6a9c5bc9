#ifndef CFOLDING_H
#define CFOLDING_H

#include <stddef.h>
#include <stdint.h>

/// Whether this processor multiplies without carries.
int folding_is_possible(void);

/// Shortens a message to 16 bytes that leave the same remainder under a reflected polynomial, by carry-less
/// multiplication. `count` is a multiple of 64 and at least 64; `state` is the register before the message, and 0 is the
/// one to go on with.
///
/// With P the polynomial, `by512` holds x^575 and x^511 mod P and `by128` x^191 and x^127 mod P, reflected in 64 bits:
/// what a half of 16 bytes is multiplied with to stand 512 or 128 bits further on.
void folding_shorten(uint64_t state, const uint8_t *message, size_t count, const uint64_t by512[2],
                     const uint64_t by128[2], uint8_t result[16]);

#endif
