#include "vector_math.h"

#pragma clang fp contract(fast) reassociate(on)

// Blocks of 256 are summed in float and the blocks in double: fast, and precise to about 1e-6 for
// any n.
KERNEL(double, etude_sum, (const float *x, ptrdiff_t n), (x, n)) {
  double total = 0;
  for (ptrdiff_t start = 0; start < n; start += 256) {
    ptrdiff_t end = start + 256 < n ? start + 256 : n;
    float block = 0;
    for (ptrdiff_t i = start; i < end; i++) block += x[i];
    total += block;
  }
  return total;
}

KERNEL(double, etude_sum_squares, (const float *x, ptrdiff_t n), (x, n)) {
  double total = 0;
  for (ptrdiff_t start = 0; start < n; start += 256) {
    ptrdiff_t end = start + 256 < n ? start + 256 : n;
    float block = 0;
    for (ptrdiff_t i = start; i < end; i++) block += x[i] * x[i];
    total += block;
  }
  return total;
}

KERNEL(double, etude_dot, (const float *x, const float *y, ptrdiff_t n), (x, y, n)) {
  double total = 0;
  for (ptrdiff_t start = 0; start < n; start += 256) {
    ptrdiff_t end = start + 256 < n ? start + 256 : n;
    float block = 0;
    for (ptrdiff_t i = start; i < end; i++) block += x[i] * y[i];
    total += block;
  }
  return total;
}

KERNEL(double, etude_dot_doubles, (const double *x, const double *y, ptrdiff_t n), (x, y, n)) {
  double total = 0;
  for (ptrdiff_t i = 0; i < n; i++) total += x[i] * y[i];
  return total;
}

enum { LANES = 16 };

// Explicit lanes, because the compiler reassociates sums but not maxima.
INLINE float row_max(const float *x, ptrdiff_t n) {
  float lanes[LANES];
  for (int l = 0; l < LANES; l++) lanes[l] = -INFINITY;
  ptrdiff_t whole = n / LANES * LANES;
  for (ptrdiff_t i = 0; i < whole; i += LANES)
    for (int l = 0; l < LANES; l++) lanes[l] = x[i + l] > lanes[l] ? x[i + l] : lanes[l];
  float greatest = -INFINITY;
  for (int l = 0; l < LANES; l++) greatest = lanes[l] > greatest ? lanes[l] : greatest;
  for (ptrdiff_t i = whole; i < n; i++) greatest = x[i] > greatest ? x[i] : greatest;
  return greatest;
}

KERNEL(
    void, etude_softmax,
    (float *y, const float *x, ptrdiff_t n, ptrdiff_t valid),
    (y, x, n, valid)) {
  float greatest = row_max(x, valid);
  float total = 0;
  ELEMENTWISE
  for (ptrdiff_t i = 0; i < valid; i++) {
    float e = vector_exp(x[i] - greatest);
    total += e;
    y[i] = e;
  }
  float scale = 1.0f / total;
  for (ptrdiff_t i = 0; i < valid; i++) y[i] *= scale;
  for (ptrdiff_t i = valid; i < n; i++) y[i] = 0;
}

KERNEL(
    void, etude_softmax_gradient,
    (float *dx, const float *y, const float *dy, ptrdiff_t n),
    (dx, y, dy, n)) {
  float dot = 0;
  for (ptrdiff_t i = 0; i < n; i++) dot += dy[i] * y[i];
  ELEMENTWISE
  for (ptrdiff_t i = 0; i < n; i++) dx[i] = y[i] * (dy[i] - dot);
}

KERNEL(float, etude_log_sum_exp, (const float *x, ptrdiff_t n), (x, n)) {
  float greatest = row_max(x, n);
  float total = 0;
  for (ptrdiff_t i = 0; i < n; i++) total += vector_exp(x[i] - greatest);
  return greatest + logf(total);
}

KERNEL(ptrdiff_t, etude_argmax, (const float *x, ptrdiff_t n), (x, n)) {
  int unordered = 0;
  for (ptrdiff_t i = 0; i < n; i++) unordered |= x[i] != x[i];
  for (ptrdiff_t i = 0; unordered && i < n; i++)
    if (x[i] != x[i]) return i;
  float greatest = row_max(x, n);
  for (ptrdiff_t i = 0; i < n; i++)
    if (x[i] == greatest) return i;
  return 0;
}

KERNEL(
    ptrdiff_t, etude_argmin_difference, (const float *a, const float *b, ptrdiff_t n), (a, b, n)) {
  float lanes[4 * LANES];
  for (int l = 0; l < 4 * LANES; l++) lanes[l] = INFINITY;
  ptrdiff_t whole = n / (4 * LANES) * (4 * LANES);
  for (ptrdiff_t i = 0; i < whole; i += 4 * LANES)
    for (int l = 0; l < 4 * LANES; l++) {
      float x = a[i + l] - b[i + l];
      lanes[l] = x < lanes[l] ? x : lanes[l];
    }
  float least = INFINITY;
  for (int l = 0; l < 4 * LANES; l++) least = lanes[l] < least ? lanes[l] : least;
  for (ptrdiff_t i = whole; i < n; i++) least = a[i] - b[i] < least ? a[i] - b[i] : least;
  // Finds the block that holds the least difference, still in vector code.
  for (ptrdiff_t i = 0; i < whole; i += 4 * LANES) {
    int found = 0;
    for (int l = 0; l < 4 * LANES; l++) found |= a[i + l] - b[i + l] == least;
    if (!found) continue;
    for (int l = 0; l < 4 * LANES; l++)
      if (a[i + l] - b[i + l] == least) return i + l;
  }
  for (ptrdiff_t i = whole; i < n; i++)
    if (a[i] - b[i] == least) return i;
  return 0;
}

KERNEL(float, etude_squared_distance, (const float *x, const float *y, ptrdiff_t n), (x, y, n)) {
  float sum = 0;
  for (ptrdiff_t i = 0; i < n; i++) sum += (x[i] - y[i]) * (x[i] - y[i]);
  return sum;
}

KERNEL(
    double, etude_lessened_distances,
    (float *x, const float *squares, float square, const float *before, ptrdiff_t n),
    (x, squares, square, before, n)) {
  double total = 0;
  for (ptrdiff_t start = 0; start < n; start += 256) {
    ptrdiff_t end = start + 256 < n ? start + 256 : n;
    float block = 0;
    ELEMENTWISE
    for (ptrdiff_t i = start; i < end; i++) {
      float distance = square + squares[i] - 2 * x[i];
      distance = distance > 0 ? distance : 0;
      distance = distance < before[i] ? distance : before[i];
      x[i] = distance;
      block += distance;
    }
    total += block;
  }
  return total;
}
