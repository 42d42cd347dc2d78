// Matrix products over oneDNN, versions 2 and 3 behind one call.
#ifndef ETUDE_ONEDNN_H
#define ETUDE_ONEDNN_H

#include <stddef.h>

// C = scale (A B + bias) + keep C with A [rows, inner], B [inner, columns], C [rows, columns].
//
// A stride is the distance between rows in memory, in elements, and not below their length. A
// transposed operand lies in memory as its transpose. A and B are bfloat16, the bias of each column
// is float, the sum is taken in float and rounded once as it is written.
typedef struct {
  ptrdiff_t rows, columns, inner;
  ptrdiff_t left_stride, right_stride, result_stride;
  int left_transposed, right_transposed;
  // Whether C is float rather than bfloat16.
  int result_is_float;
  float scale, keep;
} etude_product;

// C = A B + bias, or GELU of it, with B packed by `etude_pack`: its strides do not count, nor do scale and
// keep. Rows of A and of C have to follow each other, or oneDNN 2.6 takes a thousand times as long. All of
// float if `is_float`, else A and B bfloat16. Returns NULL, or what oneDNN cannot do.
const char *etude_packed_product(
    const etude_product *product, int is_float, int activates, const void *left,
    const void *packed, const float *bias, void *result);

// How many bytes a right operand [inner, columns] takes in the layout that oneDNN multiplies fastest, 0
// if it has none for this CPU.
size_t etude_packed_size(ptrdiff_t inner, ptrdiff_t columns, int is_float);

// Lays out floats whose transpose [columns, inner] has rows `stride` apart, rounded to bfloat16 unless
// `is_float`. Returns NULL, or what went wrong.
const char *etude_pack(
    ptrdiff_t inner, ptrdiff_t columns, ptrdiff_t stride, int is_float, const float *matrix,
    void *packed);

// The product on the calling thread alone; any number of threads may call at once. `bias` may be NULL.
// Returns NULL, or what oneDNN cannot do.
const char *etude_bf16_product(
    const etude_product *product, const void *left, const void *right, const float *bias,
    void *result);

// The same of float operands into float, without a bias.
const char *etude_fp32_product(
    const etude_product *product, const float *left, const float *right, float *result);

// Whether oneDNN multiplies floats with AVX-512 here, and bfloat16 with its instructions: whether the CPU
// has them and the environment (ONEDNN_MAX_CPU_ISA) allows them.
int etude_onednn_has_avx512(void);
int etude_onednn_has_bf16(void);

// The version of oneDNN in use: major, minor, patch.
void etude_onednn_version(int parts[3]);

#endif
