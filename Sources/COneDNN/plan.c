// Empty where the package is built without oneDNN.
#ifdef ETUDE_ONEDNN
#include "plan.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

dnnl_engine_t onednn_engine;
dnnl_stream_t onednn_stream;

enum { BUCKETS = 1024, MOST_PLANS = 4096 };

static Plan *buckets[BUCKETS];
static int plan_count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static unsigned bucket_of(const Key *key) {
  const unsigned char *bytes = (const unsigned char *)key;
  uint32_t hash = 2166136261u;
  for (size_t i = 0; i < sizeof *key; i++) hash = (hash ^ bytes[i]) * 16777619u;
  return (hash ^ hash >> 16) % BUCKETS;
}

// The layouts of packed operands, computed once for each size.
typedef struct Packed {
  int64_t inner, columns;
  int is_float;
  Layout layout;
  struct Packed *next;
} Packed;

static Packed *packed_layouts;

// Sets the layout that oneDNN chooses for a product of many rows.
static dnnl_status_t choose_layout(Packed *packed) {
  enum { ROWS = 1024 };
  dnnl_dims_t a = {ROWS, packed->inner}, b = {packed->inner, packed->columns};
  dnnl_dims_t c = {ROWS, packed->columns};
  dnnl_dims_t a_strides = {packed->inner, 1}, c_strides = {packed->columns, 1};
  dnnl_data_type_t type = packed->is_float ? dnnl_f32 : dnnl_bf16;
  Layout left = {0}, right = {0}, result = {0};
  dnnl_primitive_attr_t attributes = NULL;
  dnnl_primitive_desc_t description = NULL;
  dnnl_status_t status = layout_init(&left, 2, a, type, a_strides);
  if (!status) status = layout_init_any(&right, 2, b, type);
  if (!status) status = layout_init(&result, 2, c, type, c_strides);
  if (!status) status = dnnl_primitive_attr_create(&attributes);
  if (!status) {
    status = describe_matmul(
        &description, onednn_engine, &left, &right, NULL, &result, attributes);
  }
  if (!status) {
    status = layout_copy(
        &packed->layout, dnnl_primitive_desc_query_md(description, dnnl_query_weights_md, 0));
  }
  if (description) dnnl_primitive_desc_destroy(description);
  if (attributes) dnnl_primitive_attr_destroy(attributes);
  layout_destroy(&left);
  layout_destroy(&right);
  layout_destroy(&result);
  return status;
}

static const Layout *find_packed(int64_t inner, int64_t columns, int is_float) {
  for (Packed *packed = packed_layouts; packed; packed = packed->next) {
    if (packed->inner == inner && packed->columns == columns && packed->is_float == is_float) {
      return &packed->layout;
    }
  }
  Packed *packed = calloc(1, sizeof *packed);
  if (!packed) return NULL;
  packed->inner = inner, packed->columns = columns, packed->is_float = is_float;
  if (choose_layout(packed)) return free(packed), NULL;
  packed->next = packed_layouts;
  packed_layouts = packed;
  return &packed->layout;
}

static dnnl_status_t init_layouts(Plan *plan) {
  const Key *k = &plan->key;
  dnnl_dims_t a = {k->rows, k->inner}, b = {k->inner, k->columns}, c = {k->rows, k->columns};
  dnnl_dims_t bias = {1, k->columns}, bias_strides = {k->columns, 1};
  dnnl_dims_t a_strides = {k->left_stride, 1}, b_strides = {k->right_stride, 1};
  dnnl_dims_t c_strides = {k->result_stride, 1};
  if (k->left_transposed) a_strides[0] = 1, a_strides[1] = k->left_stride;
  if (k->right_transposed) b_strides[0] = 1, b_strides[1] = k->right_stride;
  dnnl_data_type_t result = k->result_is_float ? dnnl_f32 : dnnl_bf16;
  dnnl_data_type_t operand = k->operands_are_float ? dnnl_f32 : dnnl_bf16;
  dnnl_status_t status = layout_init(&plan->a, 2, a, operand, a_strides);
  if (!status && k->right_is_packed) {
    const Layout *packed = find_packed(k->inner, k->columns, k->operands_are_float);
    status = packed ? layout_copy(&plan->b, HANDLE(*packed)) : dnnl_unimplemented;
  } else if (!status) {
    status = layout_init(&plan->b, 2, b, operand, b_strides);
  }
  if (!status) status = layout_init(&plan->c, 2, c, result, c_strides);
  if (!status && k->has_bias) status = layout_init(&plan->bias, 2, bias, dnnl_f32, bias_strides);
  return status;
}

static dnnl_status_t compile(Plan *plan, dnnl_primitive_attr_t attributes, dnnl_post_ops_t steps) {
  const Key *k = &plan->key;
  dnnl_status_t status = init_layouts(plan);
  if (!status && k->scale != 1) status = append_scale(steps, k->scale);
  if (!status && k->keep != 0) status = append_sum(steps, k->keep);
  if (!status && k->activates) status = append_gelu(steps);
  if (!status) status = dnnl_primitive_attr_set_post_ops(attributes, steps);
  // The caller provides the scratch memory, because threads share a plan.
  if (!status) {
    status = dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user);
  }
  if (!status) {
    status = describe_matmul(
        &plan->description, onednn_engine, &plan->a, &plan->b, k->has_bias ? &plan->bias : NULL,
        &plan->c, attributes);
  }
  if (!status) status = dnnl_primitive_create(&plan->primitive, plan->description);
  if (status) return status;
  plan->scratch_size = dnnl_memory_desc_get_size(
      dnnl_primitive_desc_query_md(plan->description, dnnl_query_scratchpad_md, 0));
  return dnnl_success;
}

static void destroy(Plan *plan) {
  if (plan->primitive) dnnl_primitive_destroy(plan->primitive);
  if (plan->description) dnnl_primitive_desc_destroy(plan->description);
  layout_destroy(&plan->a);
  layout_destroy(&plan->b);
  layout_destroy(&plan->bias);
  layout_destroy(&plan->c);
  free(plan);
}

static Plan *make(const Key *key) {
  Plan *plan = calloc(1, sizeof *plan);
  if (!plan) return NULL;
  plan->key = *key;
  dnnl_primitive_attr_t attributes;
  if (dnnl_primitive_attr_create(&attributes)) return free(plan), NULL;
  dnnl_post_ops_t steps;
  dnnl_status_t status = dnnl_post_ops_create(&steps);
  if (!status) {
    status = compile(plan, attributes, steps);
    dnnl_post_ops_destroy(steps);
  }
  dnnl_primitive_attr_destroy(attributes);
  if (status) return destroy(plan), NULL;
  return plan;
}

// Destroys plans without users: audio of many different lengths must not accumulate plans.
static void drop_unused(void) {
  for (int i = 0; i < BUCKETS; i++) {
    for (Plan **place = &buckets[i]; *place;) {
      Plan *plan = *place;
      if (plan->users > 0) {
        place = &plan->next;
      } else {
        *place = plan->next;
        plan_count--;
        destroy(plan);
      }
    }
  }
}

static int start_engine(void) {
  return onednn_engine
         || (!dnnl_engine_create(&onednn_engine, dnnl_cpu, 0)
             && !dnnl_stream_create(&onednn_stream, onednn_engine, dnnl_stream_default_flags));
}

static Plan *find_or_make(const Key *key) {
  if (!start_engine()) return NULL;
  unsigned bucket = bucket_of(key);
  for (Plan *plan = buckets[bucket]; plan; plan = plan->next) {
    if (memcmp(&plan->key, key, sizeof *key) == 0) return plan;
  }
  if (plan_count >= MOST_PLANS) drop_unused();
  Plan *plan = make(key);
  if (!plan) return NULL;
  plan->next = buckets[bucket];
  buckets[bucket] = plan;
  plan_count++;
  return plan;
}

Plan *plan_acquire(const Key *key) {
  pthread_mutex_lock(&lock);
  Plan *plan = find_or_make(key);
  if (plan) plan->users++;
  pthread_mutex_unlock(&lock);
  return plan;
}

void plan_release(Plan *plan) {
  pthread_mutex_lock(&lock);
  plan->users--;
  pthread_mutex_unlock(&lock);
}

const Layout *packed_layout(int64_t inner, int64_t columns, int is_float) {
  pthread_mutex_lock(&lock);
  const Layout *layout = start_engine() ? find_packed(inner, columns, is_float) : NULL;
  pthread_mutex_unlock(&lock);
  return layout;
}
#endif
