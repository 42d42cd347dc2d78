#include "vector_math.h"

#pragma clang fp contract(fast)

KERNEL(
    void, etude_pair_window,
    (float *z, const float *a, const float *b, const float *window, ptrdiff_t n),
    (z, a, b, window, n)) {
  ELEMENTWISE
  for (ptrdiff_t i = 0; i < n; i++) {
    z[2 * i] = window[i] * a[i];
    z[2 * i + 1] = window[i] * b[i];
  }
}

// Bin k, where m is bin n - k.
INLINE void pair_power(float *a, float *b, const float *z, const float *m) {
  float ar = z[0] + m[0], ai = z[1] - m[1];
  float br = z[1] + m[1], bi = m[0] - z[0];
  *a = 0.25f * (ar * ar + ai * ai);
  *b = 0.25f * (br * br + bi * bi);
}

KERNEL(void, etude_pair_power, (float *a, float *b, const float *z, ptrdiff_t n), (a, b, z, n)) {
  pair_power(a, b, z, z);
  ELEMENTWISE
  for (ptrdiff_t k = 1; k <= n / 2; k++) pair_power(a + k, b + k, z + 2 * k, z + 2 * (n - k));
}

// y = s z + d m*, where s is half the sum and d half the difference of the gradients
INLINE void pair_gradient(
    float *y, float s, float d, float zr, float zi, float mr, float mi) {
  y[0] = s * zr + d * mr;
  y[1] = s * zi - d * mi;
}

KERNEL(
    void, etude_pair_power_gradient,
    (float *z, const float *a, const float *b, ptrdiff_t n),
    (z, a, b, n)) {
  for (ptrdiff_t k = 0; k <= n / 2; k += n / 2)
    pair_gradient(z + 2 * k, a[k] + b[k], a[k] - b[k], z[2 * k], z[2 * k + 1], z[2 * k], z[2 * k + 1]);
  float *m = z + 2 * n;
  ELEMENTWISE
  for (ptrdiff_t k = 1; k < n / 2; k++) {
    float s = 0.5f * (a[k] + b[k]), d = 0.5f * (a[k] - b[k]);
    float zr = z[2 * k], zi = z[2 * k + 1], mr = m[-2 * k], mi = m[-2 * k + 1];
    pair_gradient(z + 2 * k, s, d, zr, zi, mr, mi);
    pair_gradient(m - 2 * k, s, d, mr, mi, zr, zi);
  }
}

KERNEL(
    void, etude_pair_add,
    (float *y, const float *x, const float *window, ptrdiff_t n),
    (y, x, window, n)) {
  ELEMENTWISE
  for (ptrdiff_t i = 0; i < n; i++) y[i] += window[i] * x[2 * i];
}

KERNEL(
    void, etude_band_spread,
    (float *x, const float *y, const float *weights, const EtudeBand *bands, ptrdiff_t n),
    (x, y, weights, bands, n)) {
  for (ptrdiff_t m = 0; m < n; m++) {
    const float *w = weights + bands[m].weight;
    float *to = x + bands[m].first;
    ELEMENTWISE
    for (ptrdiff_t i = 0; i < bands[m].count; i++) to[i] += w[i] * y[m];
  }
}

#pragma clang fp reassociate(on)

KERNEL(
    void, etude_energy_distance,
    (double *sums, float *dx, const float *x, const float *y, float floor, float linear,
     float logarithmic, ptrdiff_t n),
    (sums, dx, x, y, floor, linear, logarithmic, n)) {
  float differences = 0, squares = 0;
  ELEMENTWISE
  for (ptrdiff_t i = 0; i < n; i++) {
    float d = x[i] - y[i], above = x[i] + floor;
    float l = vector_log(above / (y[i] + floor));
    float sign = d > 0.0f ? linear : d < 0.0f ? -linear : 0.0f;
    differences += absolute(d);
    squares += l * l;
    dx[i] = sign + logarithmic * 2.0f * l / above;
  }
  sums[0] += differences;
  sums[1] += squares;
}
