// Pairs of numbers turned by angles.
#include <string.h>

#include "multiversion.h"

KERNEL(
    void, etude_rotate_halves,
    (float *y, const float *x, const float *cosines, const float *sines, ptrdiff_t heads,
     ptrdiff_t width, ptrdiff_t n),
    (y, x, cosines, sines, heads, width, n)) {
  for (ptrdiff_t h = 0; h < heads; h++, x += width, y += width) {
    ELEMENTWISE
    for (ptrdiff_t i = 0; i < n; i++) {
      y[i] = x[i] * cosines[i] - x[n + i] * sines[i];
      y[n + i] = x[n + i] * cosines[i] + x[i] * sines[i];
    }
    memcpy(y + 2 * n, x + 2 * n, (width - 2 * n) * sizeof(float));
  }
}

KERNEL(
    void, etude_rotate_neighbours,
    (float *y, const float *x, const float *cosines, const float *sines, ptrdiff_t heads,
     ptrdiff_t width, ptrdiff_t n),
    (y, x, cosines, sines, heads, width, n)) {
  for (ptrdiff_t h = 0; h < heads; h++, x += width, y += width) {
    ELEMENTWISE
    for (ptrdiff_t i = 0; i < n; i++) {
      float a = x[2 * i], b = x[2 * i + 1];
      y[2 * i] = a * cosines[i] - b * sines[i];
      y[2 * i + 1] = b * cosines[i] + a * sines[i];
    }
    memcpy(y + 2 * n, x + 2 * n, (width - 2 * n) * sizeof(float));
  }
}
