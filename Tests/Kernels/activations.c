// Functions of one number, and their gradients.
#include "test.h"

static double sigmoid(double x) { return 1 / (1 + exp(-x)); }
static double density(double x) { return exp(-0.5 * x * x) / sqrt(2 * M_PI); }
static double distribution(double x) { return 0.5 * erfc(-x / M_SQRT2); }
static double gelu(double x) { return isinf(x) ? fmax(x, 0) : x * distribution(x); }
static double gelu_slope(double x) { return distribution(x) + (isinf(x) ? 0 : x * density(x)); }
static double silu(double x) { return x == -INFINITY ? 0 : x * sigmoid(x); }
static double silu_slope(double x) {
  return x == INFINITY ? 1 : x == -INFINITY ? 0 : sigmoid(x) * (1 + x * (1 - sigmoid(x)));
}
static double relu(double x) { return x < 0 ? 0 : x; }
static double softplus(double x) { return x > 700 ? x : log1p(exp(x)); }
static double tanh_slope_of(double y) { return 1 - y * y; }
static double sigmoid_slope_of(double y) { return y * (1 - y); }

typedef void (*Unary)(float *, const float *, ptrdiff_t);
typedef void (*Slope)(float *, const float *, const float *, ptrdiff_t);

// Where the arguments lie, and the error allowed: relative, or absolute times |x|, or absolute.
static const struct {
  const char *name;
  Unary run;
  double (*exact)(double);
  float low, high;
  double relative, of_x, absolute;
} functions[] = {
    {"etude_exp", etude_exp, exp, -110, 95, 2 * ULP, 0, 1.5e-45},
    {"etude_log", etude_log, log, 0, 3, 2 * ULP, 0, 0},
    {"etude_log", etude_log, log, -1, 1e30f, 2 * ULP, 0, 0},
    {"etude_sqrt", etude_sqrt, sqrt, -1, 100, ULP, 0, 0},
    {"etude_gelu", etude_gelu, gelu, 0, 8, 3 * ULP, 0, 1e-45},
    {"etude_gelu", etude_gelu, gelu, -8, 0, 0, 2e-7, 0},
    {"etude_tanh", etude_tanh, tanh, -12, 12, 2 * ULP, 0, 0},
    {"etude_sigmoid", etude_sigmoid, sigmoid, -90, 90, 3 * ULP, 0, 1.5e-45},
    {"etude_silu", etude_silu, silu, -87, 90, 4 * ULP, 0, 0},
    {"etude_relu", etude_relu, relu, -3, 3, 0, 0, 0},
    {"etude_abs", etude_abs, fabs, -3, 3, 0, 0, 0},
    {"etude_softplus", etude_softplus, softplus, -40, 40, 3 * ULP, 0, 0},
    {"etude_sin", etude_sin, sin, -50, 50, ULP, 0, 0},
    {"etude_sin", etude_sin, sin, -3e6f, 3e6f, ULP, 0, 0},
    {"etude_cos", etude_cos, cos, -50, 50, ULP, 0, 0},
    {"etude_cos", etude_cos, cos, -3e6f, 3e6f, ULP, 0, 0},
};

// The gradient from x, or from the result y, and dy.
static const struct {
  const char *name;
  Slope run;
  double (*exact)(double);
  float low, high;
  double of_dy;
} slopes[] = {
    {"etude_gelu_gradient", etude_gelu_gradient, gelu_slope, -8, 8, 3e-7},
    {"etude_tanh_gradient", etude_tanh_gradient, tanh_slope_of, -1, 1, 3e-7},
    {"etude_sigmoid_gradient", etude_sigmoid_gradient, sigmoid_slope_of, 0, 1, 3e-7},
    {"etude_silu_gradient", etude_silu_gradient, silu_slope, -100, 100, 5e-7},
    {"etude_softplus_gradient", etude_softplus_gradient, sigmoid, -90, 90, 5e-7},
};

static void test_function(size_t f, ptrdiff_t n) {
  float *x = draws(n, functions[f].low, functions[f].high), *y = floats(n);
  double *e = expected(n);
  if (n > 4) x[3] = NAN;
  functions[f].run(y, x, n);
  for (ptrdiff_t i = 0; i < n; i++) {
    e[i] = functions[f].exact(x[i]);
    double absolute = functions[f].of_x * fabs(x[i]) + functions[f].absolute;
    expect_close(functions[f].name, n, y + i, e + i, 1, functions[f].relative, absolute);
  }
}

static void test_slope(size_t f, ptrdiff_t n) {
  float *x = draws(n, slopes[f].low, slopes[f].high), *dy = draws(n, -2, 2), *dx = floats(n);
  double *e = expected(n);
  if (n > 4) x[3] = NAN;
  slopes[f].run(dx, x, dy, n);
  for (ptrdiff_t i = 0; i < n; i++) {
    e[i] = dy[i] * slopes[f].exact(x[i]);
    expect_close(slopes[f].name, n, dx + i, e + i, 1, 0, slopes[f].of_dy * fabs(dy[i]));
  }
}

// Infinities, and numbers whose exponential overflows, give the limit.
static void test_limits(void) {
  const struct {
    const char *name;
    Unary run;
    double (*exact)(double);
  } limited[] = {
      {"etude_exp", etude_exp, exp},
      {"etude_tanh", etude_tanh, tanh}, {"etude_sigmoid", etude_sigmoid, sigmoid},
      {"etude_silu", etude_silu, silu}, {"etude_softplus", etude_softplus, softplus},
      {"etude_log", etude_log, log}, {"etude_sin", etude_sin, sin}, {"etude_cos", etude_cos, cos},
  };
  const float far[] = {-INFINITY, INFINITY, -1e30f, 1e30f, 0, -0.0f, 1e-40f, NAN};
  enum { COUNT = sizeof far / sizeof *far };
  for (size_t f = 0; f < sizeof limited / sizeof *limited; f++) {
    float y[COUNT];
    double e[COUNT];
    for (int i = 0; i < COUNT; i++) e[i] = limited[f].exact(far[i]);
    limited[f].run(y, far, COUNT);
    expect_close(limited[f].name, COUNT, y, e, COUNT, 4 * ULP, 1e-44);
  }
}

static void test_with_settings(ptrdiff_t n) {
  float *x = draws(n, -4, 4), *dy = draws(n, -1, 1), *y = floats(n), *dx = floats(n);
  double *e = expected(n);
  if (n > 4) x[3] = NAN;
  for (ptrdiff_t i = 0; i < n; i++) e[i] = x[i] > 0 ? x[i] : 0.25 * x[i];
  etude_leaky_relu(y, x, 0.25f, n);
  expect_close("etude_leaky_relu", n, y, e, n, 0, 0);
  for (ptrdiff_t i = 0; i < n; i++) e[i] = y[i] > 0 ? dy[i] : 0.25 * dy[i];
  etude_leaky_relu_gradient(dx, y, dy, 0.25f, n);
  expect_close("etude_leaky_relu_gradient", n, dx, e, n, 0, 0);
  for (ptrdiff_t i = 0; i < n; i++) e[i] = x[i] > 0 ? x[i] : 1.5 * expm1(x[i]);
  etude_elu(y, x, 1.5f, n);
  expect_close("etude_elu", n, y, e, n, 3 * ULP, 0);
  for (ptrdiff_t i = 0; i < n; i++) e[i] = dy[i] * (y[i] > 0 ? 1 : y[i] + 1.5);
  etude_elu_gradient(dx, y, dy, 1.5f, n);
  expect_close("etude_elu_gradient", n, dx, e, n, 3 * ULP, 1e-7);
  const float powers[] = {2, 3, -1, 0.5f, 2.7f, 0};
  for (size_t p = 0; p < sizeof powers / sizeof *powers; p++) {
    double power = powers[p];
    for (ptrdiff_t i = 0; i < n; i++) e[i] = x[i] != x[i] ? NAN : pow(x[i], power);
    etude_raise(y, x, powers[p], n);
    expect_close("etude_raise", n, y, e, n, ULP, 0);
    for (ptrdiff_t i = 0; i < n; i++)
      e[i] = x[i] != x[i] ? NAN : power == 0 ? 0 * dy[i] : dy[i] * power * pow(x[i], power - 1);
    etude_raise_gradient(dx, x, dy, powers[p], n);
    if (power != 0) expect_close("etude_raise_gradient", n, dx, e, n, 4 * ULP, 0);
  }
}

static void test_glu(ptrdiff_t n) {
  float *x = draws(2 * n, -4, 4), *dy = draws(n, -1, 1), *y = floats(n), *dx = floats(2 * n);
  double *e = expected(n), *slope = expected(2 * n);
  for (ptrdiff_t i = 0; i < n; i++) {
    double gate = sigmoid(x[n + i]);
    e[i] = x[i] * gate;
    slope[i] = dy[i] * gate;
    slope[n + i] = dy[i] * x[i] * gate * (1 - gate);
  }
  etude_glu(y, x, n);
  etude_glu_gradient(dx, x, dy, n);
  expect_close("etude_glu", n, y, e, n, 4 * ULP, 0);
  expect_close("etude_glu_gradient", n, dx, slope, 2 * n, 8 * ULP, 0);
}

static void test_bfloats(ptrdiff_t n) {
  uint16_t *x = bfloat_draws(n, -4, 4), *dy = bfloat_draws(n, -1, 1);
  uint16_t *y = bfloats(n), *dx = bfloats(n);
  double *e = expected(n);
  for (ptrdiff_t i = 0; i < n; i++) e[i] = gelu(wide(x[i]));
  etude_gelu_bfloat(y, x, n);
  expect_close_bfloat("etude_gelu_bfloat", n, y, e, n, 2e-6);
  for (ptrdiff_t i = 0; i < n; i++) e[i] = wide(dy[i]) * gelu_slope(wide(x[i]));
  etude_gelu_gradient_bfloat(dx, x, dy, n);
  expect_close_bfloat("etude_gelu_gradient_bfloat", n, dx, e, n, 1e-6);
  for (ptrdiff_t i = 0; i < n; i++) e[i] = wide(x[i]) > 0 ? wide(x[i]) : expm1(wide(x[i]));
  etude_elu_bfloat(y, x, 1, n);
  expect_close_bfloat("etude_elu_bfloat", n, y, e, n, 0);
  for (ptrdiff_t i = 0; i < n; i++) e[i] = wide(dy[i]) * (wide(y[i]) > 0 ? 1 : wide(y[i]) + 1);
  etude_elu_gradient_bfloat(dx, y, dy, 1, n);
  expect_close_bfloat("etude_elu_gradient_bfloat", n, dx, e, n, 0);
}

void test_activations(void) {
  for (int l = 0; l < LENGTHS; l++) {
    ptrdiff_t n = lengths[l];
    for (size_t f = 0; f < sizeof functions / sizeof *functions; f++) test_function(f, n);
    for (size_t f = 0; f < sizeof slopes / sizeof *slopes; f++) test_slope(f, n);
    test_with_settings(n);
    test_glu(n);
    test_bfloats(n);
    release();
  }
  test_limits();
}
