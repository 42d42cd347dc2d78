// The small products of attention with pairs of bfloat16, for CPUs that multiply such pairs.
#include "lanes.h"
#include "products.h"

#if defined(__x86_64__)
#include <immintrin.h>

// The functions up to the pop may use the instructions for pairs.
#pragma clang attribute push( \
    __attribute__((target("arch=x86-64-v4,avx512bf16"), min_vector_width(512))), \
    apply_to = function)

typedef uint32_t Pair __attribute__((aligned(2), may_alias));

#define ADD_PAIRS(sum, x, y) \
  ((sum) = (Lanes)_mm512_dpbf16_ps( \
       (__m512)(sum), (__m512bh)_mm512_set1_epi32((int)(x)), (__m512bh)(y)))

#define LEFT Pair
#define RIGHT Pair
#define RESULT float
#define NAME(function) function
#define LOAD LOAD_FLOATS
#define STORE STORE_FLOATS
#define ADD ADD_PAIRS
#include "product_tiles.h"

static void product_of_pairs(
    ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, float *c, ptrdiff_t c_row, const uint32_t *a,
    ptrdiff_t a_row, ptrdiff_t a_step, const uint32_t *b, ptrdiff_t b_row, int keep) {
  Product p = {m, n, k, a, a_row, a_step, b, b_row, keep ? c : NULL, c_row, c, c_row};
  product_for(AVX512, &p);
}

INLINE __mmask16 first_lanes(ptrdiff_t count) {
  return count < LANES ? (__mmask16)((1u << count) - 1) : (__mmask16)0xFFFF;
}

INLINE float row_greatest(
    const float *x, ptrdiff_t n) {
  __m512 greatest[WIDE];
  for (int j = 0; j < WIDE; j++) greatest[j] = _mm512_set1_ps(-INFINITY);
  ptrdiff_t i = 0;
  for (; i + WIDE * LANES <= n; i += WIDE * LANES)
    for (int j = 0; j < WIDE; j++)
      greatest[j] = _mm512_max_ps(_mm512_loadu_ps(x + i + j * LANES), greatest[j]);
  for (; i < n; i += LANES) {
    __mmask16 lanes = first_lanes(n - i);
    greatest[0] =
        _mm512_mask_max_ps(greatest[0], lanes, _mm512_maskz_loadu_ps(lanes, x + i), greatest[0]);
  }
  greatest[0] = _mm512_max_ps(greatest[0], greatest[1]);
  greatest[2] = _mm512_max_ps(greatest[2], greatest[3]);
  return _mm512_reduce_max_ps(_mm512_max_ps(greatest[0], greatest[2]));
}

// 2^x by a polynomial of the fraction of x; within 5e-6.
INLINE __m512 exp2_roughly(__m512 x) {
  __m512 whole = _mm512_roundscale_ps(x, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
  __m512 r = _mm512_sub_ps(x, whole);
  __m512 p = _mm512_set1_ps(1.3697664e-2f);
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(5.1690358e-2f));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(2.4163844e-1f));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(6.9296986e-1f));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0000037f));
  return _mm512_scalef_ps(p, whole);
}

static void weights(
    uint16_t *w, const float *s, float *greatest, float *sum, float *factor, ptrdiff_t rows,
    ptrdiff_t stride, ptrdiff_t count, float scale) {
  __m512 scales = _mm512_set1_ps(scale);
  for (ptrdiff_t r = 0; r < rows; r++) {
    const float *x = s + r * stride;
    uint16_t *y = w + r * stride;
    float shift = scale * row_greatest(x, count);
    if (greatest[r] > shift) shift = greatest[r];
    __m512 shifts = _mm512_set1_ps(shift), even = _mm512_setzero_ps(), odd = even;
    ptrdiff_t i = 0;
    for (; i + 2 * LANES <= count; i += 2 * LANES) {
      __m512 a = exp2_roughly(_mm512_fmsub_ps(scales, _mm512_loadu_ps(x + i), shifts));
      __m512 b = exp2_roughly(_mm512_fmsub_ps(scales, _mm512_loadu_ps(x + i + LANES), shifts));
      even = _mm512_add_ps(even, a);
      odd = _mm512_add_ps(odd, b);
      _mm512_storeu_si512(y + i, (__m512i)_mm512_cvtne2ps_pbh(b, a));
    }
    for (; i < count; i += LANES) {
      __mmask16 lanes = first_lanes(count - i);
      __m512 a = _mm512_fmsub_ps(scales, _mm512_maskz_loadu_ps(lanes, x + i), shifts);
      a = _mm512_maskz_mov_ps(lanes, exp2_roughly(a));
      even = _mm512_add_ps(even, a);
      _mm256_mask_storeu_epi16(
          y + i, first_lanes((count - i + 1) / 2 * 2), (__m256i)_mm512_cvtneps_pbh(a));
    }
    factor[r] = exp2f(greatest[r] - shift);
    sum[r] = sum[r] * factor[r] + _mm512_reduce_add_ps(_mm512_add_ps(even, odd));
    greatest[r] = shift;
  }
}

#pragma clang attribute pop

int etude_multiplies_pairs(void) {
  return (etude_processor_features() & ETUDE_AVX512_BF16) != 0;
}
#else
static void weights(
    uint16_t *w, const float *s, float *greatest, float *sum, float *factor, ptrdiff_t rows,
    ptrdiff_t stride, ptrdiff_t count, float scale) {
  __builtin_trap();
}

static void product_of_pairs(
    ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, float *c, ptrdiff_t c_row, const uint32_t *a,
    ptrdiff_t a_row, ptrdiff_t a_step, const uint32_t *b, ptrdiff_t b_row, int keep) {
  __builtin_trap();
}

int etude_multiplies_pairs(void) { return 0; }
#endif

void etude_small_product_pairs(
    ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, float *c, ptrdiff_t c_row, const uint32_t *a,
    ptrdiff_t a_row, ptrdiff_t a_step, const uint32_t *b, ptrdiff_t b_row, int keep) {
  product_of_pairs(m, n, k, c, c_row, a, a_row, a_step, b, b_row, keep);
}

void etude_attention_weights_pairs(
    uint16_t *w, const float *s, float *greatest, float *sum, float *factor, ptrdiff_t rows,
    ptrdiff_t stride, ptrdiff_t count, float scale) {
  weights(w, s, greatest, sum, factor, rows, stride, count, scale);
}

KERNEL(
    void, etude_pair_rows,
    (uint32_t *y, ptrdiff_t y_row, const uint16_t *x, ptrdiff_t x_row, ptrdiff_t rows, ptrdiff_t n),
    (y, y_row, x, x_row, rows, n)) {
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

KERNEL(
    void, etude_pair_narrowed_rows,
    (uint32_t *y, ptrdiff_t y_row, const float *x, ptrdiff_t x_row, ptrdiff_t rows),
    (y, y_row, x, x_row, rows)) {
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
