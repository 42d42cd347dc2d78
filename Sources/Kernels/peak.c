// How fast a core multiplies and adds.
#include "lanes.h"

#pragma clang fp contract(fast)

// Independent chains, enough to hide the time of an addition and few enough for the registers.
enum { MOST_CHAINS = 16 };
INLINE int chains(Target target) { return target == AVX512 ? MOST_CHAINS : target == SSE2 ? 3 : 6; }

KERNEL(double, etude_multiply_adds, (float *y, ptrdiff_t rounds), (y, rounds)) {
  const int count = chains(target);
  Lanes sum[MOST_CHAINS], half = {0}, one = {0}, total = {0};
  half += 0.5f, one += 1.0f;
#pragma unroll
  for (int c = 0; c < count; c++) sum[c] = (Lanes){0};
  for (ptrdiff_t r = 0; r < rounds; r++)
#pragma unroll
    for (int c = 0; c < count; c++) sum[c] = sum[c] * half + one;
#pragma unroll
  for (int c = 0; c < count; c++) total += sum[c];
  STORE_FLOATS(y, total);
  return 2.0 * LANES * count * (double)rounds;
}
