// Vectors of sums, and how many of them the registers of each target hold.
//
// A vector has 16 floats on every target: one register of AVX-512, two of AVX2, four of SSE2 and
// NEON. So a loop is written once, and its tile alone depends on the target.
#ifndef ETUDE_LANES_H
#define ETUDE_LANES_H

#include "vector_math.h"

enum { LANES = 16 };

// Vector types, because the compiler would keep an array of as many floats in memory.
typedef float Lanes __attribute__((vector_size(4 * LANES)));
typedef float UnalignedLanes __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef uint16_t HalfLanes __attribute__((vector_size(2 * LANES), aligned(2), may_alias));
typedef uint32_t BitLanes __attribute__((vector_size(4 * LANES)));

// The greatest tile of a product, TALL rows by WIDE vectors. Beside its sums, one row of vectors and
// one factor have to fit: 24 + 4 + 1 of 32 registers for AVX-512, 12 + 2 + 1 of 16 for AVX2, 8 + 4
// + 2 of 16 for SSE2, which has no sum of a product, 24 + 4 + 1 of 32 for NEON.
enum { TALL = 6, WIDE = 4 };
INLINE int tile_height(Target target) { return target == SSE2 ? 2 : TALL; }
INLINE int tile_width(Target target) { return target == AVX512 ? WIDE : 1; }

// Macros, because a function that passes a vector has another calling convention on each target.
#define LOAD_FLOATS(x) (*(const UnalignedLanes *)(x))
#define LOAD_BFLOATS(x) \
  ((Lanes)(__builtin_convertvector(*(const HalfLanes *)(x), BitLanes) << 16))
#define ADD_FLOATS(sum, x, y) ((sum) += (x) * (y))
#define STORE_FLOATS(y, x) (*(UnalignedLanes *)(y) = (x))
#define STORE_BFLOATS(y, x) store_bfloats(y, &(x))

// As `narrowed`.
INLINE void store_bfloats(uint16_t *y, const Lanes *x) {
  BitLanes bits = (BitLanes)*x, rounded = (bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16;
  BitLanes is_number = (BitLanes)(*x == *x);
  rounded = (rounded & is_number) | ((bits >> 16 | 0x40u) & ~is_number);
  *(HalfLanes *)y = __builtin_convertvector(rounded, HalfLanes);
}

#endif
