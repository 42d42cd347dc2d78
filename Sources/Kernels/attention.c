#include "philox.h"

#pragma clang fp contract(fast) reassociate(on)

enum { WIDTH = 16 };

KERNEL(
    void, etude_transpose,
    (float *y, ptrdiff_t y_row, const float *x, ptrdiff_t x_row, ptrdiff_t rows, ptrdiff_t columns),
    (y, y_row, x, x_row, rows, columns)) {
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

KERNEL(
    void, etude_attention_bias,
    (float *s, const float *bias, float factor, float floor, ptrdiff_t n),
    (s, bias, factor, floor, n)) {
  ELEMENTWISE
  for (ptrdiff_t i = 0; i < n; i++) {
    float x = s[i] + factor * bias[i];
    s[i] = x < floor ? floor : x;
  }
}

KERNEL(
    void, etude_attention_weights,
    (float *s, float *greatest, float *sum, float *factor, ptrdiff_t rows, ptrdiff_t stride,
     ptrdiff_t count, float scale, const EtudeDropout *dropout),
    (s, greatest, sum, factor, rows, stride, count, scale, dropout)) {
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

KERNEL(
    void, etude_attention_weights_gradient,
    (float *s, float *dp, const float *log_sum, const float *dot, ptrdiff_t rows, ptrdiff_t stride,
     ptrdiff_t valid, float scale, const EtudeDropout *dropout),
    (s, dp, log_sum, dot, rows, stride, valid, scale, dropout)) {
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
