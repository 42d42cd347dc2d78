// Matrix products with oneDNN, versions 2 and 3, behind one interface.
#ifndef ETUDE_ONEDNN_H
#define ETUDE_ONEDNN_H

#include <stddef.h>

// C = scale (A B + bias) + keep C with A [rows, inner], B [inner, columns], C [rows, columns].
//
// A stride is the distance between rows in memory, in elements, at least the length of a row. A
// transposed operand is stored as its transpose. A and B are bfloat16, the bias of each column is
// float. The sum is taken in float and rounded once when it is written.
typedef struct {
  ptrdiff_t rows, columns, inner;
  ptrdiff_t left_stride, right_stride, result_stride;
  int left_transposed, right_transposed;
  // Whether C is float instead of bfloat16.
  int result_is_float;
  float scale, keep;
} etude_product;

// C = A B + bias, followed by GELU if `activates`, with B packed by `etude_pack`. The strides of B,
// scale and keep are ignored. Rows of A and of C must be contiguous, or oneDNN 2.6 takes a thousand
// times as long. All matrices are float if `is_float`, else A and B are bfloat16. Returns NULL or
// an error message.
const char *etude_packed_product(
    const etude_product *product, int is_float, int activates, const void *left,
    const void *packed, const float *bias, void *result);

// The number of bytes of a right operand [inner, columns] in the layout that oneDNN multiplies
// fastest; 0 if there is none for this CPU.
size_t etude_packed_size(ptrdiff_t inner, ptrdiff_t columns, int is_float);

// Packs a float matrix. `matrix` is its transpose [columns, inner] with rows `stride` apart. Rounds
// to bfloat16 unless `is_float`. Returns NULL or an error message.
const char *etude_pack(
    ptrdiff_t inner, ptrdiff_t columns, ptrdiff_t stride, int is_float, const float *matrix,
    void *packed);

// Computes the product on the calling thread; any number of threads may call at once. `bias` may be
// NULL. Returns NULL or an error message.
const char *etude_bf16_product(
    const etude_product *product, const void *left, const void *right, const float *bias,
    void *result);

// The same with float operands and result, without a bias.
const char *etude_fp32_product(
    const etude_product *product, const float *left, const float *right, float *result);

// Whether oneDNN uses AVX-512 for float products, bfloat16 instructions, and the tiles of AMX: whether
// the CPU has them, and the system and the environment (ONEDNN_MAX_CPU_ISA) allow them.
int etude_onednn_has_avx512(void);
int etude_onednn_has_bf16(void);
int etude_onednn_has_tiles(void);

// The version of oneDNN: major, minor, patch.
void etude_onednn_version(int parts[3]);

#endif
