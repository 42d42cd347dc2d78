#include "vector_math.h"

#pragma clang fp contract(fast)

KERNEL(void, etude_add, (float *y, const float *a, const float *b, ptrdiff_t n), (y, a, b, n)) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] = a[i] + b[i];
}

KERNEL(
    void, etude_subtract, (float *y, const float *a, const float *b, ptrdiff_t n), (y, a, b, n)) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] = a[i] - b[i];
}

KERNEL(
    void, etude_multiply, (float *y, const float *a, const float *b, ptrdiff_t n), (y, a, b, n)) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] = a[i] * b[i];
}

KERNEL(void, etude_divide, (float *y, const float *a, const float *b, ptrdiff_t n), (y, a, b, n)) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] = a[i] / b[i];
}

KERNEL(
    void, etude_affine,
    (float *y, const float *x, float scale, float shift, ptrdiff_t n),
    (y, x, scale, shift, n)) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] = scale * x[i] + shift;
}

KERNEL(
    void, etude_clamp,
    (float *y, const float *x, float low, float high, ptrdiff_t n),
    (y, x, low, high, n)) {
  for (ptrdiff_t i = 0; i < n; i++) {
    float raised = x[i] < low ? low : x[i];
    y[i] = raised > high ? high : raised;
  }
}

KERNEL(
    void, etude_accumulate,
    (float *y, const float *x, float scale, ptrdiff_t n),
    (y, x, scale, n)) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] += scale * x[i];
}

KERNEL(void, etude_exp, (float *y, const float *x, ptrdiff_t n), (y, x, n)) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] = vector_exp(x[i]);
}

KERNEL(void, etude_log, (float *y, const float *x, ptrdiff_t n), (y, x, n)) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] = vector_log(x[i]);
}

// The elementwise builtin does not set errno, which would prevent vector code.
KERNEL(void, etude_sqrt, (float *y, const float *x, ptrdiff_t n), (y, x, n)) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] = __builtin_elementwise_sqrt(x[i]);
}

KERNEL(void, etude_gelu, (float *y, const float *x, ptrdiff_t n), (y, x, n)) {
  ELEMENTWISE
  for (ptrdiff_t i = 0; i < n; i++) y[i] = vector_gelu(x[i]);
}

KERNEL(
    void, etude_gelu_gradient,
    (float *dx, const float *x, const float *dy, ptrdiff_t n),
    (dx, x, dy, n)) {
  for (ptrdiff_t i = 0; i < n; i++) dx[i] = dy[i] * vector_gelu_slope(x[i]);
}

KERNEL(void, etude_gelu_bfloat, (uint16_t *y, const uint16_t *x, ptrdiff_t n), (y, x, n)) {
  ELEMENTWISE
  for (ptrdiff_t i = 0; i < n; i++) y[i] = narrowed(vector_gelu(widened(x[i])));
}

KERNEL(
    void, etude_gelu_gradient_bfloat,
    (uint16_t *dx, const uint16_t *x, const uint16_t *dy, ptrdiff_t n),
    (dx, x, dy, n)) {
  for (ptrdiff_t i = 0; i < n; i++)
    dx[i] = narrowed(widened(dy[i]) * vector_gelu_slope(widened(x[i])));
}

KERNEL(
    void, etude_adamw,
    (float *p, float *m, float *v, const float *g, float scale, float rate, float correction,
     float beta1, float beta2, float epsilon, float decay, ptrdiff_t n),
    (p, m, v, g, scale, rate, correction, beta1, beta2, epsilon, decay, n)) {
  float shrink = 1.0f - rate * decay;
  float stride = rate * correction;
  ELEMENTWISE
  for (ptrdiff_t i = 0; i < n; i++) {
    float gradient = scale * g[i];
    m[i] = beta1 * m[i] + (1.0f - beta1) * gradient;
    v[i] = beta2 * v[i] + (1.0f - beta2) * gradient * gradient;
    p[i] = shrink * p[i] - stride * m[i] / (__builtin_elementwise_sqrt(v[i]) + epsilon);
  }
}
