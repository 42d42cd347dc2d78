#include "philox.h"

KERNEL(
    void, etude_random_words,
    (uint64_t *words, ptrdiff_t runs, uint32_t first_block, uint64_t seed, uint32_t sample,
     uint32_t step, uint32_t purpose),
    (words, runs, first_block, seed, sample, step, purpose)) {
  Stream stream = {seed, sample, step, purpose};
  for (ptrdiff_t run = 0; run < runs; run++) {
    uint32_t draws[RUN];
    philox_run(draws, first_block + (uint32_t)run * BLOCKS, stream);
    for (uint32_t b = 0; b < BLOCKS; b++) {
      uint64_t *pair = words + run * 2 * BLOCKS + 2 * b;
      pair[0] = draws[b] | (uint64_t)draws[BLOCKS + b] << 32;
      pair[1] = draws[2 * BLOCKS + b] | (uint64_t)draws[3 * BLOCKS + b] << 32;
    }
  }
}
