#include "products.h"

#include "lanes.h"

#pragma clang fp contract(fast)

#define LEFT float
#define ADD ADD_FLOATS
#define RIGHT float
#define LOAD LOAD_FLOATS
#define RESULT float
#define STORE STORE_FLOATS
#define NAME(function) function
#include "product_tiles.h"
#undef RESULT
#undef STORE
#undef NAME
#define RESULT uint16_t
#define STORE STORE_BFLOATS
#define NAME(function) function##_into_bfloat
#include "product_tiles.h"
#undef RIGHT
#undef LOAD
#undef RESULT
#undef STORE
#undef NAME
#define RIGHT uint16_t
#define LOAD LOAD_BFLOATS
#define RESULT float
#define STORE STORE_FLOATS
#define NAME(function) function##_of_bfloat
#include "product_tiles.h"

KERNEL(void, etude_product, (const Product *p), (p)) { product_for(target, p); }
KERNEL(void, etude_product_into_bfloat, (const Product *p), (p)) {
  product_for_into_bfloat(target, p);
}
KERNEL(void, etude_product_of_bfloat, (const Product *p), (p)) {
  product_for_of_bfloat(target, p);
}

void etude_small_product(
    ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, float *c, ptrdiff_t c_row, const float *a,
    ptrdiff_t a_row, ptrdiff_t a_step, const float *b, ptrdiff_t b_row, int keep) {
  etude_product(
      &(Product){m, n, k, a, a_row, a_step, b, b_row, keep ? c : NULL, c_row, c, c_row});
}

void etude_panel_product(
    float *y, ptrdiff_t y_row, const float *x, ptrdiff_t x_row, const float *panel, ptrdiff_t rows,
    ptrdiff_t inner) {
  etude_small_product(rows, ETUDE_PANEL, inner, y, y_row, x, x_row, 1, panel, ETUDE_PANEL, 1);
}

void etude_panel_product_bfloat(
    float *y, ptrdiff_t y_row, const float *x, ptrdiff_t x_row, const uint16_t *panel,
    ptrdiff_t rows, ptrdiff_t inner) {
  etude_product_of_bfloat(
      &(Product){rows, ETUDE_PANEL, inner, x, x_row, 1, panel, ETUDE_PANEL, y, y_row, y, y_row});
}
