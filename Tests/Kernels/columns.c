// Kernels over the columns of [rows, n], in both types.
#include "test.h"

// The numbers of a test as floats and as bfloat16; `exact` holds what is in memory.
typedef struct {
  float *floats;
  uint16_t *bfloats;
  double *exact;
} Numbers;

static Numbers numbers(ptrdiff_t n, int is_bfloat) {
  Numbers x = {draws(n, -2, 2), bfloats(n), expected(n)};
  for (ptrdiff_t i = 0; i < n; i++) {
    x.bfloats[i] = nearest(x.floats[i]);
    x.exact[i] = is_bfloat ? wide(x.bfloats[i]) : x.floats[i];
  }
  return x;
}

static double gelu(double x) { return 0.5 * x * erfc(-x / M_SQRT2); }
static double gelu_slope(double x) {
  return 0.5 * erfc(-x / M_SQRT2) + x * exp(-0.5 * x * x) / sqrt(2 * M_PI);
}

static void check(
    const char *name, ptrdiff_t n, const Numbers *y, const double *e, ptrdiff_t count,
    int is_bfloat, double absolute) {
  if (is_bfloat)
    expect_close_bfloat(name, n, y->bfloats, e, count, absolute);
  else
    expect_close(name, n, y->floats, e, count, 4 * ULP, absolute);
}

static void test_row_sums(ptrdiff_t rows, ptrdiff_t n, int is_bfloat) {
  ptrdiff_t stride = n + 5;
  Numbers x = numbers(rows * stride, is_bfloat);
  float *y = draws(n, -1, 1);
  double *e = expected(n);
  for (ptrdiff_t j = 0; j < n; j++) {
    e[j] = y[j];
    for (ptrdiff_t r = 0; r < rows; r++) e[j] += x.exact[r * stride + j];
  }
  if (is_bfloat)
    etude_sum_rows_bfloat(y, x.bfloats, rows, n, stride);
  else
    etude_sum_rows(y, x.floats, rows, n, stride);
  expect_close("etude_sum_rows", n, y, e, n, 1e-6, 2e-5);
}

static void test_statistics(ptrdiff_t rows, ptrdiff_t n, int is_bfloat) {
  Numbers x = numbers(rows * n, is_bfloat), dy = numbers(rows * n, is_bfloat);
  float *mean = draws(n, -0.2f, 0.2f), *reciprocal = draws(n, 0.5f, 2);
  float *squares = draws(n, 0, 1), *sum = draws(n, -1, 1), *product = draws(n, -1, 1);
  double *es = expected(n), *esum = expected(n), *eproduct = expected(n);
  for (ptrdiff_t j = 0; j < n; j++) {
    es[j] = squares[j], esum[j] = sum[j], eproduct[j] = product[j];
    for (ptrdiff_t i = j; i < rows * n; i += n) {
      double d = x.exact[i] - mean[j];
      es[j] += d * d, esum[j] += dy.exact[i], eproduct[j] += dy.exact[i] * d * reciprocal[j];
    }
  }
  if (is_bfloat) {
    etude_column_squares_bfloat(squares, x.bfloats, mean, rows, n);
    etude_column_moments_bfloat(sum, product, dy.bfloats, x.bfloats, mean, reciprocal, rows, n);
  } else {
    etude_column_squares(squares, x.floats, mean, rows, n);
    etude_column_moments(sum, product, dy.floats, x.floats, mean, reciprocal, rows, n);
  }
  expect_close("etude_column_squares", n, squares, es, n, 2e-6, 1e-6);
  expect_close("etude_column_moments", n, sum, esum, n, 2e-6, 3e-5);
  expect_close("etude_column_moments", n, product, eproduct, n, 2e-6, 1e-4);
}

static void test_scaling(ptrdiff_t rows, ptrdiff_t n, int is_bfloat) {
  ptrdiff_t count = rows * n;
  Numbers x = numbers(count, is_bfloat), dy = numbers(count, is_bfloat);
  Numbers y = numbers(count, is_bfloat);
  float *scale = draws(n, 0.5f, 2), *shift = draws(n, -1, 1);
  float *mean = draws(n, -1, 1), *reciprocal = draws(n, 0.5f, 2);
  float *a = draws(n, -1, 1), *b = draws(n, -1, 1);
  double *e = expected(count);
  for (ptrdiff_t i = 0; i < count; i++) e[i] = x.exact[i] * scale[i % n] + shift[i % n];
  is_bfloat ? etude_scale_columns_bfloat(y.bfloats, x.bfloats, scale, shift, rows, n)
            : etude_scale_columns(y.floats, x.floats, scale, shift, rows, n);
  check("etude_scale_columns", n, &y, e, count, is_bfloat, 1e-6);
  for (ptrdiff_t i = 0; i < count; i++) e[i] = gelu(x.exact[i] * scale[i % n] + shift[i % n]);
  is_bfloat ? etude_scale_columns_gelu_bfloat(y.bfloats, x.bfloats, scale, shift, rows, n)
            : etude_scale_columns_gelu(y.floats, x.floats, scale, shift, rows, n);
  check("etude_scale_columns_gelu", n, &y, e, count, is_bfloat, 2e-6);
  for (ptrdiff_t i = 0; i < count; i++)
    e[i] = dy.exact[i] * gelu_slope(x.exact[i] * scale[i % n] + shift[i % n]);
  is_bfloat ? etude_scale_columns_gelu_gradient_bfloat(
                  y.bfloats, dy.bfloats, x.bfloats, scale, shift, rows, n)
            : etude_scale_columns_gelu_gradient(
                  y.floats, dy.floats, x.floats, scale, shift, rows, n);
  check("etude_scale_columns_gelu_gradient", n, &y, e, count, is_bfloat, 3e-6);
  for (ptrdiff_t i = 0; i < count; i++) {
    ptrdiff_t j = i % n;
    double xhat = (x.exact[i] - mean[j]) * reciprocal[j];
    e[i] = scale[j] * (dy.exact[i] - a[j] - xhat * b[j]);
  }
  is_bfloat ? etude_normalize_columns_gradient_bfloat(
                  y.bfloats, dy.bfloats, x.bfloats, scale, mean, reciprocal, a, b, rows, n)
            : etude_normalize_columns_gradient(
                  y.floats, dy.floats, x.floats, scale, mean, reciprocal, a, b, rows, n);
  check("etude_normalize_columns_gradient", n, &y, e, count, is_bfloat, 1e-5);
}

void test_columns(void) {
  const ptrdiff_t heights[] = {0, 1, 5, 127, 128, 300};
  const ptrdiff_t widths[] = {1, 7, 64, 65, 130};
  for (int is_bfloat = 0; is_bfloat < 2; is_bfloat++)
    for (size_t h = 0; h < sizeof heights / sizeof *heights; h++)
      for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
        test_row_sums(heights[h], widths[w], is_bfloat);
        test_statistics(heights[h], widths[w], is_bfloat);
        test_scaling(heights[h], widths[w], is_bfloat);
        release();
      }
}
