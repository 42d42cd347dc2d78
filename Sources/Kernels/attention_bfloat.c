// The small products of attention on pairs of bfloat16, for CPUs that multiply them.
#include "vector_math.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define PAIRS __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))

enum { LANES = 16, TALL = 6, WIDE = 4 };

// `height` rows by `width` vectors of C, kept in registers while k runs over pairs.
PAIRS static inline __attribute__((always_inline)) void tile(
    const int height, const int width, float *c, ptrdiff_t c_row, const uint32_t *a,
    ptrdiff_t a_row, ptrdiff_t a_step, const uint32_t *b, ptrdiff_t b_row, ptrdiff_t k, int keep) {
  __m512 sum[TALL][WIDE];
#pragma unroll
  for (int i = 0; i < height; i++)
#pragma unroll
    for (int j = 0; j < width; j++)
      sum[i][j] = keep ? _mm512_loadu_ps(c + i * c_row + j * LANES) : _mm512_setzero_ps();
  for (ptrdiff_t p = 0; p < k; p++) {
    __m512i row[WIDE];
#pragma unroll
    for (int j = 0; j < width; j++) row[j] = _mm512_loadu_si512(b + p * b_row + j * LANES);
#pragma unroll
    for (int i = 0; i < height; i++) {
      uint32_t pair;
      memcpy(&pair, a + i * a_row + p * a_step, sizeof pair);
      __m512i x = _mm512_set1_epi32((int)pair);
#pragma unroll
      for (int j = 0; j < width; j++)
        sum[i][j] = _mm512_dpbf16_ps(sum[i][j], (__m512bh)x, (__m512bh)row[j]);
    }
  }
#pragma unroll
  for (int i = 0; i < height; i++)
#pragma unroll
    for (int j = 0; j < width; j++) _mm512_storeu_ps(c + i * c_row + j * LANES, sum[i][j]);
}

PAIRS static inline __attribute__((always_inline)) void panel(
    const int width, ptrdiff_t m, float *c, ptrdiff_t c_row, const uint32_t *a, ptrdiff_t a_row,
    ptrdiff_t a_step, const uint32_t *b, ptrdiff_t b_row, ptrdiff_t k, int keep) {
  ptrdiff_t i = 0;
  for (; i + TALL <= m; i += TALL)
    tile(TALL, width, c + i * c_row, c_row, a + i * a_row, a_row, a_step, b, b_row, k, keep);
  for (; i < m; i++)
    tile(1, width, c + i * c_row, c_row, a + i * a_row, a_row, a_step, b, b_row, k, keep);
}

PAIRS static void product(
    ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, float *c, ptrdiff_t c_row, const uint32_t *a,
    ptrdiff_t a_row, ptrdiff_t a_step, const uint32_t *b, ptrdiff_t b_row, int keep) {
  ptrdiff_t j = 0;
  for (; j + WIDE * LANES <= n; j += WIDE * LANES)
    panel(WIDE, m, c + j, c_row, a, a_row, a_step, b + j, b_row, k, keep);
  for (; j < n; j += LANES) panel(1, m, c + j, c_row, a, a_row, a_step, b + j, b_row, k, keep);
}

int etude_multiplies_pairs(void) { return __builtin_cpu_supports("avx512bf16") != 0; }
#else
static void product(
    ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, float *c, ptrdiff_t c_row, const uint32_t *a,
    ptrdiff_t a_row, ptrdiff_t a_step, const uint32_t *b, ptrdiff_t b_row, int keep) {
  __builtin_trap();
}

int etude_multiplies_pairs(void) { return 0; }
#endif

void etude_small_product_pairs(
    ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, float *c, ptrdiff_t c_row, const uint32_t *a,
    ptrdiff_t a_row, ptrdiff_t a_step, const uint32_t *b, ptrdiff_t b_row, int keep) {
  product(m, n, k, c, c_row, a, a_row, a_step, b, b_row, keep);
}

CLONES void etude_pair_rows(
    uint32_t *y, ptrdiff_t y_row, const uint16_t *x, ptrdiff_t x_row, ptrdiff_t rows, ptrdiff_t n) {
  for (ptrdiff_t r = 0; r < rows; r += 2) {
    uint32_t *pair = y + r / 2 * y_row;
    const uint16_t *first = x + r * x_row, *second = first + x_row;
    if (r + 1 < rows)
      for (ptrdiff_t j = 0; j < n; j++) pair[j] = first[j] | (uint32_t)second[j] << 16;
    else
      for (ptrdiff_t j = 0; j < n; j++) pair[j] = first[j];
    for (ptrdiff_t j = n; j < y_row; j++) pair[j] = 0;
  }
}

CLONES void etude_pair_narrowed_rows(
    uint32_t *y, ptrdiff_t y_row, const float *x, ptrdiff_t x_row, ptrdiff_t rows) {
  for (ptrdiff_t r = 0; r < rows; r += 2) {
    uint32_t *pair = y + r / 2 * y_row;
    const float *first = x + r * x_row, *second = first + x_row;
    if (r + 1 < rows)
      for (ptrdiff_t j = 0; j < y_row; j++)
        pair[j] = narrowed(first[j]) | (uint32_t)narrowed(second[j]) << 16;
    else
      for (ptrdiff_t j = 0; j < y_row; j++) pair[j] = narrowed(first[j]);
  }
}
