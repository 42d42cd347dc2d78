// Small products: every height of a tile, and the promise that a number's bits do not depend on the
// rows around it.
#include "test.h"

static void test_small(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, int transposed, int keep) {
  ptrdiff_t a_row = transposed ? 1 : k + 3, a_step = transposed ? m + 2 : 1;
  ptrdiff_t b_row = n + 16, c_row = n + 5;
  float *a = draws((m + 2) * (k + 3), -1, 1), *b = draws((k + 1) * b_row, -1, 1);
  float *c = draws(m * c_row, -1, 1), *whole = copy(c, m * c_row), *rows = copy(c, m * c_row);
  double *e = expected(n);
  etude_small_product(m, n, k, whole, c_row, a, a_row, a_step, b, b_row, keep);
  for (ptrdiff_t i = 0; i < m; i++) {
    for (ptrdiff_t j = 0; j < n; j++) {
      e[j] = keep ? c[i * c_row + j] : 0;
      for (ptrdiff_t p = 0; p < k; p++)
        e[j] += (double)a[i * a_row + p * a_step] * b[p * b_row + j];
    }
    expect_close("etude_small_product", m, whole + i * c_row, e, n, 0, 1e-6 * (double)(k + 1));
    etude_small_product(
        1, n, k, rows + i * c_row, c_row, a + i * a_row, a_row, a_step, b, b_row, keep);
  }
  // One row at a time; also the numbers between the rows are unchanged.
  expect_equal("etude_small_product", m, whole, rows, (size_t)(m * c_row) * sizeof *c);
}

static void test_columns_apart(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k) {
  float *a = draws(m * k, -1, 1), *b = draws(k * n, -1, 1);
  float *whole = floats(m * n), *parts = floats(m * n);
  etude_small_product(m, n, k, whole, n, a, k, 1, b, n, 0);
  for (ptrdiff_t j = 0; j < n; j += 16)
    etude_small_product(m, 16, k, parts + j, n, a, k, 1, b + j, n, 0);
  expect_equal("etude_small_product", n, whole, parts, (size_t)(m * n) * sizeof *whole);
}

static void test_pairs(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, int keep) {
  uint16_t *a = bfloat_draws(2 * m * k, -1, 1), *b = bfloat_draws(2 * k * n, -1, 1);
  float *c = draws(m * n, -1, 1);
  double *e = expected(m * n);
  for (ptrdiff_t i = 0; i < m; i++)
    for (ptrdiff_t j = 0; j < n; j++) {
      double *sum = e + i * n + j;
      *sum = keep ? c[i * n + j] : 0;
      for (ptrdiff_t p = 0; p < k; p++)
        for (ptrdiff_t h = 0; h < 2; h++)
          *sum += wide(a[2 * (i * k + p) + h]) * wide(b[2 * (p * n + j) + h]);
    }
  etude_small_product_pairs(m, n, k, c, n, (uint32_t *)a, k, 1, (uint32_t *)b, n, keep);
  expect_close("etude_small_product_pairs", m, c, e, m * n, 0, 2e-6 * (double)(k + 1));
}

// Rows that fill no tile, pairs that fill none, and what a tile of either kind must leave alone: the pairs
// after the last one, which are another head's channels, and the numbers between the rows.
static void test_tall(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, int transposed, int keep) {
  ptrdiff_t beyond = 19, a_row = transposed ? 1 : k + beyond, a_step = transposed ? m + 2 : 1;
  ptrdiff_t b_row = n + 16, c_row = n + 5;
  uint16_t *a = bfloat_draws(2 * (m + 2) * (k + beyond), -1, 1);
  uint16_t *b = bfloat_draws(2 * (k + beyond) * b_row, -1, 1);
  const uint32_t *left = (uint32_t *)a, *right = (uint32_t *)b;
  float *c = draws(m * c_row, -1, 1), *whole = copy(c, m * c_row), *rows = copy(c, m * c_row);
  float *longer = copy(c, m * c_row);
  double *e = expected(n);
  etude_tall_product_pairs(m, n, k, whole, c_row, left, a_row, a_step, right, b_row, keep);
  for (ptrdiff_t i = 0; i < m; i++) {
    for (ptrdiff_t j = 0; j < n; j++) {
      e[j] = keep ? c[i * c_row + j] : 0;
      for (ptrdiff_t p = 0; p < 2 * k; p++)
        e[j] += wide(a[2 * (i * a_row + p / 2 * a_step) + p % 2])
                * wide(b[2 * (p / 2 * b_row + j) + p % 2]);
    }
    expect_close("etude_tall_product_pairs", m, whole + i * c_row, e, n, 0, 2e-6 * (double)(k + 1));
    expect_equal(
        "etude_tall_product_pairs, between rows", n, whole + i * c_row + n, c + i * c_row + n,
        (size_t)(c_row - n) * sizeof *c);
    etude_tall_product_pairs(
        1, n, k, rows + i * c_row, c_row, left + i * a_row, a_row, a_step, right, b_row, keep);
    for (ptrdiff_t p = 2 * k; p < 2 * (k + beyond); p++)
      a[2 * (i * a_row + p / 2 * a_step) + p % 2] = 0;
  }
  etude_tall_product_pairs(m, n, k + beyond, longer, c_row, left, a_row, a_step, right, b_row, keep);
  size_t bytes = (size_t)(m * c_row) * sizeof *c;
  expect_equal("etude_tall_product_pairs, a row at a time", m, whole, rows, bytes);
  expect_equal("etude_tall_product_pairs, beside zeros", m, whole, longer, bytes);
}

static void test_panels(ptrdiff_t rows, ptrdiff_t inner) {
  ptrdiff_t x_row = inner + 3, y_row = ETUDE_PANEL + 7;
  float *x = draws((rows + 1) * x_row, -1, 1), *y = draws((rows + 1) * y_row, -1, 1);
  float *panel = draws(inner * ETUDE_PANEL, -1, 1), *rounded = copy(y, (rows + 1) * y_row);
  uint16_t *narrow = bfloats(inner * ETUDE_PANEL);
  for (ptrdiff_t i = 0; i < inner * ETUDE_PANEL; i++) narrow[i] = nearest(panel[i]);
  double *e = expected(ETUDE_PANEL), *er = expected(ETUDE_PANEL);
  float *before = copy(y, (rows + 1) * y_row);
  etude_panel_product(y, y_row, x, x_row, panel, rows, inner);
  etude_panel_product_bfloat(rounded, y_row, x, x_row, narrow, rows, inner);
  for (ptrdiff_t r = 0; r < rows; r++) {
    for (ptrdiff_t j = 0; j < ETUDE_PANEL; j++) {
      e[j] = er[j] = before[r * y_row + j];
      for (ptrdiff_t k = 0; k < inner; k++) {
        e[j] += (double)x[r * x_row + k] * panel[k * ETUDE_PANEL + j];
        er[j] += x[r * x_row + k] * wide(narrow[k * ETUDE_PANEL + j]);
      }
    }
    double error = 1e-6 * (double)(inner + 1);
    expect_close("etude_panel_product", rows, y + r * y_row, e, ETUDE_PANEL, 0, error);
    expect_close(
        "etude_panel_product_bfloat", rows, rounded + r * y_row, er, ETUDE_PANEL, 0, error);
  }
}

static void test_transpose(ptrdiff_t rows, ptrdiff_t columns) {
  ptrdiff_t x_row = columns + 2, y_row = rows + 3;
  float *x = draws((rows + 1) * x_row, -1, 1), *y = filled((columns + 1) * y_row, 7);
  float *e = filled((columns + 1) * y_row, 7);
  for (ptrdiff_t r = 0; r < rows; r++)
    for (ptrdiff_t j = 0; j < columns; j++) e[j * y_row + r] = x[r * x_row + j];
  etude_transpose(y, y_row, x, x_row, rows, columns);
  expect_equal("etude_transpose", rows, y, e, (size_t)((columns + 1) * y_row) * sizeof *y);
}

// Every chain of x = x / 2 + 1 tends to 2.
static void test_peak(void) {
  float *y = floats(16);
  double operations = etude_multiply_adds(y, 100);
  for (int i = 0; i < 16; i++) expect(y[i] == 2 * operations / 3200, "etude_multiply_adds", i);
}

void test_products(void) {
  test_peak();
  const ptrdiff_t widths[] = {16, 32, 64, 112, 144};
  for (ptrdiff_t m = 0; m < 20; m++)
    for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
      for (int kind = 0; kind < 4; kind++)
        test_small(m, widths[w], (m * 7 + (ptrdiff_t)w) % 29, kind & 1, kind >> 1);
      test_columns_apart(m, widths[w], 13);
      if (etude_multiplies_pairs()) {
        test_pairs(m, widths[w], m + 1, (int)(m & 1));
        for (int kind = 0; kind < 4; kind++)
          test_tall(m * m / 4, widths[w], (m * 7 + (ptrdiff_t)w) % 37, kind & 1, kind >> 1);
      }
      release();
    }
  for (ptrdiff_t rows = 0; rows < 14; rows++) {
    test_panels(rows, 3 * rows + 1);
    test_transpose(3 * rows, 40 - 2 * rows);
    release();
  }
}
