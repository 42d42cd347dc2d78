#include "vector_math.h"

#pragma clang fp contract(fast)

KERNEL(void, etude_tanh, (float *y, const float *x, ptrdiff_t n), (y, x, n)) {
  ELEMENTWISE
  for (ptrdiff_t i = 0; i < n; i++) y[i] = vector_tanh(x[i]);
}

KERNEL(
    void, etude_tanh_gradient,
    (float *dx, const float *y, const float *dy, ptrdiff_t n),
    (dx, y, dy, n)) {
  ELEMENTWISE
  for (ptrdiff_t i = 0; i < n; i++) dx[i] = dy[i] * ((1.0f - y[i]) * (1.0f + y[i]));
}

KERNEL(void, etude_sigmoid, (float *y, const float *x, ptrdiff_t n), (y, x, n)) {
  ELEMENTWISE
  for (ptrdiff_t i = 0; i < n; i++) y[i] = vector_sigmoid(x[i]);
}

KERNEL(
    void, etude_sigmoid_gradient,
    (float *dx, const float *y, const float *dy, ptrdiff_t n),
    (dx, y, dy, n)) {
  ELEMENTWISE
  for (ptrdiff_t i = 0; i < n; i++) dx[i] = dy[i] * (y[i] * (1.0f - y[i]));
}

KERNEL(void, etude_silu, (float *y, const float *x, ptrdiff_t n), (y, x, n)) {
  ELEMENTWISE
  for (ptrdiff_t i = 0; i < n; i++) y[i] = vector_silu(x[i]);
}

KERNEL(
    void, etude_silu_gradient,
    (float *dx, const float *x, const float *dy, ptrdiff_t n),
    (dx, x, dy, n)) {
  ELEMENTWISE
  for (ptrdiff_t i = 0; i < n; i++) dx[i] = dy[i] * vector_silu_slope(x[i]);
}

KERNEL(void, etude_glu, (float *y, const float *x, ptrdiff_t n), (y, x, n)) {
  ELEMENTWISE
  for (ptrdiff_t i = 0; i < n; i++) y[i] = x[i] * vector_sigmoid(x[n + i]);
}

KERNEL(
    void, etude_glu_gradient,
    (float *dx, const float *x, const float *dy, ptrdiff_t n),
    (dx, x, dy, n)) {
  ELEMENTWISE
  for (ptrdiff_t i = 0; i < n; i++) {
    float gate = vector_sigmoid(x[n + i]), shut = vector_sigmoid(-x[n + i]);
    dx[i] = dy[i] * gate;
    dx[n + i] = dy[i] * x[i] * (gate * shut);
  }
}

KERNEL(void, etude_relu, (float *y, const float *x, ptrdiff_t n), (y, x, n)) {
  ELEMENTWISE
  for (ptrdiff_t i = 0; i < n; i++) y[i] = at_least(x[i], 0.0f);
}

KERNEL(
    void, etude_relu_gradient,
    (float *dx, const float *y, const float *dy, ptrdiff_t n),
    (dx, y, dy, n)) {
  ELEMENTWISE
  for (ptrdiff_t i = 0; i < n; i++) dx[i] = y[i] <= 0.0f ? 0.0f : dy[i];
}

KERNEL(
    void, etude_leaky_relu,
    (float *y, const float *x, float slope, ptrdiff_t n),
    (y, x, slope, n)) {
  ELEMENTWISE
  for (ptrdiff_t i = 0; i < n; i++) y[i] = x[i] > 0.0f ? x[i] : slope * x[i];
}

KERNEL(
    void, etude_leaky_relu_gradient,
    (float *dx, const float *y, const float *dy, float slope, ptrdiff_t n),
    (dx, y, dy, slope, n)) {
  ELEMENTWISE
  for (ptrdiff_t i = 0; i < n; i++) dx[i] = y[i] > 0.0f ? dy[i] : slope * dy[i];
}

KERNEL(void, etude_elu, (float *y, const float *x, float alpha, ptrdiff_t n), (y, x, alpha, n)) {
  ELEMENTWISE
  for (ptrdiff_t i = 0; i < n; i++) {
    float below = alpha * vector_expm1(at_most(x[i], 0.0f));
    y[i] = x[i] > 0.0f ? x[i] : below;
  }
}

KERNEL(
    void, etude_elu_gradient,
    (float *dx, const float *y, const float *dy, float alpha, ptrdiff_t n),
    (dx, y, dy, alpha, n)) {
  ELEMENTWISE
  for (ptrdiff_t i = 0; i < n; i++) dx[i] = dy[i] * (y[i] > 0.0f ? 1.0f : y[i] + alpha);
}

KERNEL(
    void, etude_elu_bfloat,
    (uint16_t *y, const uint16_t *x, float alpha, ptrdiff_t n),
    (y, x, alpha, n)) {
  ELEMENTWISE
  for (ptrdiff_t i = 0; i < n; i++) {
    float number = widened(x[i]), below = alpha * vector_expm1(at_most(number, 0.0f));
    y[i] = narrowed(number > 0.0f ? number : below);
  }
}

KERNEL(
    void, etude_elu_gradient_bfloat,
    (uint16_t *dx, const uint16_t *y, const uint16_t *dy, float alpha, ptrdiff_t n),
    (dx, y, dy, alpha, n)) {
  ELEMENTWISE
  for (ptrdiff_t i = 0; i < n; i++) {
    float number = widened(y[i]);
    dx[i] = narrowed(widened(dy[i]) * (number > 0.0f ? 1.0f : number + alpha));
  }
}

KERNEL(void, etude_softplus, (float *y, const float *x, ptrdiff_t n), (y, x, n)) {
  ELEMENTWISE
  for (ptrdiff_t i = 0; i < n; i++) y[i] = vector_softplus(x[i]);
}

KERNEL(
    void, etude_softplus_gradient,
    (float *dx, const float *x, const float *dy, ptrdiff_t n),
    (dx, x, dy, n)) {
  ELEMENTWISE
  for (ptrdiff_t i = 0; i < n; i++) dx[i] = dy[i] * vector_sigmoid(x[i]);
}
