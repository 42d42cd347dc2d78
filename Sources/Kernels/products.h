// Products whose sums are kept in registers, without packing: C = start + A B. A template: it is
// included once for each combination of types in memory, with LEFT, RIGHT, RESULT, LOAD, STORE and
// NAME defined, and ADD, which adds the product of a number of A and a vector of B to a sum.
//
// Every number of C is one sum in the order of k, whatever tile it lies in, so that its bits do not
// depend on where the rows or the columns of C are cut.

// A is [m, k] with any strides; the rows of B [k, n] and C [m, n] are `b_row` and `c_row` apart; n is
// a multiple of LANES. Row i of C starts from start + i start_row, or from 0 if `start` is NULL.
typedef struct {
  ptrdiff_t m, n, k;
  const LEFT *a;
  ptrdiff_t a_row, a_step;
  const RIGHT *b;
  ptrdiff_t b_row;
  const float *start;
  ptrdiff_t start_row;
  RESULT *c;
  ptrdiff_t c_row;
} NAME(Product);

// `height` rows by `width` vectors of C, both constants, at row i and column j.
INLINE void NAME(product_tile)(
    const NAME(Product) *p, const int height, const int width, ptrdiff_t i, ptrdiff_t j) {
  const LEFT *a = p->a + i * p->a_row;
  const float *start = p->start + (p->start ? i * p->start_row + j : 0);
  const RIGHT *b = p->b + j;
  RESULT *c = p->c + i * p->c_row + j;
  Lanes sum[TALL][WIDE];
#pragma unroll
  for (int r = 0; r < height; r++)
#pragma unroll
    for (int v = 0; v < width; v++)
      sum[r][v] = p->start ? LOAD_FLOATS(start + r * p->start_row + v * LANES) : (Lanes){0};
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

INLINE void NAME(product_rows)(
    const Target target, const NAME(Product) *p, const int width, ptrdiff_t height, ptrdiff_t i,
    ptrdiff_t j) {
  if (height > 2 && tile_height(target) == 2) __builtin_unreachable();
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
    const Target target, const NAME(Product) *p, const int width, ptrdiff_t j) {
  if (p->m == 0) return;
  ptrdiff_t tiles = (p->m + tile_height(target) - 1) / tile_height(target);
  ptrdiff_t height = p->m / tiles, higher = p->m % tiles, i = 0;
  for (; higher > 0; higher--, i += height + 1)
    NAME(product_rows)(target, p, width, height + 1, i, j);
  for (; i < p->m; i += height) NAME(product_rows)(target, p, width, height, i, j);
}

INLINE void NAME(product)(const Target target, const NAME(Product) p) {
  const int width = tile_width(target);
  ptrdiff_t j = 0;
  for (; j + width * LANES <= p.n; j += width * LANES) NAME(product_panel)(target, &p, width, j);
  if (width > 2 && j + 2 * LANES <= p.n) NAME(product_panel)(target, &p, 2, j), j += 2 * LANES;
  for (; j < p.n; j += LANES) NAME(product_panel)(target, &p, 1, j);
}
