// What oneDNN 3 says differently from oneDNN 2: descriptors became handles, operation descriptors
// went away.
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

#else

typedef dnnl_memory_desc_t Layout;
typedef const dnnl_memory_desc_t *const_layout;
#define HANDLE(layout) (&(layout))

static inline dnnl_status_t layout_init(
    Layout *layout, int rank, const dnnl_dims_t lengths, dnnl_data_type_t type,
    const dnnl_dims_t strides) {
  return dnnl_memory_desc_init_by_strides(layout, rank, lengths, type, strides);
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

#endif

#endif
