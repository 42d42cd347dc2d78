// Polyphase filters. Sums have eight lanes, so that the bits do not depend on how the compiler
// vectorises.
#include "multiversion.h"

#pragma clang fp contract(fast)

typedef float Lanes __attribute__((ext_vector_type(8), aligned(4)));

KERNEL(
    void, etude_polyphase,
    (float *y, const float *x, ptrdiff_t periods, ptrdiff_t period, const float *weights,
     const ptrdiff_t *firsts, ptrdiff_t phases, ptrdiff_t taps),
    (y, x, periods, period, weights, firsts, phases, taps)) {
  for (ptrdiff_t k = 0; k < periods; k++) {
    for (ptrdiff_t p = 0; p < phases; p++) {
      const float *input = x + k * period + firsts[p], *weight = weights + p * taps;
      Lanes sum = 0;
      for (ptrdiff_t i = 0; i < taps; i += 8) {
        sum += *(const Lanes *)(weight + i) * *(const Lanes *)(input + i);
      }
      y[k * phases + p] = ((sum[0] + sum[4]) + (sum[2] + sum[6]))
          + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
    }
  }
}
