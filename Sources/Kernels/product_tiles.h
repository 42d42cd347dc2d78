// The tiles of a product, `Product`. A template: it is included once for each combination of types in
// memory, with LEFT, RIGHT, RESULT, LOAD, STORE and NAME defined, and ADD, which adds the product of
// a number of A and a vector of B to a sum.

// `height` rows by `width` vectors of C, both constants, at row i and column j.
INLINE void NAME(product_tile)(
    const Product *p, const int height, const int width, ptrdiff_t i, ptrdiff_t j) {
  const LEFT *a = (const LEFT *)p->a + i * p->a_row;
  const RIGHT *b = (const RIGHT *)p->b + j;
  RESULT *c = (RESULT *)p->c + i * p->c_row + j;
  const float *start = p->start ? p->start + i * p->start_row + j : NULL;
  Lanes sum[TALL][WIDE];
#pragma unroll
  for (int r = 0; r < height; r++)
#pragma unroll
    for (int v = 0; v < width; v++)
      sum[r][v] = start ? LOAD_FLOATS(start + r * p->start_row + v * LANES) : (Lanes){0};
  for (ptrdiff_t k = 0; k < p->k; k++) {
    Lanes row[WIDE];
#pragma unroll
    for (int v = 0; v < width; v++) row[v] = LOAD(b + k * p->b_row + v * LANES);
#pragma unroll
    for (int r = 0; r < height; r++) {
      LEFT x = a[r * p->a_row + k * p->a_step];
#pragma unroll
      for (int v = 0; v < width; v++) ADD(sum[r][v], x, row[v]);
    }
  }
#pragma unroll
  for (int r = 0; r < height; r++)
#pragma unroll
    for (int v = 0; v < width; v++) STORE(c + r * p->c_row + v * LANES, sum[r][v]);
}

// A tile of any height that the target has.
INLINE void NAME(product_rows)(
    const Target target, const Product *p, const int width, ptrdiff_t height, ptrdiff_t i,
    ptrdiff_t j) {
  if (height < 1 || height > tile_height(target)) __builtin_unreachable();
  switch (height) {
  case 1: return NAME(product_tile)(p, 1, width, i, j);
  case 2: return NAME(product_tile)(p, 2, width, i, j);
  case 3: return NAME(product_tile)(p, 3, width, i, j);
  case 4: return NAME(product_tile)(p, 4, width, i, j);
  case 5: return NAME(product_tile)(p, 5, width, i, j);
  default: return NAME(product_tile)(p, TALL, width, i, j);
  }
}

// All rows of `width` vectors from column j on. The heights of the tiles differ by one at most: a
// low tile has too few sums to hide the time that each addition takes.
INLINE void NAME(product_panel)(
    const Target target, const Product *p, const int width, ptrdiff_t j) {
  if (p->m == 0) return;
  ptrdiff_t tiles = (p->m + tile_height(target) - 1) / tile_height(target);
  ptrdiff_t height = p->m / tiles, higher = p->m % tiles;
  for (ptrdiff_t i = 0, t = 0; t < tiles; t++) {
    ptrdiff_t rows = t < higher ? height + 1 : height;
    NAME(product_rows)(target, p, width, rows, i, j);
    i += rows;
  }
}

INLINE void NAME(product_for)(const Target target, const Product *p) {
  const int width = tile_width(target);
  ptrdiff_t j = 0;
  for (; j + width * LANES <= p->n; j += width * LANES) NAME(product_panel)(target, p, width, j);
  if (width > 2 && j + 2 * LANES <= p->n) NAME(product_panel)(target, p, 2, j), j += 2 * LANES;
  for (; width > 1 && j < p->n; j += LANES) NAME(product_panel)(target, p, 1, j);
}
