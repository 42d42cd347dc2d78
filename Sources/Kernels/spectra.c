#include "vector_math.h"

#pragma clang fp contract(fast)

KERNEL(
    void, etude_window,
    (double *y, const float *x, const double *window, ptrdiff_t n),
    (y, x, window, n)) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] = window[i] * x[i];
}

KERNEL(
    void, etude_emphasize,
    (double *y, const float *x, const double *window, double coefficient, double mean, ptrdiff_t n),
    (y, x, window, coefficient, mean, n)) {
  if (n > 0) y[0] = window[0] * ((x[0] - mean) - coefficient * (x[0] - mean));
  for (ptrdiff_t i = 1; i < n; i++)
    y[i] = window[i] * ((x[i] - mean) - coefficient * (x[i - 1] - mean));
}

KERNEL(void, etude_power, (float *y, const double *x, ptrdiff_t n), (y, x, n)) {
  for (ptrdiff_t i = 0; i < n; i++)
    y[i] = (float)(x[2 * i] * x[2 * i] + x[2 * i + 1] * x[2 * i + 1]);
}

KERNEL(void, etude_magnitude, (float *y, const double *x, ptrdiff_t n), (y, x, n)) {
  for (ptrdiff_t i = 0; i < n; i++)
    y[i] = (float)__builtin_sqrt(x[2 * i] * x[2 * i] + x[2 * i + 1] * x[2 * i + 1]);
}

KERNEL(void, etude_complex_magnitude, (float *y, const float *x, ptrdiff_t n), (y, x, n)) {
  for (ptrdiff_t i = 0; i < n; i++)
    y[i] = __builtin_sqrtf(x[2 * i] * x[2 * i] + x[2 * i + 1] * x[2 * i + 1]);
}

KERNEL(
    void, etude_complex_multiply,
    (float *y, const float *a, const float *b, ptrdiff_t n),
    (y, a, b, n)) {
  for (ptrdiff_t i = 0; i < n; i++) {
    float real = a[2 * i] * b[2 * i] - a[2 * i + 1] * b[2 * i + 1];
    float imaginary = a[2 * i] * b[2 * i + 1] + a[2 * i + 1] * b[2 * i];
    y[2 * i] = real;
    y[2 * i + 1] = imaginary;
  }
}

KERNEL(
    void, etude_complex_accumulate,
    (float *y, const float *x, const float *g, ptrdiff_t n),
    (y, x, g, n)) {
  for (ptrdiff_t i = 0; i < n; i++) {
    y[2 * i] += g[i] * x[2 * i];
    y[2 * i + 1] += g[i] * x[2 * i + 1];
  }
}

KERNEL(
    void, etude_log_floored,
    (float *y, const float *x, float scale, float shift, float floor, ptrdiff_t n),
    (y, x, scale, shift, floor, n)) {
  ELEMENTWISE
  for (ptrdiff_t i = 0; i < n; i++) {
    float value = scale * x[i] + shift;
    y[i] = vector_log(value < floor ? floor : value);
  }
}

#pragma clang fp reassociate(on)

KERNEL(
    void, etude_band_sums,
    (float *y, const float *x, const float *weights, const EtudeBand *bands, ptrdiff_t n),
    (y, x, weights, bands, n)) {
  for (ptrdiff_t m = 0; m < n; m++) {
    const float *w = weights + bands[m].weight, *from = x + bands[m].first;
    float sum = 0;
    for (ptrdiff_t i = 0; i < bands[m].count; i++) sum += w[i] * from[i];
    y[m] = sum;
  }
}
