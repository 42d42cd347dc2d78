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

// The product on the calling thread alone; any number of threads may call at once. `bias` may be NULL.
// Returns NULL, or what oneDNN cannot do.
const char *etude_bf16_product(
    const etude_product *product, const void *left, const void *right, const float *bias,
    void *result);

// The same of float operands into float, without a bias.
const char *etude_fp32_product(
    const etude_product *product, const float *left, const float *right, float *result);

// Whether oneDNN multiplies floats with AVX-512 here.
int etude_onednn_has_avx512(void);

// The version of oneDNN in use: major, minor, patch.
void etude_onednn_version(int parts[3]);

#endif
