// Ten rounds of Philox 4x32 (Salmon et al., SC 2011), for many blocks at a time.
#ifndef ETUDE_PHILOX_H
#define ETUDE_PHILOX_H

#include "vector_math.h"

// The key of a random stream.
typedef struct {
  uint64_t seed;
  uint32_t sample, step, purpose;
} Stream;

// The numbers drawn at once. Word w of block b is number 16 w + b, so that no shuffle is needed.
enum { BLOCKS = 16, RUN = 4 * BLOCKS };

INLINE void philox_run(uint32_t *draws, uint32_t first_block, Stream s) {
  for (uint32_t b = 0; b < BLOCKS; b++) {
    uint32_t x = first_block + b, y = s.sample, z = s.step, w = s.purpose;
    uint32_t k0 = (uint32_t)s.seed, k1 = (uint32_t)(s.seed >> 32);
    for (int round = 0; round < 10; round++) {
      uint64_t p = (uint64_t)x * 0xD2511F53u;
      uint64_t q = (uint64_t)z * 0xCD9E8D57u;
      uint32_t next_x = (uint32_t)(q >> 32) ^ y ^ k0;
      uint32_t next_z = (uint32_t)(p >> 32) ^ w ^ k1;
      y = (uint32_t)q;
      w = (uint32_t)p;
      x = next_x;
      z = next_z;
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
    draws[b] = x;
    draws[BLOCKS + b] = y;
    draws[2 * BLOCKS + b] = z;
    draws[3 * BLOCKS + b] = w;
  }
}

#endif
