// Products whose sums are kept in registers, without packing, for short sums and small matrices.
#ifndef ETUDE_PRODUCTS_H
#define ETUDE_PRODUCTS_H

#include <stddef.h>

// C = start + A B. A is [m, k] with any strides; the rows of B [k, n] and C [m, n] are `b_row` and
// `c_row` apart; n is a multiple of LANES. Row i of C starts from start + i start_row, or from 0 if
// `start` is NULL.
//
// Every number of C is one sum in the order of k, whatever tile it lies in, so that its bits do not
// depend on where the rows or the columns of C are cut.
typedef struct {
  ptrdiff_t m, n, k;
  const void *a;
  ptrdiff_t a_row, a_step;
  const void *b;
  ptrdiff_t b_row;
  const float *start;
  ptrdiff_t start_row;
  void *c;
  ptrdiff_t c_row;
} Product;

// Of floats; with B of bfloat16; with C of bfloat16.
void etude_product(const Product *p);
void etude_product_of_bfloat(const Product *p);
void etude_product_into_bfloat(const Product *p);

#endif
