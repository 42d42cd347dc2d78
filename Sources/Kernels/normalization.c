#include "vector_math.h"

#pragma clang fp contract(fast) reassociate(on)

CLONES void etude_normalize(
    float *y, float *mean, float *reciprocal, const float *x, const float *weight,
    const float *bias, float epsilon, ptrdiff_t n) {
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

CLONES void etude_normalize_gradient(
    float *dx, float *dweight, float *dbias, const float *x, const float *dy, const float *weight,
    float mean, float reciprocal, ptrdiff_t n) {
  float sum = 0, product = 0;
  for (ptrdiff_t i = 0; i < n; i++) {
    float g = weight ? dy[i] * weight[i] : dy[i];
    sum += g;
    product += g * (x[i] - mean);
  }
  float a = sum / (float)n;
  float b = product * reciprocal * reciprocal / (float)n;
  for (ptrdiff_t i = 0; i < n; i++) {
    float g = weight ? dy[i] * weight[i] : dy[i];
    dx[i] = reciprocal * (g - a - (x[i] - mean) * b);
  }
  if (!dweight) return;
  for (ptrdiff_t i = 0; i < n; i++) {
    dweight[i] += dy[i] * (x[i] - mean) * reciprocal;
    dbias[i] += dy[i];
  }
}

CLONES void etude_column_squares(
    float *squares, const float *x, const float *centre, ptrdiff_t rows, ptrdiff_t n) {
  for (ptrdiff_t left = 0; left < n; left += COLUMNS) {
    ptrdiff_t width = n - left < COLUMNS ? n - left : COLUMNS;
    double total[COLUMNS] = {0};
    for (ptrdiff_t start = 0; start < rows; start += ROWS) {
      ptrdiff_t end = start + ROWS < rows ? start + ROWS : rows;
      float block[COLUMNS] = {0};
      for (ptrdiff_t r = start; r < end; r++)
        for (ptrdiff_t j = 0; j < width; j++) {
          float d = x[r * n + left + j] - centre[left + j];
          block[j] += d * d;
        }
      for (ptrdiff_t j = 0; j < width; j++) total[j] += block[j];
    }
    for (ptrdiff_t j = 0; j < width; j++) squares[left + j] += (float)total[j];
  }
}

CLONES void etude_scale_columns(
    float *y, const float *x, const float *scale, const float *shift, ptrdiff_t rows, ptrdiff_t n) {
  for (ptrdiff_t r = 0; r < rows; r++)
    for (ptrdiff_t j = 0; j < n; j++) y[r * n + j] = x[r * n + j] * scale[j] + shift[j];
}

CLONES void etude_column_moments(
    float *sum, float *product, const float *dy, const float *x, const float *mean,
    const float *reciprocal, ptrdiff_t rows, ptrdiff_t n) {
  for (ptrdiff_t left = 0; left < n; left += COLUMNS) {
    ptrdiff_t width = n - left < COLUMNS ? n - left : COLUMNS;
    double sums[COLUMNS] = {0}, products[COLUMNS] = {0};
    for (ptrdiff_t start = 0; start < rows; start += ROWS) {
      ptrdiff_t end = start + ROWS < rows ? start + ROWS : rows;
      float s[COLUMNS] = {0}, p[COLUMNS] = {0};
      for (ptrdiff_t r = start; r < end; r++)
        for (ptrdiff_t j = 0; j < width; j++) {
          float g = dy[r * n + left + j];
          s[j] += g;
          p[j] += g * (x[r * n + left + j] - mean[left + j]);
        }
      for (ptrdiff_t j = 0; j < width; j++) sums[j] += s[j];
      for (ptrdiff_t j = 0; j < width; j++) products[j] += p[j];
    }
    for (ptrdiff_t j = 0; j < width; j++) {
      sum[left + j] += (float)sums[j];
      product[left + j] += (float)products[j] * reciprocal[left + j];
    }
  }
}

CLONES void etude_normalize_columns_gradient(
    float *dx, const float *dy, const float *x, const float *scale, const float *mean,
    const float *reciprocal, const float *a, const float *b, ptrdiff_t rows, ptrdiff_t n) {
  for (ptrdiff_t r = 0; r < rows; r++)
    for (ptrdiff_t j = 0; j < n; j++) {
      float xhat = (x[r * n + j] - mean[j]) * reciprocal[j];
      dx[r * n + j] = scale[j] * (dy[r * n + j] - a[j] - xhat * b[j]);
    }
}
