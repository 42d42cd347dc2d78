// Kernels whose element i depends on element i of the inputs alone.
#include "test.h"

typedef void (*Binary)(float *, const float *, const float *, ptrdiff_t);

static double less(double a, double b) { return a < b; }
static double less_or_equal(double a, double b) { return a <= b; }
static double equal(double a, double b) { return a == b; }
static double unequal(double a, double b) { return a != b; }
static double add(double a, double b) { return a + b; }
static double subtract(double a, double b) { return a - b; }
static double multiply(double a, double b) { return a * b; }
static double divide(double a, double b) { return a / b; }
static double greater(double a, double b) { return a != a || b != b ? NAN : a > b ? a : b; }
static double lesser(double a, double b) { return a != a || b != b ? NAN : a < b ? a : b; }
static double share(double a, double b) { return a > b ? 1 : a < b ? 0 : 0.5; }
static double kept(double x, double mask) { return mask != 0 ? x : 0; }
static double unkept(double x, double mask) { return mask != 0 ? 0 : x; }
static double abs_slope(double x, double dy) { return x > 0 ? dy : x < 0 ? -dy : 0 * x; }
static double relu_slope(double y, double dy) { return y <= 0 ? 0 : dy; }

static const struct {
  const char *name;
  Binary run;
  double (*exact)(double, double);
} binaries[] = {
    {"etude_add", etude_add, add},
    {"etude_subtract", etude_subtract, subtract},
    {"etude_multiply", etude_multiply, multiply},
    {"etude_divide", etude_divide, divide},
    {"etude_less", etude_less, less},
    {"etude_less_or_equal", etude_less_or_equal, less_or_equal},
    {"etude_equal", etude_equal, equal},
    {"etude_unequal", etude_unequal, unequal},
    {"etude_maximum", etude_maximum, greater},
    {"etude_minimum", etude_minimum, lesser},
    {"etude_share_of_greater", etude_share_of_greater, share},
    {"etude_keep_masked", etude_keep_masked, kept},
    {"etude_keep_unmasked", etude_keep_unmasked, unkept},
    {"etude_abs_gradient", etude_abs_gradient, abs_slope},
    {"etude_relu_gradient", etude_relu_gradient, relu_slope},
};

static const float odd_numbers[] = {NAN, INFINITY, -INFINITY, 0.0f, -0.0f, 1.0f, -2.5f, 1e-40f};
enum { ODD = sizeof odd_numbers / sizeof *odd_numbers };

// Pairs that cover every two of the odd numbers, then random ones; some are equal.
static void fill_pairs(float *a, float *b, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i++) {
    ptrdiff_t pair = i % (2 * ODD * ODD);
    a[i] = pair < ODD * ODD ? odd_numbers[pair / ODD] : draw(-3, 3);
    b[i] = pair < ODD * ODD ? odd_numbers[pair % ODD] : i % 5 == 0 ? a[i] : draw(-3, 3);
  }
}

static void test_binary(const char *name, Binary run, double (*exact)(double, double)) {
  for (int l = 0; l < LENGTHS; l++) {
    ptrdiff_t n = lengths[l];
    float *a = floats(n), *b = floats(n), *y = floats(n);
    double *e = expected(n);
    fill_pairs(a, b, n);
    for (ptrdiff_t i = 0; i < n; i++) e[i] = (float)exact(a[i], b[i]);
    run(y, a, b, n);
    expect_close(name, n, y, e, n, 0, 0);
    // In place.
    run(a, a, b, n);
    expect_equal(name, n, a, y, (size_t)n * sizeof *y);
    release();
  }
}

static void test_scalars(ptrdiff_t n) {
  float *x = draws(n, -3, 3), *y = floats(n), *dy = draws(n, -1, 1);
  double *e = expected(n);
  if (n > 2) x[2] = NAN;
  for (ptrdiff_t i = 0; i < n; i++) e[i] = 1.7 * x[i] - 0.3;
  etude_affine(y, x, 1.7f, -0.3f, n);
  expect_close("etude_affine", n, y, e, n, 2 * ULP, 1e-6);
  for (ptrdiff_t i = 0; i < n; i++) e[i] = x[i] < -1 ? -1 : x[i] > 2 ? 2 : x[i];
  etude_clamp(y, x, -1, 2, n);
  expect_close("etude_clamp", n, y, e, n, 0, 0);
  for (ptrdiff_t i = 0; i < n; i++) e[i] = e[i] <= -1 || e[i] >= 2 ? 0 : dy[i];
  float *dx = floats(n);
  etude_clamp_gradient(dx, y, dy, -1, 2, n);
  expect_close("etude_clamp_gradient", n, dx, e, n, 0, 0);
  for (ptrdiff_t i = 0; i < n; i++) e[i] = dy[i] + 0.7 * x[i];
  etude_accumulate(dy, x, 0.7f, n);
  expect_close("etude_accumulate", n, dy, e, n, 2 * ULP, 1e-6);
  float *mask = draws(n, -1, 1), *other = draws(n, -1, 1);
  for (ptrdiff_t i = 0; i < n; i++) {
    mask[i] = mask[i] < 0 ? 0 : mask[i];
    e[i] = mask[i] != 0 ? x[i] : other[i];
  }
  etude_select(y, mask, x, other, n);
  expect_close("etude_select", n, y, e, n, 0, 0);
}

static void test_types(ptrdiff_t n) {
  uint16_t *x = bfloats(n), *again = bfloats(n);
  float *y = floats(n);
  double *e = expected(n);
  for (ptrdiff_t i = 0; i < n; i++) x[i] = (uint16_t)(i * 2731), e[i] = wide(x[i]);
  etude_widen(y, x, n);
  expect_close("etude_widen", n, y, e, n, 0, 0);
  // Ties, and numbers that round to infinity.
  for (ptrdiff_t i = 0; i < n; i++) {
    uint32_t bits = (uint32_t)(i * 40503) << 12 | (i % 3 == 0 ? 0x8000u : 0);
    memcpy(y + i, &bits, sizeof bits);
    x[i] = nearest(y[i]);
  }
  etude_narrow(again, y, n);
  for (ptrdiff_t i = 0; i < n; i++)
    if (y[i] != y[i]) again[i] = x[i] = wide(again[i]) != wide(again[i]);
  expect_equal("etude_narrow", n, again, x, (size_t)n * sizeof *x);
}

static void test_adamw(ptrdiff_t n) {
  float *p = draws(n, -1, 1), *m = draws(n, -1, 1), *v = draws(n, 0, 1), *g = draws(n, -1, 1);
  double *ep = expected(n), *em = expected(n), *ev = expected(n);
  for (ptrdiff_t i = 0; i < n; i++) {
    double slope = 0.5 * g[i];
    em[i] = 0.9f * (double)m[i] + (1 - 0.9f) * slope;
    ev[i] = 0.98f * (double)v[i] + (1 - 0.98f) * slope * slope;
    ep[i] = p[i] * (1 - 0.01 * 0.1) - 0.01 * 1.3 * em[i] / (sqrt(ev[i]) + 1e-6);
  }
  etude_adamw(p, m, v, g, 0.5f, 0.01f, 1.3f, 0.9f, 0.98f, 1e-6f, 0.1f, n);
  expect_close("etude_adamw", n, m, em, n, 1e-6, 1e-7);
  expect_close("etude_adamw", n, v, ev, n, 1e-6, 1e-7);
  expect_close("etude_adamw", n, p, ep, n, 1e-6, 1e-6);
}

void test_elementwise(void) {
  for (size_t i = 0; i < sizeof binaries / sizeof *binaries; i++)
    test_binary(binaries[i].name, binaries[i].run, binaries[i].exact);
  for (int l = 0; l < LENGTHS; l++) {
    test_scalars(lengths[l]);
    test_types(lengths[l]);
    test_adamw(lengths[l]);
    release();
  }
}
