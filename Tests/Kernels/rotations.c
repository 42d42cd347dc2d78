// Pairs of numbers turned by angles.
#include "test.h"

enum { HEADS = 3, REST = 5 };

// The places of pair i of n in a head.
static ptrdiff_t first(int halves, ptrdiff_t i) { return halves ? i : 2 * i; }
static ptrdiff_t second(int halves, ptrdiff_t i, ptrdiff_t n) { return halves ? n + i : 2 * i + 1; }

static void test_rotation(int halves, ptrdiff_t n) {
  const char *name = halves ? "etude_rotate_halves" : "etude_rotate_neighbours";
  ptrdiff_t width = 2 * n + REST;
  float *x = draws(HEADS * width, -2, 2), *y = floats(HEADS * width);
  float *cosines = draws(n, -1, 1), *sines = draws(n, -1, 1);
  double *e = expected(HEADS * width);
  for (ptrdiff_t i = 0; i < HEADS * width; i++) e[i] = x[i];
  for (ptrdiff_t h = 0; h < HEADS; h++)
    for (ptrdiff_t i = 0; i < n; i++) {
      ptrdiff_t p = h * width + first(halves, i), q = h * width + second(halves, i, n);
      e[p] = (double)x[p] * cosines[i] - (double)x[q] * sines[i];
      e[q] = (double)x[q] * cosines[i] + (double)x[p] * sines[i];
    }
  if (halves)
    etude_rotate_halves(y, x, cosines, sines, HEADS, width, n);
  else
    etude_rotate_neighbours(y, x, cosines, sines, HEADS, width, n);
  expect_close(name, n, y, e, HEADS * width, 0, 5e-7);
}

void test_rotations(void) {
  for (int i = 0; i < LENGTHS; i++) {
    test_rotation(1, lengths[i]);
    test_rotation(0, lengths[i]);
    release();
  }
}
