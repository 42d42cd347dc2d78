#include "philox.h"

#pragma clang fp contract(fast) reassociate(on)

typedef float Lane __attribute__((vector_size(64), aligned(4)));

enum { WIDTH = 16, TALL = 6, WIDE = 4 };

// `height` rows by `width` lanes of C, kept in registers over the loop of k.
INLINE void tile(
    const int height, const int width, float *c, ptrdiff_t c_row, const float *a, ptrdiff_t a_row,
    ptrdiff_t a_step, const float *b, ptrdiff_t b_row, ptrdiff_t k, int keep) {
  Lane sum[TALL][WIDE];
#pragma unroll
  for (int i = 0; i < height; i++)
#pragma unroll
    for (int j = 0; j < width; j++) {
      if (keep) memcpy(&sum[i][j], c + i * c_row + j * WIDTH, sizeof(Lane));
      else sum[i][j] = (Lane){0};
    }
  for (ptrdiff_t p = 0; p < k; p++) {
    Lane row[WIDE];
#pragma unroll
    for (int j = 0; j < width; j++) memcpy(&row[j], b + p * b_row + j * WIDTH, sizeof(Lane));
#pragma unroll
    for (int i = 0; i < height; i++) {
      float x = a[i * a_row + p * a_step];
#pragma unroll
      for (int j = 0; j < width; j++) sum[i][j] += x * row[j];
    }
  }
#pragma unroll
  for (int i = 0; i < height; i++)
#pragma unroll
    for (int j = 0; j < width; j++) memcpy(c + i * c_row + j * WIDTH, &sum[i][j], sizeof(Lane));
}

// All rows of one panel of `width` lanes.
INLINE void panel(
    const int width, ptrdiff_t m, float *c, ptrdiff_t c_row, const float *a, ptrdiff_t a_row,
    ptrdiff_t a_step, const float *b, ptrdiff_t b_row, ptrdiff_t k, int keep) {
  ptrdiff_t i = 0;
  for (; i + TALL <= m; i += TALL)
    tile(TALL, width, c + i * c_row, c_row, a + i * a_row, a_row, a_step, b, b_row, k, keep);
  for (; i < m; i++)
    tile(1, width, c + i * c_row, c_row, a + i * a_row, a_row, a_step, b, b_row, k, keep);
}

CLONES void etude_small_product(
    ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, float *c, ptrdiff_t c_row, const float *a,
    ptrdiff_t a_row, ptrdiff_t a_step, const float *b, ptrdiff_t b_row, int keep) {
  ptrdiff_t j = 0;
  for (; j + WIDE * WIDTH <= n; j += WIDE * WIDTH)
    panel(WIDE, m, c + j, c_row, a, a_row, a_step, b + j, b_row, k, keep);
  for (; j < n; j += WIDTH) panel(1, m, c + j, c_row, a, a_row, a_step, b + j, b_row, k, keep);
}

CLONES void etude_transpose(
    float *y, ptrdiff_t y_row, const float *x, ptrdiff_t x_row, ptrdiff_t rows, ptrdiff_t columns) {
  for (ptrdiff_t r = 0; r < rows; r += WIDTH) {
    ptrdiff_t height = rows - r < WIDTH ? rows - r : WIDTH;
    for (ptrdiff_t j = 0; j < columns; j++)
      for (ptrdiff_t i = 0; i < height; i++) y[j * y_row + r + i] = x[(r + i) * x_row + j];
  }
}

// The factors of a run of 64 elements of a row: 0 for a dropped element, else 1 / (1 - p).
INLINE void keep_run(float *keep, ptrdiff_t first, uint32_t threshold, float scale, Stream s) {
  uint32_t draws[RUN];
  philox_run(draws, (uint32_t)(first / 4), s);
  for (int i = 0; i < RUN; i++) keep[i] = draws[i] < threshold ? 0.0f : scale;
}

INLINE float row_greatest(const float *x, ptrdiff_t n) {
  float lanes[RUN];
  for (int l = 0; l < RUN; l++) lanes[l] = -INFINITY;
  ptrdiff_t whole = n / RUN * RUN;
  for (ptrdiff_t i = 0; i < whole; i += RUN)
    for (int l = 0; l < RUN; l++) lanes[l] = x[i + l] > lanes[l] ? x[i + l] : lanes[l];
  float greatest = -INFINITY;
  for (int l = 0; l < RUN; l++) greatest = lanes[l] > greatest ? lanes[l] : greatest;
  for (ptrdiff_t i = whole; i < n; i++) greatest = x[i] > greatest ? x[i] : greatest;
  return greatest;
}

// 2^x for x <= 0, at least 2^-126; NaN stays NaN. Adding 1.5 2^23 leaves the nearest integer in the
// lowest bits; the compiler must not simplify this sum.
INLINE float exp2_below(float x) {
#pragma clang fp reassociate(off)
  x = x < -126.0f ? -126.0f : x;
  float shifted = x + 12582912.0f;
  float r = x - (shifted - 12582912.0f);
  float p = 1.5353362e-4f;
  p = p * r + 1.3398874e-3f;
  p = p * r + 9.6184370e-3f;
  p = p * r + 5.5503324e-2f;
  p = p * r + 2.4022648e-1f;
  p = p * r + 6.9314720e-1f;
  p = p * r + 1.0f;
  uint32_t exponent = (uint32_t)bits_of_float(shifted) << 23;
  // The bits of a NaN must not be added: the sum could be a number.
  return x == x ? float_of_bits((int32_t)((uint32_t)bits_of_float(p) + exponent)) : x;
}

CLONES void etude_attention_bias(
    float *s, const float *bias, float factor, float floor, ptrdiff_t n) {
  ELEMENTWISE
  for (ptrdiff_t i = 0; i < n; i++) {
    float x = s[i] + factor * bias[i];
    s[i] = x < floor ? floor : x;
  }
}

CLONES void etude_attention_weights(
    float *s, float *greatest, float *sum, float *factor, ptrdiff_t rows, ptrdiff_t stride,
    ptrdiff_t count, float scale, const EtudeDropout *dropout) {
  for (ptrdiff_t r = 0; r < rows; r++) {
    float *x = s + r * stride;
    float shift = scale * row_greatest(x, count);
    if (greatest[r] > shift) shift = greatest[r];
    float total = 0;
    ELEMENTWISE
    for (ptrdiff_t i = 0; i < count; i++) {
      float e = exp2_below(scale * x[i] - shift);
      total += e;
      x[i] = e;
    }
    if (count % 2) x[count] = 0;
    factor[r] = exp2f(greatest[r] - shift);
    sum[r] = sum[r] * factor[r] + total;
    greatest[r] = shift;
    if (!dropout) continue;
    Stream stream = {dropout->seed, dropout->sample, dropout->step, dropout->purpose};
    for (ptrdiff_t start = 0; start < count; start += RUN) {
      float keep[RUN];
      keep_run(
          keep, dropout->first + r * dropout->row + start, dropout->threshold, dropout->scale, stream);
      ptrdiff_t end = count - start < RUN ? count - start : RUN;
      for (ptrdiff_t i = 0; i < end; i++) x[start + i] *= keep[i];
    }
  }
}

CLONES void etude_attention_weights_gradient(
    float *s, float *dp, const float *log_sum, const float *dot, ptrdiff_t rows, ptrdiff_t stride,
    ptrdiff_t valid, float scale, const EtudeDropout *dropout) {
  for (ptrdiff_t r = 0; r < rows; r++) {
    float *x = s + r * stride, *dx = dp + r * stride;
    float shift = log_sum[r], mean = dot[r];
    float keep[RUN];
    for (int i = 0; i < RUN; i++) keep[i] = 1;
    for (ptrdiff_t start = 0; start < valid; start += RUN) {
      if (dropout) {
        Stream stream = {dropout->seed, dropout->sample, dropout->step, dropout->purpose};
        keep_run(
            keep, dropout->first + r * dropout->row + start, dropout->threshold, dropout->scale,
            stream);
      }
      ptrdiff_t end = valid - start < RUN ? valid - start : RUN;
      ELEMENTWISE
      for (ptrdiff_t i = 0; i < end; i++) {
        float p = vector_exp(scale * x[start + i] - shift);
        float g = keep[i] * dx[start + i];
        x[start + i] = p * keep[i];
        dx[start + i] = scale * p * (g - mean);
      }
    }
    for (ptrdiff_t i = valid; i < stride; i++) x[i] = dx[i] = 0;
  }
}
