#include "vector_math.h"

#pragma clang fp contract(fast) reassociate(on)

KERNEL(
    void, etude_normalize,
    (float *y, float *mean, float *reciprocal, const float *x, const float *weight,
     const float *bias, float epsilon, ptrdiff_t n),
    (y, mean, reciprocal, x, weight, bias, epsilon, n)) {
  float sum = 0;
  for (ptrdiff_t i = 0; i < n; i++) sum += x[i];
  float centre = sum / (float)n;
  float squares = 0;
  for (ptrdiff_t i = 0; i < n; i++) squares += (x[i] - centre) * (x[i] - centre);
  float scale = 1.0f / __builtin_sqrtf(squares / (float)n + epsilon);
  if (weight && bias) {
    for (ptrdiff_t i = 0; i < n; i++) y[i] = (x[i] - centre) * scale * weight[i] + bias[i];
  } else {
    for (ptrdiff_t i = 0; i < n; i++) y[i] = (x[i] - centre) * scale;
  }
  *mean = centre;
  *reciprocal = scale;
}

// `weighted` is a constant wherever this is inlined: a condition inside the loop would cause masked
// loads.
INLINE void row_gradient(
    float *dx, const float *x, const float *dy, const float *weight, int weighted, float mean,
    float reciprocal, ptrdiff_t n) {
  float sum = 0, product = 0;
  for (ptrdiff_t i = 0; i < n; i++) {
    float g = weighted ? dy[i] * weight[i] : dy[i];
    sum += g;
    product += g * (x[i] - mean);
  }
  float a = sum / (float)n;
  float b = product * reciprocal * reciprocal / (float)n;
  for (ptrdiff_t i = 0; i < n; i++) {
    float g = weighted ? dy[i] * weight[i] : dy[i];
    dx[i] = reciprocal * (g - a - (x[i] - mean) * b);
  }
}

KERNEL(
    void, etude_normalize_gradient,
    (float *dx, float *dweight, float *dbias, const float *x, const float *dy, const float *weight,
     float mean, float reciprocal, ptrdiff_t n),
    (dx, dweight, dbias, x, dy, weight, mean, reciprocal, n)) {
  if (weight) {
    row_gradient(dx, x, dy, weight, 1, mean, reciprocal, n);
  } else {
    row_gradient(dx, x, dy, weight, 0, mean, reciprocal, n);
  }
  if (!dweight) return;
  for (ptrdiff_t i = 0; i < n; i++) {
    dweight[i] += dy[i] * (x[i] - mean) * reciprocal;
    dbias[i] += dy[i];
  }
}

// The column kernels for floats and for bfloat16 in memory.
#define REAL float
#define NAME(function) function
#define LOAD(x) (x)
#define STORE(x) (x)
#include "columns.h"
#undef REAL
#undef NAME
#undef LOAD
#undef STORE
#define REAL uint16_t
#define NAME(function) function##_bfloat
#define LOAD(x) widened(x)
#define STORE(x) narrowed(x)
#include "columns.h"
