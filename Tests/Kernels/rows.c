// Sums, extrema, softmax and norm of one row.
#include "test.h"

static void test_sums(ptrdiff_t n) {
  float *x = draws(n, -1, 1), *y = draws(n, -1, 1);
  double sum = 0, squares = 0, dot = 0, distance = 0, dots = 0, size = 0;
  double *a = expected(n), *b = expected(n);
  for (ptrdiff_t i = 0; i < n; i++) {
    sum += x[i], squares += (double)x[i] * x[i], dot += (double)x[i] * y[i];
    size += fabs((double)x[i]);
    distance += ((double)x[i] - y[i]) * ((double)x[i] - y[i]);
    a[i] = x[i] / 3.0, b[i] = y[i] / 7.0, dots += a[i] * b[i];
  }
  expect(fabs(etude_sum(x, n) - sum) <= 1e-6 * size, "etude_sum", n);
  expect_number("etude_sum_squares", n, etude_sum_squares(x, n), squares, 1e-6);
  expect(fabs(etude_dot(x, y, n) - dot) <= 1e-6 * size, "etude_dot", n);
  expect(fabs(etude_dot_doubles(a, b, n) - dots) <= 1e-14 * size, "etude_dot_doubles", n);
  expect_number("etude_squared_distance", n, etude_squared_distance(x, y, n), distance, 2e-5);
}

static void test_lessened(ptrdiff_t n) {
  float *x = draws(n, -2, 2), *squares = draws(n, 0, 4), *before = draws(n, 0, 3);
  double *e = expected(n), total = 0;
  for (ptrdiff_t i = 0; i < n; i++) {
    e[i] = fmin(before[i], fmax(0, 1.5 + squares[i] - 2 * (double)x[i]));
    total += e[i];
  }
  double found = etude_lessened_distances(x, squares, 1.5f, before, n);
  expect_close("etude_lessened_distances", n, x, e, n, 1e-6, 1e-6);
  expect_number("etude_lessened_distances", n, found, total, 1e-6);
}

static ptrdiff_t first_greatest(const float *x, ptrdiff_t n) {
  ptrdiff_t best = 0;
  for (ptrdiff_t i = 0; i < n; i++) {
    if (x[i] != x[i]) return i;
    if (x[i] > x[best]) best = i;
  }
  return best;
}

static void test_positions(ptrdiff_t n) {
  if (n == 0) return;
  float *x = floats(n), *y = floats(n);
  // Whole numbers, so that some are equal.
  for (ptrdiff_t i = 0; i < n; i++) x[i] = floorf(draw(-9, 9)), y[i] = floorf(draw(-9, 9));
  ptrdiff_t least = 0;
  for (ptrdiff_t i = 0; i < n; i++)
    if (x[i] - y[i] < x[least] - y[least]) least = i;
  expect(etude_argmin_difference(x, y, n) == least, "etude_argmin_difference", n);
  expect(etude_argmax(x, n) == first_greatest(x, n), "etude_argmax", n);
  x[n / 2] = x[n - 1] = NAN;
  expect(etude_argmax(x, n) == n / 2, "etude_argmax", n);
  for (ptrdiff_t i = 0; i < n; i++) x[i] = NAN;
  expect(etude_argmin_difference(x, y, n) == 0, "etude_argmin_difference", n);
}

static void test_softmax(ptrdiff_t n) {
  if (n == 0) return;
  ptrdiff_t valid = n - n / 4;
  float *x = draws(n, -20, 20), *y = floats(n), *dy = draws(n, -1, 1), *dx = floats(n);
  double *e = expected(n), *slope = expected(n), total = 0, greatest = x[0], dot = 0, whole = 0;
  for (ptrdiff_t i = 0; i < valid; i++) greatest = fmax(greatest, x[i]);
  for (ptrdiff_t i = 0; i < n; i++) {
    e[i] = i < valid ? exp(x[i] - greatest) : 0;
    total += e[i], whole += exp(x[i] - greatest);
  }
  for (ptrdiff_t i = 0; i < n; i++) e[i] /= total;
  etude_softmax(y, x, n, valid);
  expect_close("etude_softmax", n, y, e, n, 3e-6, 1e-12);
  for (ptrdiff_t i = 0; i < n; i++) dot += (double)dy[i] * y[i];
  for (ptrdiff_t i = 0; i < n; i++) slope[i] = y[i] * (dy[i] - dot);
  etude_softmax_gradient(dx, y, dy, n);
  expect_close("etude_softmax_gradient", n, dx, slope, n, 0, 1e-6);
  expect_number("etude_log_sum_exp", n, etude_log_sum_exp(x, n), greatest + log(whole), 1e-5);
}

static void test_norm(ptrdiff_t n, int weighted) {
  if (n == 0) return;
  float *x = draws(n, -2, 3), *dy = draws(n, -1, 1), *y = floats(n), *dx = floats(n);
  float *weight = draws(n, 0.5f, 2), *bias = draws(n, -1, 1);
  float *dweight = draws(n, -1, 1), *dbias = draws(n, -1, 1), mean, reciprocal;
  double m = 0, v = 0, a = 0, b = 0;
  double *e = expected(n), *dw = expected(n), *db = expected(n);
  for (ptrdiff_t i = 0; i < n; i++) m += x[i] / (double)n;
  for (ptrdiff_t i = 0; i < n; i++) v += (x[i] - m) * (x[i] - m) / (double)n;
  double r = 1 / sqrt(v + 1e-5);
  for (ptrdiff_t i = 0; i < n; i++)
    e[i] = weighted ? (x[i] - m) * r * weight[i] + bias[i] : (x[i] - m) * r;
  etude_normalize(
      y, &mean, &reciprocal, x, weighted ? weight : NULL, weighted ? bias : NULL, 1e-5f, n);
  expect_close("etude_normalize", n, y, e, n, 1e-5, 2e-5);
  expect(fabs(mean - m) < 1e-6, "etude_normalize", n);
  expect_number("etude_normalize", n, reciprocal, r, 1e-5);
  m = mean, r = reciprocal;
  for (ptrdiff_t i = 0; i < n; i++) {
    double g = weighted ? (double)dy[i] * weight[i] : dy[i];
    a += g / (double)n, b += g * (x[i] - m) * r / (double)n;
    dw[i] = dweight[i] + dy[i] * (x[i] - m) * r, db[i] = (double)dbias[i] + dy[i];
  }
  for (ptrdiff_t i = 0; i < n; i++) {
    double g = weighted ? (double)dy[i] * weight[i] : dy[i];
    e[i] = r * (g - a - (x[i] - m) * r * b);
  }
  etude_normalize_gradient(
      dx, dweight, dbias, x, dy, weighted ? weight : NULL, mean, reciprocal, n);
  if (n > 1) expect_close("etude_normalize_gradient", n, dx, e, n, 1e-5, 2e-5);
  expect_close("etude_normalize_gradient", n, dweight, dw, n, 2e-6, 2e-6);
  expect_close("etude_normalize_gradient", n, dbias, db, n, 2e-6, 2e-6);
}

void test_rows(void) {
  for (int l = 0; l < LENGTHS; l++) {
    test_sums(lengths[l]);
    test_lessened(lengths[l]);
    test_positions(lengths[l]);
    test_softmax(lengths[l]);
    test_norm(lengths[l], 0);
    test_norm(lengths[l], 1);
    release();
  }
}
