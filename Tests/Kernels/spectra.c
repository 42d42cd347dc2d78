#include "test.h"

static double *double_draws(ptrdiff_t n) {
  double *x = expected(n);
  for (ptrdiff_t i = 0; i < n; i++) x[i] = (double)draw(-1, 1) / 3;
  return x;
}

static void expect_doubles(
    const char *kernel, ptrdiff_t n, const double *found, const double *exact) {
  double worst = 0;
  for (ptrdiff_t i = 0; i < n; i++) worst = fmax(worst, fabs(found[i] - exact[i]));
  expect(worst < 1e-14, kernel, n);
}

static void test_windows(ptrdiff_t n) {
  float *x = draws(n, -1, 1), *a = draws(n, -1, 1), *b = draws(n, -1, 1), *z = floats(2 * n);
  double *window = double_draws(n), *y = expected(n), *e = expected(n), *ez = expected(2 * n);
  for (ptrdiff_t i = 0; i < n; i++) e[i] = window[i] * x[i];
  etude_window(y, x, window, n);
  expect_doubles("etude_window", n, y, e);
  for (ptrdiff_t i = 0; i < n; i++)
    e[i] = window[i] * ((x[i] - 0.1) - 0.97 * (x[i > 0 ? i - 1 : 0] - 0.1));
  etude_emphasize(y, x, window, 0.97, 0.1, n);
  expect_doubles("etude_emphasize", n, y, e);
  for (ptrdiff_t i = 0; i < n; i++) ez[2 * i] = (double)x[i] * a[i], ez[2 * i + 1] = (double)x[i] * b[i];
  etude_pair_window(z, a, b, x, n);
  expect_close("etude_pair_window", n, z, ez, 2 * n, ULP, 0);
  float *sum = draws(n, -1, 1);
  for (ptrdiff_t i = 0; i < n; i++) e[i] = sum[i] + (double)x[i] * z[2 * i];
  etude_pair_add(sum, z, x, n);
  expect_close("etude_pair_add", n, sum, e, n, 2 * ULP, 1e-7);
}

static void test_complex(ptrdiff_t n) {
  double *x = double_draws(2 * n), *e = expected(2 * n);
  float *y = floats(2 * n), *a = draws(2 * n, -1, 1), *b = draws(2 * n, -1, 1);
  for (ptrdiff_t i = 0; i < n; i++) e[i] = x[2 * i] * x[2 * i] + x[2 * i + 1] * x[2 * i + 1];
  etude_power(y, x, n);
  expect_close("etude_power", n, y, e, n, ULP, 0);
  for (ptrdiff_t i = 0; i < n; i++) e[i] = sqrt(e[i]);
  etude_magnitude(y, x, n);
  expect_close("etude_magnitude", n, y, e, n, ULP, 0);
  for (ptrdiff_t i = 0; i < n; i++) e[i] = hypot(a[2 * i], a[2 * i + 1]);
  etude_complex_magnitude(y, a, n);
  expect_close("etude_complex_magnitude", n, y, e, n, 2 * ULP, 0);
  for (ptrdiff_t i = 0; i < n; i++) {
    e[2 * i] = (double)a[2 * i] * b[2 * i] - (double)a[2 * i + 1] * b[2 * i + 1];
    e[2 * i + 1] = (double)a[2 * i] * b[2 * i + 1] + (double)a[2 * i + 1] * b[2 * i];
  }
  etude_complex_multiply(y, a, b, n);
  expect_close("etude_complex_multiply", n, y, e, 2 * n, 0, 3e-7);
  float *g = draws(n, -1, 1);
  for (ptrdiff_t i = 0; i < 2 * n; i++) e[i] = y[i] + (double)g[i / 2] * a[i];
  etude_complex_accumulate(y, a, g, n);
  expect_close("etude_complex_accumulate", n, y, e, 2 * n, 0, 3e-7);
}

static void test_bands(ptrdiff_t n) {
  enum { BINS = 300 };
  float *x = draws(BINS, 0, 1), *weights = draws(10 * n, 0, 1), *y = floats(n);
  EtudeBand *bands = room((size_t)n * sizeof *bands);
  double *e = expected(n), *spread = expected(BINS);
  for (ptrdiff_t m = 0; m < n; m++) {
    bands[m] = (EtudeBand){10 * m, m * 7 % (BINS - 10), m % 11};
    e[m] = 0;
    for (ptrdiff_t i = 0; i < bands[m].count; i++)
      e[m] += (double)weights[bands[m].weight + i] * x[bands[m].first + i];
  }
  etude_band_sums(y, x, weights, bands, n);
  expect_close("etude_band_sums", n, y, e, n, 1e-6, 0);
  for (ptrdiff_t i = 0; i < BINS; i++) spread[i] = x[i];
  for (ptrdiff_t m = 0; m < n; m++)
    for (ptrdiff_t i = 0; i < bands[m].count; i++)
      spread[bands[m].first + i] += (double)weights[bands[m].weight + i] * y[m];
  etude_band_spread(x, y, weights, bands, n);
  expect_close("etude_band_spread", n, x, spread, BINS, 1e-5, 0);
}

// The spectra A and B at bin k of two real frames, from the transform z of a + ib.
static void test_pairs(ptrdiff_t n) {
  ptrdiff_t bins = n / 2 + 1;
  float *z = draws(2 * n, -1, 1), *a = floats(bins), *b = floats(bins);
  double *ea = expected(bins), *eb = expected(bins), *ez = expected(2 * n);
  float *ga = draws(bins, -1, 1), *gb = draws(bins, -1, 1);
  for (ptrdiff_t k = 0; k < n; k++) {
    ptrdiff_t m = (n - k) % n, bin = k <= n / 2 ? k : n - k;
    double ar = 0.5 * (z[2 * k] + (double)z[2 * m]);
    double ai = 0.5 * (z[2 * k + 1] - (double)z[2 * m + 1]);
    // B = (z - m*) / 2i
    double br = 0.5 * (z[2 * k + 1] + (double)z[2 * m + 1]);
    double bi = -0.5 * (z[2 * k] - (double)z[2 * m]);
    if (k <= n / 2) ea[k] = ar * ar + ai * ai, eb[k] = br * br + bi * bi;
    // 2 a A + 2 i b B, half of it at bins with a mirror image.
    double half = k == 0 || 2 * k == n ? 2 : 1;
    ez[2 * k] = half * (ga[bin] * ar - gb[bin] * bi);
    ez[2 * k + 1] = half * (ga[bin] * ai + gb[bin] * br);
  }
  etude_pair_power(a, b, z, n);
  expect_close("etude_pair_power", n, a, ea, bins, 2e-6, 1e-7);
  expect_close("etude_pair_power", n, b, eb, bins, 2e-6, 1e-7);
  etude_pair_power_gradient(z, ga, gb, n);
  expect_close("etude_pair_power_gradient", n, z, ez, 2 * n, 2e-6, 1e-6);
}

static void test_energies(ptrdiff_t n) {
  float *x = draws(n, 0, 2), *y = draws(n, 0, 2), *dx = floats(n), *l = floats(n);
  double *e = expected(n), sums[2] = {1, 2}, exact[2] = {1, 2};
  for (ptrdiff_t i = 0; i < n; i++) {
    double d = (double)x[i] - y[i], ratio = log((x[i] + 1e-5) / (y[i] + 1e-5));
    exact[0] += fabs(d), exact[1] += ratio * ratio;
    e[i] = (d > 0 ? 0.3 : d < 0 ? -0.3 : 0) + 0.2 * 2 * ratio / (x[i] + 1e-5);
  }
  etude_energy_distance(sums, dx, x, y, 1e-5f, 0.3f, 0.2f, n);
  expect_number("etude_energy_distance", n, sums[0], exact[0], 1e-5);
  expect_number("etude_energy_distance", n, sums[1], exact[1], 1e-5);
  expect_close("etude_energy_distance", n, dx, e, n, 1e-5, 1e-5);
  if (n > 3) x[2] = NAN;
  for (ptrdiff_t i = 0; i < n; i++) {
    double value = 1.5 * x[i] - 0.5;
    e[i] = log(value < 1e-3f ? 1e-3f : value);
  }
  etude_log_floored(l, x, 1.5f, -0.5f, 1e-3f, n);
  expect_close("etude_log_floored", n, l, e, n, 2e-6, 5e-5);
}

static void test_polyphase(ptrdiff_t periods, ptrdiff_t phases, ptrdiff_t taps) {
  ptrdiff_t period = phases + 1;
  float *x = draws(periods * period + phases + taps, -1, 1), *y = floats(periods * phases);
  float *weights = draws(phases * taps, -1, 1);
  ptrdiff_t *firsts = room((size_t)phases * sizeof *firsts);
  double *e = expected(periods * phases);
  for (ptrdiff_t p = 0; p < phases; p++) firsts[p] = p;
  for (ptrdiff_t i = 0; i < periods * phases; i++) {
    const float *from = x + i / phases * period + firsts[i % phases];
    e[i] = 0;
    for (ptrdiff_t t = 0; t < taps; t++) e[i] += (double)weights[i % phases * taps + t] * from[t];
  }
  etude_polyphase(y, x, periods, period, weights, firsts, phases, taps);
  expect_close("etude_polyphase", taps, y, e, periods * phases, 0, 5e-6);
}

void test_spectra(void) {
  for (int l = 0; l < LENGTHS; l++) {
    ptrdiff_t n = lengths[l];
    test_windows(n);
    test_complex(n);
    test_bands(n);
    test_energies(n);
    if (n > 0) test_pairs(2 * n);
    test_polyphase(l, l + 1, 8 * (l % 4 + 1));
    release();
  }
}
