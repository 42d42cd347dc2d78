// Products of pairs of bfloat16 in the tiles of AMX.
#include "multiversion.h"
#include "products.h"

#if defined(__x86_64__) && defined(__linux__)
#include <immintrin.h>

#pragma clang attribute push( \
    __attribute__((target("arch=x86-64-v4,amx-tile,amx-bf16"), min_vector_width(512))), \
    apply_to = function)

// A tile of sums has 16 rows and 16 columns; of the left operand 16 rows and 16 pairs; of the right
// operand 16 pairs and 16 columns.
enum { SIDE = 16, TILES = 4 };

// Squares of SIDE by SIDE pairs.
typedef uint32_t Square[SIDE * SIDE] __attribute__((aligned(64)));

// A part of an operand, whose rows are `row` pairs apart.
typedef struct {
  const uint32_t *base;
  ptrdiff_t row;
} Part;

// Tiles 0 to 3 hold sums, 4 so many rows of the left operand, 5 to 7 the right one.
INLINE void shape_tiles(ptrdiff_t rows) {
  struct {
    uint8_t palette, first_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
  } shapes __attribute__((aligned(64))) = {.palette = 1};
  for (int tile = 0; tile < 8; tile++) {
    shapes.row_bytes[tile] = SIDE * sizeof(uint32_t);
    shapes.rows[tile] = tile < 5 ? (uint8_t)rows : SIDE;
  }
  _tile_loadconfig(&shapes);
}

// Copies rows of `count` pairs, and zeros up to a square.
INLINE void copy_square(uint32_t *y, Part x, ptrdiff_t rows, ptrdiff_t count) {
  __mmask16 lanes = (__mmask16)((1u << count) - 1);
  for (ptrdiff_t r = 0; r < SIDE; r++)
    _mm512_store_si512(
        y + r * SIDE, _mm512_maskz_loadu_epi32(r < rows ? lanes : 0, x.base + r * x.row));
}

#define UNPACK(y, x, step, bits) \
  for (int i = 0; i < SIDE; i++) \
    y[i] = i & step ? _mm512_unpackhi_epi##bits(x[i - step], x[i]) \
                    : _mm512_unpacklo_epi##bits(x[i], x[i + step])
#define PARTS(x, y, parts) _mm512_shuffle_i32x4(x, y, parts)

// Transposes a square in place: first 4 by 4 within the four parts of each register, then the parts.
INLINE void transpose_square(uint32_t *x) {
  static const int column[4] = {0, 2, 1, 3};
  __m512i rows[SIDE], y[SIDE];
  for (int i = 0; i < SIDE; i++) rows[i] = _mm512_load_si512(x + i * SIDE);
  UNPACK(y, rows, 1, 32);
  UNPACK(rows, y, 2, 64);
  for (int i = 0; i < 4; i++) {
    __m512i even01 = PARTS(rows[i], rows[4 + i], 0x88), odd01 = PARTS(rows[i], rows[4 + i], 0xDD);
    __m512i even23 = PARTS(rows[8 + i], rows[12 + i], 0x88);
    __m512i odd23 = PARTS(rows[8 + i], rows[12 + i], 0xDD);
    uint32_t *place = x + column[i] * SIDE;
    _mm512_store_si512(place, PARTS(even01, even23, 0x88));
    _mm512_store_si512(place + 4 * SIDE, PARTS(odd01, odd23, 0x88));
    _mm512_store_si512(place + 8 * SIDE, PARTS(even01, even23, 0xDD));
    _mm512_store_si512(place + 12 * SIDE, PARTS(odd01, odd23, 0xDD));
  }
}

// `rows` rows and `pairs` pairs of A from row i and pair k on, where they are or in `room`, there with
// zeros up to a square.
INLINE Part left_part(
    const Product *p, ptrdiff_t i, ptrdiff_t k, ptrdiff_t rows, ptrdiff_t pairs, uint32_t *room) {
  const uint32_t *a = (const uint32_t *)p->a + i * p->a_row + k * p->a_step;
  if (p->a_step == 1 && pairs == SIDE) return (Part){a, p->a_row};
  if (p->a_step == 1) {
    copy_square(room, (Part){a, p->a_row}, rows, pairs);
  } else {
    copy_square(room, (Part){a, p->a_step}, pairs, rows);
    transpose_square(room);
  }
  return (Part){room, SIDE};
}

#define EACH_TILE(DO) \
  do { \
    DO(0); \
    if (width > 1) DO(1); \
    if (width > 2) DO(2); \
    if (width > 3) DO(3); \
  } while (0)
#define BYTES(numbers) ((size_t)(numbers) * sizeof(uint32_t))
#define START(t) \
  (start ? _tile_loadd(t, start + t * SIDE, BYTES(p->start_row)) : _tile_zero(t))
#define ADD(t) \
  (_tile_loadd(5 + t % 3, b + t * SIDE, BYTES(p->b_row)), _tile_dpbf16ps(t, 4, 5 + t % 3))
#define ADD_LAST(t) (_tile_loadd(5 + t % 3, last[t], BYTES(SIDE)), _tile_dpbf16ps(t, 4, 5 + t % 3))
#define STORE(t) _tile_stored(t, c + t * SIDE, BYTES(p->c_row))

// `rows` rows by `width` tiles of C, at row i and column j; `last` holds the rows of B after the last
// whole tile.
INLINE void tile_row(
    const Product *p, const int width, ptrdiff_t i, ptrdiff_t j, ptrdiff_t rows,
    const Square *last) {
  const float *start = p->start ? p->start + i * p->start_row + j : NULL;
  float *c = (float *)p->c + i * p->c_row + j;
  Square room;
  EACH_TILE(START);
  ptrdiff_t k = 0;
  for (; k + SIDE <= p->k; k += SIDE) {
    const uint32_t *b = (const uint32_t *)p->b + k * p->b_row + j;
    Part left = left_part(p, i, k, rows, SIDE, room);
    _tile_loadd(4, left.base, BYTES(left.row));
    EACH_TILE(ADD);
  }
  if (k < p->k) {
    Part left = left_part(p, i, k, rows, p->k - k, room);
    _tile_loadd(4, left.base, BYTES(left.row));
    EACH_TILE(ADD_LAST);
  }
  EACH_TILE(STORE);
}

// All rows of `width` tiles from column j on.
INLINE void tile_panel(const Product *p, const int width, ptrdiff_t j) {
  ptrdiff_t whole = p->k / SIDE * SIDE, i = 0;
  Square last[TILES];
  for (int t = 0; t < width && whole < p->k; t++) {
    const uint32_t *b = (const uint32_t *)p->b + whole * p->b_row + j + t * SIDE;
    copy_square(last[t], (Part){b, p->b_row}, p->k - whole, SIDE);
  }
  if (p->m >= SIDE) shape_tiles(SIDE);
  for (; i + SIDE <= p->m; i += SIDE) tile_row(p, width, i, j, SIDE, last);
  if (i == p->m) return;
  shape_tiles(p->m - i);
  tile_row(p, width, i, j, p->m - i, last);
}

static void product_in_tiles(const Product *p) {
  ptrdiff_t j = 0;
  for (; j + TILES * SIDE <= p->n; j += TILES * SIDE) tile_panel(p, TILES, j);
  switch ((p->n - j) / SIDE) {
  case 1: tile_panel(p, 1, j); break;
  case 2: tile_panel(p, 2, j); break;
  case 3: tile_panel(p, 3, j); break;
  }
  _tile_release();
}

#pragma clang attribute pop

static int multiplies_tiles(void) { return etude_processor_features() & ETUDE_AMX_BF16; }
#else
static void product_in_tiles(const Product *p) { __builtin_trap(); }

static int multiplies_tiles(void) { return 0; }
#endif

void etude_tall_product_pairs(
    ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, float *c, ptrdiff_t c_row, const uint32_t *a,
    ptrdiff_t a_row, ptrdiff_t a_step, const uint32_t *b, ptrdiff_t b_row, int keep) {
  if (!multiplies_tiles())
    return etude_small_product_pairs(m, n, k, c, c_row, a, a_row, a_step, b, b_row, keep);
  Product p = {m, n, k, a, a_row, a_step, b, b_row, keep ? c : NULL, c_row, c, c_row};
  product_in_tiles(&p);
}
