// Empty where the package is built without oneDNN.
#ifdef ETUDE_ONEDNN
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>

#include "Kernels.h"
#include "plan.h"

// Debian's oneDNN uses OpenMP, whose number of threads is a property of the calling thread. The
// function is looked up at run time, because a oneDNN built without OpenMP does not load it.
static void (*set_openmp_threads)(int);
static pthread_once_t openmp_once = PTHREAD_ONCE_INIT;

static void find_openmp(void) {
  void *symbol = dlsym(RTLD_DEFAULT, "omp_set_num_threads");
  __builtin_memcpy(&set_openmp_threads, &symbol, sizeof symbol);
}

// The work is cut over the cores outside oneDNN.
static void use_one_thread(void) {
  pthread_once(&openmp_once, find_openmp);
  if (set_openmp_threads) set_openmp_threads(1);
}

static __thread void *scratch;
static __thread size_t scratch_capacity;
static pthread_key_t scratch_owner;
static pthread_once_t scratch_once = PTHREAD_ONCE_INIT;

static void make_owner(void) { pthread_key_create(&scratch_owner, free); }

// The scratch memory of the calling thread, freed when the thread ends.
static void *scratch_of_size(size_t size) {
  if (size <= scratch_capacity) return scratch;
  pthread_once(&scratch_once, make_owner);
  free(scratch);
  scratch_capacity = (size + 65535) / 65536 * 65536;
  scratch = aligned_alloc(64, scratch_capacity);
  if (!scratch) scratch_capacity = 0;
  pthread_setspecific(scratch_owner, scratch);
  return scratch;
}

static dnnl_status_t wrap(dnnl_memory_t *memory, const_layout layout, const void *base) {
  return dnnl_memory_create(memory, layout, onednn_engine, (void *)base);
}

static dnnl_status_t run(
    Plan *plan, const void *left, const void *right, const float *bias, void *result) {
  dnnl_memory_t memories[5] = {0};
  dnnl_exec_arg_t arguments[5];
  int count = 0;
  dnnl_status_t status = dnnl_success;
  const struct {
    int name;
    const_layout layout;
    const void *base;
  } operands[5] = {
      {DNNL_ARG_SRC, HANDLE(plan->a), left},
      {DNNL_ARG_WEIGHTS, HANDLE(plan->b), right},
      {DNNL_ARG_DST, HANDLE(plan->c), result},
      {DNNL_ARG_BIAS, HANDLE(plan->bias), bias},
      {DNNL_ARG_SCRATCHPAD,
       dnnl_primitive_desc_query_md(plan->description, dnnl_query_scratchpad_md, 0),
       plan->scratch_size ? scratch_of_size(plan->scratch_size) : NULL},
  };
  for (int i = 0; i < 5 && !status; i++) {
    if (!operands[i].base) continue;
    status = wrap(&memories[count], operands[i].layout, operands[i].base);
    if (status) break;
    arguments[count] = (dnnl_exec_arg_t){operands[i].name, memories[count]};
    count++;
  }
  if (!status) status = dnnl_primitive_execute(plan->primitive, onednn_stream, count, arguments);
  for (int i = 0; i < count; i++) dnnl_memory_destroy(memories[i]);
  return status;
}

static const char *run_key(
    const Key *key, const void *left, const void *right, const float *bias, void *result) {
  // Both compiling and running a plan read the number of threads.
  use_one_thread();
  Plan *plan = plan_acquire(key);
  if (!plan) return "this oneDNN has no such product for this CPU";
  dnnl_status_t status = run(plan, left, right, bias, result);
  plan_release(plan);
  return status == dnnl_success ? NULL : "oneDNN failed to run a product";
}

const char *etude_bf16_product(
    const etude_product *p, const void *left, const void *right, const float *bias, void *result) {
  Key key = {
      p->rows, p->columns, p->inner, p->left_stride, p->right_stride, p->result_stride,
      p->left_transposed, p->right_transposed, p->result_is_float, bias != NULL, 0, 0, 0, 0,
      p->scale, p->keep};
  return run_key(&key, left, right, bias, result);
}

const char *etude_packed_product(
    const etude_product *p, int is_float, int activates, const void *left, const void *packed,
    const float *bias, void *result) {
  Key key = {
      p->rows, p->columns, p->inner, p->left_stride, 0, p->result_stride,
      p->left_transposed, 0, p->result_is_float, bias != NULL, is_float != 0, 1, activates != 0, 0,
      1, 0};
  return run_key(&key, left, packed, bias, result);
}

size_t etude_packed_size(ptrdiff_t inner, ptrdiff_t columns, int is_float) {
  use_one_thread();
  const Layout *layout = packed_layout(inner, columns, is_float != 0);
  return layout ? dnnl_memory_desc_get_size(HANDLE(*layout)) : 0;
}

static dnnl_status_t reorder(Layout *from, const float *matrix, Layout *to, void *packed) {
  dnnl_primitive_desc_t description = NULL;
  dnnl_primitive_t primitive = NULL;
  dnnl_memory_t memories[2] = {0};
  dnnl_status_t status = describe_reorder(&description, onednn_engine, from, to);
  if (!status) status = dnnl_primitive_create(&primitive, description);
  if (!status) status = wrap(&memories[0], HANDLE(*from), matrix);
  if (!status) status = wrap(&memories[1], HANDLE(*to), packed);
  dnnl_exec_arg_t arguments[2] = {{DNNL_ARG_FROM, memories[0]}, {DNNL_ARG_TO, memories[1]}};
  if (!status) status = dnnl_primitive_execute(primitive, onednn_stream, 2, arguments);
  for (int i = 0; i < 2; i++)
    if (memories[i]) dnnl_memory_destroy(memories[i]);
  if (primitive) dnnl_primitive_destroy(primitive);
  if (description) dnnl_primitive_desc_destroy(description);
  return status;
}

const char *etude_pack(
    ptrdiff_t inner, ptrdiff_t columns, ptrdiff_t stride, int is_float, const float *matrix,
    void *packed) {
  use_one_thread();
  const Layout *to = packed_layout(inner, columns, is_float != 0);
  if (!to) return "this oneDNN packs no matrix for this CPU";
  dnnl_dims_t lengths = {inner, columns}, strides = {1, stride};
  Layout from = {0};
  dnnl_status_t status = layout_init(&from, 2, lengths, dnnl_f32, strides);
  if (!status) status = reorder(&from, matrix, (Layout *)to, packed);
  layout_destroy(&from);
  return status == dnnl_success ? NULL : "oneDNN failed to pack a matrix";
}

const char *etude_fp32_product(
    const etude_product *p, const float *left, const float *right, float *result) {
  use_one_thread();
  dnnl_status_t status = dnnl_sgemm(
      p->left_transposed ? 'T' : 'N', p->right_transposed ? 'T' : 'N', p->rows, p->columns,
      p->inner, p->scale, left, p->left_stride, right, p->right_stride, p->keep, result,
      p->result_stride);
  return status == dnnl_success ? NULL : "oneDNN failed to run a product";
}

#if defined(__x86_64__)
// ETUDE_MAX_CPU applies to oneDNN as well, which takes a limit only before its first product.
__attribute__((constructor)) static void limit_instructions(void) {
  unsigned features = etude_processor_features();
  if (!etude_processor_limit()) return;
  dnnl_set_max_cpu_isa(
      features & ETUDE_AMX_BF16 ? dnnl_cpu_isa_all
      : features & ETUDE_AVX512_BF16 ? dnnl_cpu_isa_avx512_core_bf16
      : features & ETUDE_AVX512F ? dnnl_cpu_isa_avx512_core
      : features & ETUDE_AVX2 ? dnnl_cpu_isa_avx2
      : dnnl_cpu_isa_sse41);
}

static int runs(dnnl_cpu_isa_t isa) { return (dnnl_get_effective_cpu_isa() & isa) == isa; }

int etude_onednn_has_avx512(void) { return runs(dnnl_cpu_isa_avx512_core); }

int etude_onednn_has_bf16(void) { return runs(dnnl_cpu_isa_avx512_core_bf16); }

int etude_onednn_has_tiles(void) { return runs(dnnl_cpu_isa_avx512_core_amx); }
#else
// On other processors these bits denote other instruction sets.
int etude_onednn_has_avx512(void) { return 0; }

int etude_onednn_has_bf16(void) { return 0; }

int etude_onednn_has_tiles(void) { return 0; }
#endif

void etude_onednn_version(int parts[3]) {
  const dnnl_version_t *version = dnnl_version();
  parts[0] = version->major;
  parts[1] = version->minor;
  parts[2] = version->patch;
}
#endif
