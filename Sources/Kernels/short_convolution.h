// Both passes of a short convolution. A template: it is included once for each type in memory, with
// REAL, NAME, WIDENED and NARROWED defined, and INTO and OF, which name the products into and of
// REAL.

// The last outputs, fewer than a vector has lanes, with the weight padded to one.
static void NAME(short_rest)(
    REAL *y, const float *x, const float *weight, const float *bias, ptrdiff_t rows,
    ptrdiff_t step, ptrdiff_t window, ptrdiff_t outputs, ptrdiff_t n) {
  float padded[ETUDE_SHORT_WINDOW * LANES] = {0}, start[LANES] = {0}, sums[ROWS * LANES];
  for (ptrdiff_t k = 0; k < window; k++)
    for (ptrdiff_t j = 0; j < outputs; j++) padded[k * LANES + j] = weight[k * n + j];
  for (ptrdiff_t j = 0; bias && j < outputs; j++) start[j] = bias[j];
  for (ptrdiff_t r = 0; r < rows; r += ROWS) {
    ptrdiff_t count = rows - r < ROWS ? rows - r : ROWS;
    etude_product(
        &(Product){
            count, LANES, window, x + r * step, step, 1, padded, LANES, start, 0, sums, LANES});
    for (ptrdiff_t i = 0; i < count; i++)
      for (ptrdiff_t j = 0; j < outputs; j++)
        y[(r + i) * n + j] = NARROWED(sums[i * LANES + j]);
  }
}

void NAME(etude_short_convolution)(
    REAL *y, const float *x, const float *weight, const float *bias, ptrdiff_t rows,
    ptrdiff_t step, ptrdiff_t window, ptrdiff_t n) {
  if (n == 0) return;
  ptrdiff_t whole = n / LANES * LANES;
  // As many rows at a time as the first-level cache holds beside the weight.
  const ptrdiff_t most = TALL * (1 + 256 / n);
  for (ptrdiff_t r = 0; r < rows; r += most) {
    ptrdiff_t count = rows - r < most ? rows - r : most;
    INTO(etude_product)(
        &(Product){
            count, whole, window, x + r * step, step, 1, weight, n, bias, 0, y + r * n, n});
  }
  if (whole < n)
    NAME(short_rest)(
        y + whole, x, weight + whole, bias ? bias + whole : NULL, rows, step, window, n - whole, n);
}

// The sums over `count` rows, at most ROWS, for the first `outputs` of a panel of SHORT_PANEL.
static void NAME(short_gradient_panel)(
    float *dweight, const float *x, const REAL *dy, ptrdiff_t count, ptrdiff_t step,
    ptrdiff_t window, ptrdiff_t outputs, ptrdiff_t width) {
  float sums[ETUDE_SHORT_WINDOW * SHORT_PANEL], padded[ROWS * LANES] = {0};
  ptrdiff_t whole = outputs / LANES * LANES, rest = outputs - whole;
  OF(etude_product)(
      &(Product){window, whole, count, x, 1, step, dy, width, NULL, 0, sums, SHORT_PANEL});
  if (rest) {
    for (ptrdiff_t r = 0; r < count; r++)
      for (ptrdiff_t j = 0; j < rest; j++) padded[r * LANES + j] = WIDENED(dy[r * width + whole + j]);
    etude_product(
        &(Product){
            window, LANES, count, x, 1, step, padded, LANES, NULL, 0, sums + whole, SHORT_PANEL});
  }
  for (ptrdiff_t k = 0; k < window; k++)
    for (ptrdiff_t j = 0; j < outputs; j++) dweight[k * width + j] += sums[k * SHORT_PANEL + j];
}

void NAME(etude_short_convolution_gradient)(
    float *dweight, const float *x, const REAL *dy, ptrdiff_t rows, ptrdiff_t step,
    ptrdiff_t window, ptrdiff_t n, ptrdiff_t width) {
  for (ptrdiff_t r = 0; r < rows; r += ROWS) {
    ptrdiff_t count = rows - r < ROWS ? rows - r : ROWS;
    for (ptrdiff_t j = 0; j < n; j += SHORT_PANEL) {
      ptrdiff_t outputs = n - j < SHORT_PANEL ? n - j : SHORT_PANEL;
      NAME(short_gradient_panel)(
          dweight + j, x + r * step, dy + r * width + j, count, step, window, outputs, width);
    }
  }
}
