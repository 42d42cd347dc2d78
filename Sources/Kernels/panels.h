// Products with a panel of ETUDE_PANEL columns. A template: it is included once for each type of
// the panel in memory, with REAL, NAME and LOAD defined.

// `rows` is a constant, so that the sums are kept in registers.
INLINE void NAME(panel_tile)(
    float *y, ptrdiff_t y_row, const float *x, ptrdiff_t x_row, const REAL *panel, ptrdiff_t inner,
    int rows) {
  Lanes sum[ROW_TILE][VECTORS];
  for (int r = 0; r < rows; r++)
    for (int v = 0; v < VECTORS; v++)
      sum[r][v] = *(const UnalignedLanes *)(y + r * y_row + v * LANES);
  for (ptrdiff_t k = 0; k < inner; k++)
    for (int v = 0; v < VECTORS; v++) {
      Lanes column = LOAD(panel + k * ETUDE_PANEL + v * LANES);
      for (int r = 0; r < rows; r++) sum[r][v] += x[r * x_row + k] * column;
    }
  for (int r = 0; r < rows; r++)
    for (int v = 0; v < VECTORS; v++) *(UnalignedLanes *)(y + r * y_row + v * LANES) = sum[r][v];
}

CLONES void NAME(etude_panel_product)(
    float *y, ptrdiff_t y_row, const float *x, ptrdiff_t x_row, const REAL *panel, ptrdiff_t rows,
    ptrdiff_t inner) {
  ptrdiff_t r = 0;
  for (; r + ROW_TILE <= rows; r += ROW_TILE)
    NAME(panel_tile)(y + r * y_row, y_row, x + r * x_row, x_row, panel, inner, ROW_TILE);
  for (; r < rows; r++)
    NAME(panel_tile)(y + r * y_row, y_row, x + r * x_row, x_row, panel, inner, 1);
}
