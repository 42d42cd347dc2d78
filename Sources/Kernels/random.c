#include "vector_math.h"

#pragma clang fp contract(fast)

typedef struct {
  uint32_t x, y, z, w;
} Words;

// Ten rounds of Philox 4x32 (Salmon et al., SC 2011).
INLINE Words philox(uint32_t x, uint32_t y, uint32_t z, uint32_t w, uint64_t seed) {
  uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
  for (int round = 0; round < 10; round++) {
    uint64_t a = (uint64_t)x * 0xD2511F53u;
    uint64_t b = (uint64_t)z * 0xCD9E8D57u;
    uint32_t nx = (uint32_t)(b >> 32) ^ y ^ k0;
    uint32_t nz = (uint32_t)(a >> 32) ^ w ^ k1;
    y = (uint32_t)b;
    w = (uint32_t)a;
    x = nx;
    z = nz;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return (Words){x, y, z, w};
}

enum { BLOCKS = 16 };

CLONES void etude_dropout(
    float *y, const float *x, ptrdiff_t first, ptrdiff_t n, float probability, uint64_t seed,
    uint32_t sample, uint32_t step, uint32_t purpose) {
  uint32_t threshold = (uint32_t)((double)probability * 4294967296.0);
  float scale = 1.0f / (1.0f - probability);
  uint32_t draws[4 * BLOCKS];
  for (ptrdiff_t start = 0; start < n; start += 4 * BLOCKS) {
    uint32_t block = (uint32_t)((first + start) / 4);
    for (uint32_t b = 0; b < BLOCKS; b++) {
      Words words = philox(block + b, sample, step, purpose, seed);
      draws[b] = words.x;
      draws[BLOCKS + b] = words.y;
      draws[2 * BLOCKS + b] = words.z;
      draws[3 * BLOCKS + b] = words.w;
    }
    // Element 4 b + l of the run takes word l of block b, so that any cut gives the same mask.
    ptrdiff_t end = n - start < 4 * BLOCKS ? n - start : 4 * BLOCKS;
    for (ptrdiff_t i = 0; i < end; i++) {
      uint32_t draw = draws[(i & 3) * BLOCKS + (i >> 2)];
      y[start + i] = draw < threshold ? 0.0f : x[start + i] * scale;
    }
  }
}
