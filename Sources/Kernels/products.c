// The small products of attention, and those with the panels of an LSTM.
#include "lanes.h"

#pragma clang fp contract(fast)

#define LEFT float
#define ADD ADD_FLOATS
#define RIGHT float
#define RESULT float
#define NAME(function) function
#define LOAD LOAD_FLOATS
#define STORE STORE_FLOATS
#include "products.h"
#undef RIGHT
#undef NAME
#undef LOAD
#define RIGHT uint16_t
#define NAME(function) function##_bfloat
#define LOAD LOAD_BFLOATS
#include "products.h"

KERNEL(
    void, etude_small_product,
    (ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, float *c, ptrdiff_t c_row, const float *a,
     ptrdiff_t a_row, ptrdiff_t a_step, const float *b, ptrdiff_t b_row, int keep),
    (m, n, k, c, c_row, a, a_row, a_step, b, b_row, keep)) {
  product(target, (Product){m, n, k, a, a_row, a_step, b, b_row, keep ? c : NULL, c_row, c, c_row});
}

KERNEL(
    void, etude_panel_product,
    (float *y, ptrdiff_t y_row, const float *x, ptrdiff_t x_row, const float *panel, ptrdiff_t rows,
     ptrdiff_t inner),
    (y, y_row, x, x_row, panel, rows, inner)) {
  product(
      target,
      (Product){rows, ETUDE_PANEL, inner, x, x_row, 1, panel, ETUDE_PANEL, y, y_row, y, y_row});
}

KERNEL(
    void, etude_panel_product_bfloat,
    (float *y, ptrdiff_t y_row, const float *x, ptrdiff_t x_row, const uint16_t *panel,
     ptrdiff_t rows, ptrdiff_t inner),
    (y, y_row, x, x_row, panel, rows, inner)) {
  product_bfloat(
      target, (Product_bfloat){
                  rows, ETUDE_PANEL, inner, x, x_row, 1, panel, ETUDE_PANEL, y, y_row, y, y_row});
}
