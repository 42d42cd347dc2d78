// Kernels over the columns of [rows, n]. A template: it is included once for each type in memory,
// with REAL, NAME, LOAD and STORE defined.

// The sums of one block of rows. Where possible it is called with a constant width, so that the
// sums are kept in registers.
INLINE void NAME(sum_block)(
    float *sum, const REAL *x, ptrdiff_t rows, ptrdiff_t width, ptrdiff_t stride) {
  for (ptrdiff_t r = 0; r < rows; r++)
    for (ptrdiff_t j = 0; j < width; j++) sum[j] += LOAD(x[r * stride + j]);
}

INLINE void NAME(square_block)(
    float *sum, const REAL *x, const float *centre, ptrdiff_t rows, ptrdiff_t width,
    ptrdiff_t stride) {
  for (ptrdiff_t r = 0; r < rows; r++)
    for (ptrdiff_t j = 0; j < width; j++) {
      float d = LOAD(x[r * stride + j]) - centre[j];
      sum[j] += d * d;
    }
}

INLINE void NAME(moment_block)(
    float *sum, float *product, const REAL *dy, const REAL *x, const float *mean, ptrdiff_t rows,
    ptrdiff_t width, ptrdiff_t stride) {
  for (ptrdiff_t r = 0; r < rows; r++)
    for (ptrdiff_t j = 0; j < width; j++) {
      float g = LOAD(dy[r * stride + j]);
      sum[j] += g;
      product[j] += g * (LOAD(x[r * stride + j]) - mean[j]);
    }
}

KERNEL(
    void, NAME(etude_sum_rows),
    (float *y, const REAL *x, ptrdiff_t rows, ptrdiff_t n, ptrdiff_t stride),
    (y, x, rows, n, stride)) {
  for (ptrdiff_t left = 0; left < n; left += COLUMNS) {
    ptrdiff_t width = n - left < COLUMNS ? n - left : COLUMNS;
    double total[COLUMNS] = {0};
    for (ptrdiff_t start = 0; start < rows; start += ROWS) {
      ptrdiff_t end = start + ROWS < rows ? start + ROWS : rows;
      float block[COLUMNS] = {0};
      const REAL *from = x + start * stride + left;
      if (width == COLUMNS)
        NAME(sum_block)(block, from, end - start, COLUMNS, stride);
      else
        NAME(sum_block)(block, from, end - start, width, stride);
      for (ptrdiff_t j = 0; j < width; j++) total[j] += block[j];
    }
    for (ptrdiff_t j = 0; j < width; j++) y[left + j] += (float)total[j];
  }
}

KERNEL(
    void, NAME(etude_column_squares),
    (float *squares, const REAL *x, const float *centre, ptrdiff_t rows, ptrdiff_t n),
    (squares, x, centre, rows, n)) {
  for (ptrdiff_t left = 0; left < n; left += COLUMNS) {
    ptrdiff_t width = n - left < COLUMNS ? n - left : COLUMNS;
    double total[COLUMNS] = {0};
    for (ptrdiff_t start = 0; start < rows; start += ROWS) {
      ptrdiff_t end = start + ROWS < rows ? start + ROWS : rows;
      float block[COLUMNS] = {0};
      const REAL *from = x + start * n + left;
      if (width == COLUMNS)
        NAME(square_block)(block, from, centre + left, end - start, COLUMNS, n);
      else
        NAME(square_block)(block, from, centre + left, end - start, width, n);
      for (ptrdiff_t j = 0; j < width; j++) total[j] += block[j];
    }
    for (ptrdiff_t j = 0; j < width; j++) squares[left + j] += (float)total[j];
  }
}

KERNEL(
    void, NAME(etude_scale_columns),
    (REAL *y, const REAL *x, const float *scale, const float *shift, ptrdiff_t rows, ptrdiff_t n),
    (y, x, scale, shift, rows, n)) {
  for (ptrdiff_t r = 0; r < rows; r++)
    ELEMENTWISE
    for (ptrdiff_t j = 0; j < n; j++) y[r * n + j] = STORE(LOAD(x[r * n + j]) * scale[j] + shift[j]);
}

KERNEL(
    void, NAME(etude_scale_columns_gelu),
    (REAL *y, const REAL *x, const float *scale, const float *shift, ptrdiff_t rows, ptrdiff_t n),
    (y, x, scale, shift, rows, n)) {
  for (ptrdiff_t r = 0; r < rows; r++)
    for (ptrdiff_t j = 0; j < n; j++)
      y[r * n + j] = STORE(vector_gelu(LOAD(x[r * n + j]) * scale[j] + shift[j]));
}

KERNEL(
    void, NAME(etude_scale_columns_gelu_gradient),
    (REAL *dx, const REAL *dy, const REAL *x, const float *scale, const float *shift,
     ptrdiff_t rows, ptrdiff_t n),
    (dx, dy, x, scale, shift, rows, n)) {
  for (ptrdiff_t r = 0; r < rows; r++)
    for (ptrdiff_t j = 0; j < n; j++) {
      float slope = vector_gelu_slope(LOAD(x[r * n + j]) * scale[j] + shift[j]);
      dx[r * n + j] = STORE(LOAD(dy[r * n + j]) * slope);
    }
}

KERNEL(
    void, NAME(etude_column_moments),
    (float *sum, float *product, const REAL *dy, const REAL *x, const float *mean,
     const float *reciprocal, ptrdiff_t rows, ptrdiff_t n),
    (sum, product, dy, x, mean, reciprocal, rows, n)) {
  for (ptrdiff_t left = 0; left < n; left += COLUMNS) {
    ptrdiff_t width = n - left < COLUMNS ? n - left : COLUMNS;
    double sums[COLUMNS] = {0}, products[COLUMNS] = {0};
    for (ptrdiff_t start = 0; start < rows; start += ROWS) {
      ptrdiff_t end = start + ROWS < rows ? start + ROWS : rows;
      float s[COLUMNS] = {0}, p[COLUMNS] = {0};
      const REAL *gradient = dy + start * n + left, *from = x + start * n + left;
      if (width == COLUMNS)
        NAME(moment_block)(s, p, gradient, from, mean + left, end - start, COLUMNS, n);
      else
        NAME(moment_block)(s, p, gradient, from, mean + left, end - start, width, n);
      for (ptrdiff_t j = 0; j < width; j++) sums[j] += s[j];
      for (ptrdiff_t j = 0; j < width; j++) products[j] += p[j];
    }
    for (ptrdiff_t j = 0; j < width; j++) {
      sum[left + j] += (float)sums[j];
      product[left + j] += (float)products[j] * reciprocal[left + j];
    }
  }
}

KERNEL(
    void, NAME(etude_normalize_columns_gradient),
    (REAL *dx, const REAL *dy, const REAL *x, const float *scale, const float *mean,
     const float *reciprocal, const float *a, const float *b, ptrdiff_t rows, ptrdiff_t n),
    (dx, dy, x, scale, mean, reciprocal, a, b, rows, n)) {
  for (ptrdiff_t r = 0; r < rows; r++)
    ELEMENTWISE
    for (ptrdiff_t j = 0; j < n; j++) {
      float xhat = (LOAD(x[r * n + j]) - mean[j]) * reciprocal[j];
      dx[r * n + j] = STORE(scale[j] * (LOAD(dy[r * n + j]) - a[j] - xhat * b[j]));
    }
}
