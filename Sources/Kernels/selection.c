#include "vector_math.h"

KERNEL(void, etude_less, (float *y, const float *a, const float *b, ptrdiff_t n), (y, a, b, n)) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] = a[i] < b[i] ? 1.0f : 0.0f;
}

KERNEL(
    void, etude_less_or_equal,
    (float *y, const float *a, const float *b, ptrdiff_t n),
    (y, a, b, n)) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] = a[i] <= b[i] ? 1.0f : 0.0f;
}

KERNEL(void, etude_equal, (float *y, const float *a, const float *b, ptrdiff_t n), (y, a, b, n)) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] = a[i] == b[i] ? 1.0f : 0.0f;
}

KERNEL(void, etude_unequal, (float *y, const float *a, const float *b, ptrdiff_t n), (y, a, b, n)) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] = a[i] != b[i] ? 1.0f : 0.0f;
}

KERNEL(void, etude_maximum, (float *y, const float *a, const float *b, ptrdiff_t n), (y, a, b, n)) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] = a[i] > b[i] || a[i] != a[i] ? a[i] : b[i];
}

KERNEL(void, etude_minimum, (float *y, const float *a, const float *b, ptrdiff_t n), (y, a, b, n)) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] = a[i] < b[i] || a[i] != a[i] ? a[i] : b[i];
}

KERNEL(
    void, etude_share_of_greater,
    (float *y, const float *a, const float *b, ptrdiff_t n),
    (y, a, b, n)) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] = a[i] > b[i] ? 1.0f : a[i] < b[i] ? 0.0f : 0.5f;
}

KERNEL(
    void, etude_select,
    (float *y, const float *mask, const float *a, const float *b, ptrdiff_t n),
    (y, mask, a, b, n)) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] = mask[i] != 0.0f ? a[i] : b[i];
}

KERNEL(
    void, etude_keep_masked,
    (float *y, const float *x, const float *mask, ptrdiff_t n),
    (y, x, mask, n)) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] = mask[i] != 0.0f ? x[i] : 0.0f;
}

KERNEL(
    void, etude_keep_unmasked,
    (float *y, const float *x, const float *mask, ptrdiff_t n),
    (y, x, mask, n)) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] = mask[i] != 0.0f ? 0.0f : x[i];
}
