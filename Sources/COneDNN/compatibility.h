// The differences between oneDNN 2 and 3: descriptors became handles, and operation descriptors
// were removed.
#ifndef ETUDE_ONEDNN_COMPATIBILITY_H
#define ETUDE_ONEDNN_COMPATIBILITY_H

#include <dnnl.h>

#if DNNL_VERSION_MAJOR >= 3

typedef dnnl_memory_desc_t Layout;
typedef const_dnnl_memory_desc_t const_layout;
#define HANDLE(layout) (layout)

static inline dnnl_status_t layout_init(
    Layout *layout, int rank, const dnnl_dims_t lengths, dnnl_data_type_t type,
    const dnnl_dims_t strides) {
  return dnnl_memory_desc_create_with_strides(layout, rank, lengths, type, strides);
}

// The layout that oneDNN prefers for a product.
static inline dnnl_status_t layout_init_any(
    Layout *layout, int rank, const dnnl_dims_t lengths, dnnl_data_type_t type) {
  return dnnl_memory_desc_create_with_tag(layout, rank, lengths, type, dnnl_format_tag_any);
}

static inline dnnl_status_t layout_copy(Layout *layout, const_layout from) {
  return dnnl_memory_desc_clone(layout, from);
}

static inline void layout_destroy(Layout *layout) {
  if (*layout) dnnl_memory_desc_destroy(*layout);
}

static inline dnnl_status_t describe_matmul(
    dnnl_primitive_desc_t *description, dnnl_engine_t engine, Layout *a, Layout *b, Layout *bias,
    Layout *c, dnnl_primitive_attr_t attributes) {
  return dnnl_matmul_primitive_desc_create(
      description, engine, *a, *b, bias ? *bias : NULL, *c, attributes);
}

static inline dnnl_status_t append_scale(dnnl_post_ops_t steps, float scale) {
  return dnnl_post_ops_append_eltwise(steps, dnnl_eltwise_linear, scale, 0);
}

static inline dnnl_status_t append_sum(dnnl_post_ops_t steps, float keep) {
  return dnnl_post_ops_append_sum(steps, keep, 0, dnnl_data_type_undef);
}

static inline dnnl_status_t append_gelu(dnnl_post_ops_t steps) {
  return dnnl_post_ops_append_eltwise(steps, dnnl_eltwise_gelu_erf, 0, 0);
}

static inline dnnl_status_t describe_reorder(
    dnnl_primitive_desc_t *description, dnnl_engine_t engine, Layout *from, Layout *to) {
  return dnnl_reorder_primitive_desc_create(description, *from, engine, *to, engine, NULL);
}

#else

typedef dnnl_memory_desc_t Layout;
typedef const dnnl_memory_desc_t *const_layout;
#define HANDLE(layout) (&(layout))

static inline dnnl_status_t layout_init(
    Layout *layout, int rank, const dnnl_dims_t lengths, dnnl_data_type_t type,
    const dnnl_dims_t strides) {
  return dnnl_memory_desc_init_by_strides(layout, rank, lengths, type, strides);
}

static inline dnnl_status_t layout_init_any(
    Layout *layout, int rank, const dnnl_dims_t lengths, dnnl_data_type_t type) {
  return dnnl_memory_desc_init_by_tag(layout, rank, lengths, type, dnnl_format_tag_any);
}

static inline dnnl_status_t layout_copy(Layout *layout, const_layout from) {
  *layout = *from;
  return dnnl_success;
}

static inline void layout_destroy(Layout *layout) { (void)layout; }

static inline dnnl_status_t describe_matmul(
    dnnl_primitive_desc_t *description, dnnl_engine_t engine, Layout *a, Layout *b, Layout *bias,
    Layout *c, dnnl_primitive_attr_t attributes) {
  dnnl_matmul_desc_t operation;
  dnnl_status_t status = dnnl_matmul_desc_init(&operation, a, b, bias, c);
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(description, &operation, attributes, engine, NULL);
}

static inline dnnl_status_t append_scale(dnnl_post_ops_t steps, float scale) {
  return dnnl_post_ops_append_eltwise(steps, 1, dnnl_eltwise_linear, scale, 0);
}

static inline dnnl_status_t append_sum(dnnl_post_ops_t steps, float keep) {
  return dnnl_post_ops_append_sum(steps, keep);
}

static inline dnnl_status_t append_gelu(dnnl_post_ops_t steps) {
  return dnnl_post_ops_append_eltwise(steps, 1, dnnl_eltwise_gelu_erf, 0, 0);
}

static inline dnnl_status_t describe_reorder(
    dnnl_primitive_desc_t *description, dnnl_engine_t engine, Layout *from, Layout *to) {
  return dnnl_reorder_primitive_desc_create(description, from, engine, to, engine, NULL);
}

#endif

#endif
