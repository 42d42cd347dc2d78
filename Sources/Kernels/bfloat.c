#include "vector_math.h"

KERNEL(void, etude_widen, (float *y, const uint16_t *x, ptrdiff_t n), (y, x, n)) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] = widened(x[i]);
}

KERNEL(void, etude_narrow, (uint16_t *y, const float *x, ptrdiff_t n), (y, x, n)) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] = narrowed(x[i]);
}
