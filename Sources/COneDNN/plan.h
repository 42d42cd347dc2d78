// A product prepared for its sizes: compiled once, run by any thread.
#ifndef ETUDE_ONEDNN_PLAN_H
#define ETUDE_ONEDNN_PLAN_H

#include <stdint.h>

#include "COneDNN.h"
#include "compatibility.h"

// Everything that a plan depends on, without padding, so that bytes compare.
typedef struct {
  int64_t rows, columns, inner, left_stride, right_stride, result_stride;
  int32_t left_transposed, right_transposed, result_is_float, has_bias;
  // Of the operands; packed, `b` is as oneDNN likes it best rather than in rows.
  int32_t operands_are_float, right_is_packed, activates, unused;
  float scale, keep;
} Key;

typedef struct Plan {
  Key key;
  Layout a, b, bias, c;
  dnnl_primitive_desc_t description;
  dnnl_primitive_t primitive;
  size_t scratch_size;
  // Calls under way; the plan may be dropped at zero.
  int users;
  struct Plan *next;
} Plan;

// The engine and stream of this process's CPU.
extern dnnl_engine_t onednn_engine;
extern dnnl_stream_t onednn_stream;

// The plan of a key, made if it is new and held until `plan_release`; NULL if oneDNN has no such
// product.
Plan *plan_acquire(const Key *key);
void plan_release(Plan *plan);

// The layout that products with a packed right operand take it in, the same for any number of rows;
// NULL if oneDNN has none. It stays for good.
const Layout *packed_layout(int64_t inner, int64_t columns, int is_float);

#endif
