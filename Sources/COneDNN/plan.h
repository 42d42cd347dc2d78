// A product prepared for given sizes: compiled once, run by any thread.
#ifndef ETUDE_ONEDNN_PLAN_H
#define ETUDE_ONEDNN_PLAN_H

#include <stdint.h>

#include "COneDNN.h"
#include "compatibility.h"

// The parameters of a plan, without padding, so that keys are compared as bytes.
typedef struct {
  int64_t rows, columns, inner, left_stride, right_stride, result_stride;
  int32_t left_transposed, right_transposed, result_is_float, has_bias;
  // The type of the operands, and whether `b` has the layout that oneDNN prefers instead of rows.
  int32_t operands_are_float, right_is_packed, activates, unused;
  float scale, keep;
} Key;

typedef struct Plan {
  Key key;
  Layout a, b, bias, c;
  dnnl_primitive_desc_t description;
  dnnl_primitive_t primitive;
  size_t scratch_size;
  // The number of calls that use the plan; at zero it may be destroyed.
  int users;
  struct Plan *next;
} Plan;

// The engine and stream for the CPU.
extern dnnl_engine_t onednn_engine;
extern dnnl_stream_t onednn_stream;

// The plan for a key, compiled if it is new, and held until `plan_release`; NULL if oneDNN has no
// such product.
Plan *plan_acquire(const Key *key);
void plan_release(Plan *plan);

// The layout of a packed right operand, the same for any number of rows; NULL if oneDNN has none.
// It is never freed.
const Layout *packed_layout(int64_t inner, int64_t columns, int is_float);

#endif
