#include "philox.h"

#pragma clang fp contract(fast)

KERNEL(
    void, etude_dropout,
    (float *y, const float *x, ptrdiff_t first, ptrdiff_t n, float probability, uint64_t seed,
     uint32_t sample, uint32_t step, uint32_t purpose),
    (y, x, first, n, probability, seed, sample, step, purpose)) {
  uint32_t threshold = (uint32_t)((double)probability * 4294967296.0);
  float scale = 1.0f / (1.0f - probability);
  Stream stream = {seed, sample, step, purpose};
  for (ptrdiff_t start = 0; start < n; start += RUN) {
    uint32_t draws[RUN];
    philox_run(draws, (uint32_t)((first + start) / 4), stream);
    ptrdiff_t end = n - start < RUN ? n - start : RUN;
    ELEMENTWISE
    for (ptrdiff_t i = 0; i < end; i++)
      y[start + i] = draws[i] < threshold ? 0.0f : x[start + i] * scale;
  }
}
