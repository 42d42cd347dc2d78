#include "vector_math.h"

#pragma clang fp contract(fast)

KERNEL(void, etude_abs, (float *y, const float *x, ptrdiff_t n), (y, x, n)) {
  ELEMENTWISE
  for (ptrdiff_t i = 0; i < n; i++) y[i] = absolute(x[i]);
}

KERNEL(
    void, etude_abs_gradient,
    (float *dx, const float *x, const float *dy, ptrdiff_t n),
    (dx, x, dy, n)) {
  ELEMENTWISE
  for (ptrdiff_t i = 0; i < n; i++)
    dx[i] = x[i] > 0.0f ? dy[i] : x[i] < 0.0f ? -dy[i] : 0.0f * x[i];
}

KERNEL(
    void, etude_clamp_gradient,
    (float *dx, const float *y, const float *dy, float low, float high, ptrdiff_t n),
    (dx, y, dy, low, high, n)) {
  ELEMENTWISE
  for (ptrdiff_t i = 0; i < n; i++) dx[i] = y[i] <= low || y[i] >= high ? 0.0f : dy[i];
}

// Computes angles beyond the vector formula with the C library; the vector loop has copied them to
// y unchanged.
static void far_sines(float *y, double (*sine)(double), ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i++)
    if (absolute(y[i]) > GREATEST_ANGLE) y[i] = (float)sine((double)y[i]);
}

INLINE void sines(float *y, const float *x, int32_t quarter, double (*sine)(double), ptrdiff_t n) {
  int any = 0;
  ELEMENTWISE
  for (ptrdiff_t i = 0; i < n; i++) {
    int far = absolute(x[i]) > GREATEST_ANGLE;
    y[i] = far ? x[i] : vector_sine(x[i], quarter);
    any |= far;
  }
  if (any) far_sines(y, sine, n);
}

KERNEL(void, etude_sin, (float *y, const float *x, ptrdiff_t n), (y, x, n)) { sines(y, x, 0, sin, n); }

KERNEL(void, etude_cos, (float *y, const float *x, ptrdiff_t n), (y, x, n)) { sines(y, x, 1, cos, n); }

KERNEL(void, etude_raise, (float *y, const float *x, float power, ptrdiff_t n), (y, x, power, n)) {
  float below = sign_of_power(power);
  ELEMENTWISE
  for (ptrdiff_t i = 0; i < n; i++) y[i] = vector_power(x[i], power, below);
}

KERNEL(
    void, etude_raise_gradient,
    (float *dx, const float *x, const float *dy, float power, ptrdiff_t n),
    (dx, x, dy, power, n)) {
  double lower = power == 0.0f ? 0.0 : (double)power - 1.0;
  float below = sign_of_power(lower);
  ELEMENTWISE
  for (ptrdiff_t i = 0; i < n; i++) dx[i] = dy[i] * (power * vector_power(x[i], lower, below));
}
