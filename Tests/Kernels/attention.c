#include "test.h"

// Whether dropout keeps draw number `draw` of the stream, by the definition in Kernels.h: elements
// are drawn in runs of 64, and element 16 w + b of a run takes word w of its block b.
static double dropout_factor(const EtudeDropout *d, ptrdiff_t number) {
  if (!d) return 1;
  uint64_t words[32];
  etude_random_words(
      words, 1, (uint32_t)(number / 64 * 16), d->seed, d->sample, d->step, d->purpose);
  ptrdiff_t place = number % 64, word = place / 16, block = place % 16;
  uint64_t pair = words[2 * block + word / 2];
  uint32_t drawn = (uint32_t)(word % 2 ? pair >> 32 : pair);
  return drawn < d->threshold ? 0 : d->scale;
}

static void test_bias(ptrdiff_t n) {
  float *s = draws(n, -3, 3), *bias = draws(n, -3, 3);
  double *e = expected(n);
  if (n > 3) bias[1] = -INFINITY, s[2] = NAN;
  for (ptrdiff_t i = 0; i < n; i++) {
    double x = s[i] + 8.0 * bias[i];
    e[i] = x < -16 ? -16 : x;
  }
  etude_attention_bias(s, bias, 8, -16, n);
  expect_close("etude_attention_bias", n, s, e, n, 2 * ULP, 1e-6);
}

// Two stretches of keys: together they have to give the softmax over all keys.
static void test_weights(ptrdiff_t count, const EtudeDropout *dropout) {
  enum { HEIGHT = 5 };
  ptrdiff_t stride = count + 3;
  float *s = draws(HEIGHT * stride, -4, 4), *greatest = filled(HEIGHT, -INFINITY);
  float *sum = filled(HEIGHT, 0), *factor = floats(HEIGHT);
  double *e = expected(count), total[HEIGHT] = {0};
  for (int part = 0; part < 2; part++) {
    float *before = copy(greatest, HEIGHT);
    for (ptrdiff_t i = 0; i < HEIGHT * stride; i++) s[i] = draw(-4, 4);
    float *scores = copy(s, HEIGHT * stride);
    etude_attention_weights(s, greatest, sum, factor, HEIGHT, stride, count, 0.7f, dropout);
    for (ptrdiff_t r = 0; r < HEIGHT; r++) {
      double shift = before[r];
      for (ptrdiff_t i = 0; i < count; i++)
        shift = fmax(shift, (double)(0.7f * scores[r * stride + i]));
      total[r] *= exp2(before[r] - shift);
      for (ptrdiff_t i = 0; i < count; i++) {
        double weight = exp2(0.7f * (double)scores[r * stride + i] - shift);
        total[r] += weight;
        e[i] = weight;
        if (dropout) e[i] *= dropout_factor(dropout, dropout->first + r * dropout->row + i);
      }
      expect_close("etude_attention_weights", count, s + r * stride, e, count, 2e-6, 0);
      expect_number("etude_attention_weights", count, factor[r], exp2(before[r] - shift), 1e-6);
      expect_number("etude_attention_weights", count, sum[r], total[r], 3e-6);
      if (count % 2) expect(s[r * stride + count] == 0, "etude_attention_weights", count);
    }
  }
  // A NaN among the scores stays one; excluded keys beside others have the weight 0.
  s[0] = NAN;
  for (ptrdiff_t i = 1; i < count; i++) s[i] = -0x1p126f;
  etude_attention_weights(s, greatest, sum, factor, 1, stride, count, 0.7f, NULL);
  expect(s[0] != s[0], "etude_attention_weights", count);
  for (ptrdiff_t i = 1; i < count; i++) expect(s[i] < 1e-30f, "etude_attention_weights", count);
}

static void test_weights_pairs(ptrdiff_t count) {
  enum { HEIGHT = 3 };
  ptrdiff_t stride = (count + 33) / 2 * 2;
  float *s = draws(HEIGHT * stride, -4, 4), *greatest = filled(HEIGHT, -INFINITY);
  float *sum = filled(HEIGHT, 0), *factor = floats(HEIGHT);
  uint16_t *w = bfloats(HEIGHT * stride);
  double *e = expected(count);
  etude_attention_weights_pairs(w, s, greatest, sum, factor, HEIGHT, stride, count, 0.7f);
  for (ptrdiff_t r = 0; r < HEIGHT; r++) {
    double total = 0, shift = -INFINITY;
    for (ptrdiff_t i = 0; i < count; i++)
      shift = fmax(shift, (double)(0.7f * s[r * stride + i]));
    for (ptrdiff_t i = 0; i < count; i++)
      total += e[i] = exp2(0.7f * (double)s[r * stride + i] - shift);
    expect_close_bfloat(
        "etude_attention_weights_pairs", count, w + r * stride, e, count, 1e-5);
    expect_number("etude_attention_weights_pairs", count, sum[r], total, 2e-5);
    if (count % 2) expect(w[r * stride + count] == 0, "etude_attention_weights_pairs", count);
  }
}

static void test_gradient(ptrdiff_t valid, const EtudeDropout *dropout) {
  enum { HEIGHT = 3 };
  ptrdiff_t stride = valid + 4;
  float *s = draws(HEIGHT * stride, -4, 4), *dp = draws(HEIGHT * stride, -1, 1);
  float *log_sum = draws(HEIGHT, 2, 4), *dot = draws(HEIGHT, -1, 1);
  double *es = expected(HEIGHT * stride), *edp = expected(HEIGHT * stride);
  for (ptrdiff_t i = 0; i < HEIGHT * stride; i++) {
    ptrdiff_t r = i / stride, key = i % stride;
    es[i] = edp[i] = 0;
    if (key >= valid) continue;
    double keep =
        dropout ? dropout_factor(dropout, dropout->first + r * dropout->row + key) : 1;
    double p = exp(0.5 * s[i] - log_sum[r]);
    es[i] = p * keep, edp[i] = 0.5 * p * (keep * dp[i] - dot[r]);
  }
  etude_attention_weights_gradient(
      s, dp, log_sum, dot, HEIGHT, stride, valid, 0.5f, dropout);
  expect_close("etude_attention_weights_gradient", valid, s, es, HEIGHT * stride, 2e-6, 0);
  expect_close("etude_attention_weights_gradient", valid, dp, edp, HEIGHT * stride, 2e-6, 1e-6);
}

static void test_pair_rows(ptrdiff_t rows, ptrdiff_t n) {
  ptrdiff_t y_row = n + 3, x_row = n + 4, pairs = (rows + 1) / 2;
  uint16_t *x = bfloat_draws(rows * x_row, -1, 1);
  float *wide_x = draws(rows * x_row, -1, 1);
  uint32_t *y = room((size_t)(pairs * y_row) * sizeof *y);
  uint32_t *e = room((size_t)(pairs * y_row) * sizeof *e);
  for (ptrdiff_t i = 0; i < pairs * y_row; i++) {
    ptrdiff_t r = i / y_row * 2, j = i % y_row;
    e[i] = j >= n ? 0 : x[r * x_row + j];
    if (j < n && r + 1 < rows) e[i] |= (uint32_t)x[(r + 1) * x_row + j] << 16;
  }
  etude_pair_rows(y, y_row, x, x_row, rows, n);
  expect_equal("etude_pair_rows", rows, y, e, (size_t)(pairs * y_row) * sizeof *e);
  for (ptrdiff_t i = 0; i < pairs * y_row; i++) {
    ptrdiff_t r = i / y_row * 2, j = i % y_row;
    e[i] = nearest(wide_x[r * x_row + j]);
    if (r + 1 < rows) e[i] |= (uint32_t)nearest(wide_x[(r + 1) * x_row + j]) << 16;
  }
  etude_pair_narrowed_rows(y, y_row, wide_x, x_row, rows);
  expect_equal("etude_pair_narrowed_rows", rows, y, e, (size_t)(pairs * y_row) * sizeof *e);
}

void test_attention(void) {
  const EtudeDropout dropout = {
      .seed = 0x123456789ABCDEF, .sample = 3, .step = 17, .purpose = 5,
      .threshold = 0x40000000, .scale = 4.0f / 3, .first = 128, .row = 704};
  for (int l = 0; l < LENGTHS; l++) {
    ptrdiff_t n = lengths[l];
    test_bias(n);
    if (n == 0) continue;
    test_weights(n, NULL);
    test_weights(n, &dropout);
    test_gradient(n, NULL);
    test_gradient(n, &dropout);
    if (etude_multiplies_pairs()) test_weights_pairs(n);
    test_pair_rows(l + 1, n);
    release();
  }
}
