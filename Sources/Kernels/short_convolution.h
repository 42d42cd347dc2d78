// Convolutions with a short window, such as the first one over a waveform. A template: it is
// included once for each type in memory, with REAL, NAME, LOAD and STORE defined.
//
// In a library's matrix product, packing would take longer than the sums, because the inner side is
// short.

// ROW_TILE rows by COLUMN_TILE outputs, summed in registers.
INLINE void NAME(short_tile)(
    REAL *y, const float *x, const float *weight, const float *bias, ptrdiff_t step,
    ptrdiff_t window, ptrdiff_t n) {
  Lanes sum[ROW_TILE][VECTORS] = {0};
  if (bias)
    for (int r = 0; r < ROW_TILE; r++)
      for (int v = 0; v < VECTORS; v++) sum[r][v] = *(const UnalignedLanes *)(bias + v * LANES);
  for (ptrdiff_t k = 0; k < window; k++)
    for (int v = 0; v < VECTORS; v++) {
      Lanes taps = *(const UnalignedLanes *)(weight + k * n + v * LANES);
      for (int r = 0; r < ROW_TILE; r++) sum[r][v] += x[r * step + k] * taps;
    }
  for (int r = 0; r < ROW_TILE; r++) {
    float row[COLUMN_TILE];
    for (int v = 0; v < VECTORS; v++) *(UnalignedLanes *)(row + v * LANES) = sum[r][v];
    for (int j = 0; j < COLUMN_TILE; j++) y[r * n + j] = STORE(row[j]);
  }
}

// The outputs of one row that no tile covers.
INLINE void NAME(short_rest)(
    REAL *y, const float *x, const float *weight, const float *bias, ptrdiff_t window,
    ptrdiff_t columns, ptrdiff_t n) {
  for (ptrdiff_t j = 0; j < columns; j++) {
    float sum = 0;
    for (ptrdiff_t k = 0; k < window; k++) sum += x[k] * weight[k * n + j];
    y[j] = STORE(sum + (bias ? bias[j] : 0));
  }
}

// ROW_TILE rows of LANES of the outputs that no tile covers, with the bits of `short_rest`.
INLINE void NAME(short_narrow)(
    REAL *y, const float *x, const float *weight, const float *bias, ptrdiff_t step,
    ptrdiff_t window, ptrdiff_t n) {
  Lanes sum[ROW_TILE] = {0};
  for (ptrdiff_t k = 0; k < window; k++) {
    Lanes taps = *(const UnalignedLanes *)(weight + k * n);
    for (int r = 0; r < ROW_TILE; r++) sum[r] += x[r * step + k] * taps;
  }
  for (int r = 0; r < ROW_TILE; r++) {
    float row[LANES];
    *(UnalignedLanes *)row = sum[r];
    for (int j = 0; j < LANES; j++) y[r * n + j] = STORE(row[j] + (bias ? bias[j] : 0));
  }
}

CLONES void NAME(etude_short_convolution)(
    REAL *y, const float *x, const float *weight, const float *bias, ptrdiff_t rows,
    ptrdiff_t step, ptrdiff_t window, ptrdiff_t n) {
  ptrdiff_t whole_rows = rows / ROW_TILE * ROW_TILE, whole = n / COLUMN_TILE * COLUMN_TILE;
  for (ptrdiff_t r = 0; r < whole_rows; r += ROW_TILE)
    for (ptrdiff_t j = 0; j < whole; j += COLUMN_TILE)
      NAME(short_tile)(
          y + r * n + j, x + r * step, weight + j, bias ? bias + j : NULL, step, window, n);
  ptrdiff_t narrow = n - whole >= LANES ? whole + LANES : whole;
  if (narrow > whole)
    for (ptrdiff_t r = 0; r < whole_rows; r += ROW_TILE)
      NAME(short_narrow)(
          y + r * n + whole, x + r * step, weight + whole, bias ? bias + whole : NULL, step, window,
          n);
  for (ptrdiff_t r = 0; r < rows; r++) {
    ptrdiff_t done = r < whole_rows ? narrow : 0;
    NAME(short_rest)(
        y + r * n + done, x + r * step, weight + done, bias ? bias + done : NULL, window, n - done,
        n);
  }
}

// `taps` taps by `vectors` vectors of outputs, both constants, summed in registers.
INLINE void NAME(short_gradient_tile)(
    float *dweight, const float *x, const REAL *dy, ptrdiff_t rows, ptrdiff_t step, int taps,
    int vectors, ptrdiff_t width) {
  Lanes sum[TAP_TILE][VECTORS];
  for (int k = 0; k < taps; k++)
    for (int v = 0; v < vectors; v++) sum[k][v] = (Lanes){0};
  for (ptrdiff_t r = 0; r < rows; r++) {
    float row[COLUMN_TILE];
    for (int j = 0; j < vectors * LANES; j++) row[j] = LOAD(dy[r * width + j]);
    for (int v = 0; v < vectors; v++) {
      Lanes gradient = *(const UnalignedLanes *)(row + v * LANES);
      for (int k = 0; k < taps; k++) sum[k][v] += x[r * step + k] * gradient;
    }
  }
  for (int k = 0; k < taps; k++)
    for (int v = 0; v < vectors; v++)
      *(UnalignedLanes *)(dweight + k * width + v * LANES) += sum[k][v];
}

INLINE void NAME(short_gradient_taps)(
    float *dweight, const float *x, const REAL *dy, ptrdiff_t rows, ptrdiff_t step, int taps,
    int vectors, ptrdiff_t width) {
  switch (taps) {
  case 1: NAME(short_gradient_tile)(dweight, x, dy, rows, step, 1, vectors, width); break;
  case 2: NAME(short_gradient_tile)(dweight, x, dy, rows, step, 2, vectors, width); break;
  case 3: NAME(short_gradient_tile)(dweight, x, dy, rows, step, 3, vectors, width); break;
  case 4: NAME(short_gradient_tile)(dweight, x, dy, rows, step, 4, vectors, width); break;
  default: NAME(short_gradient_tile)(dweight, x, dy, rows, step, TAP_TILE, vectors, width);
  }
}

// Outputs that no tile covers.
INLINE void NAME(short_gradient_rest)(
    float *dweight, const float *x, const REAL *dy, ptrdiff_t rows, ptrdiff_t step, int taps,
    int columns, ptrdiff_t width) {
  float sum[TAP_TILE][COLUMN_TILE];
  for (int k = 0; k < taps; k++)
    for (int j = 0; j < columns; j++) sum[k][j] = 0;
  for (ptrdiff_t r = 0; r < rows; r++)
    for (int k = 0; k < taps; k++)
      for (int j = 0; j < columns; j++) sum[k][j] += x[r * step + k] * LOAD(dy[r * width + j]);
  for (int k = 0; k < taps; k++)
    for (int j = 0; j < columns; j++) dweight[k * width + j] += sum[k][j];
}

CLONES void NAME(etude_short_convolution_gradient)(
    float *dweight, const float *x, const REAL *dy, ptrdiff_t rows, ptrdiff_t step,
    ptrdiff_t window, ptrdiff_t n, ptrdiff_t width) {
  // The rows of a block stay in the cache for all taps.
  for (ptrdiff_t r = 0; r < rows; r += ROWS) {
    ptrdiff_t count = rows - r < ROWS ? rows - r : ROWS;
    for (ptrdiff_t j = 0; j < n; j += COLUMN_TILE) {
      int columns = n - j < COLUMN_TILE ? (int)(n - j) : COLUMN_TILE;
      for (ptrdiff_t k = 0; k < window; k += TAP_TILE) {
        int taps = window - k < TAP_TILE ? (int)(window - k) : TAP_TILE;
        float *sums = dweight + k * width + j;
        const float *from = x + r * step + k;
        const REAL *gradient = dy + r * width + j;
        if (columns == COLUMN_TILE)
          NAME(short_gradient_taps)(sums, from, gradient, count, step, taps, VECTORS, width);
        else if (columns == LANES)
          NAME(short_gradient_taps)(sums, from, gradient, count, step, taps, 1, width);
        else
          NAME(short_gradient_rest)(sums, from, gradient, count, step, taps, columns, width);
      }
    }
  }
}
