#include "vector_math.h"

#pragma clang fp contract(fast)

enum { LANES = 16, VECTORS = 2, ROW_TILE = 6, COLUMN_TILE = LANES * VECTORS, TAP_TILE = 5 };

// Vector types, because the compiler would keep an array of this many sums in memory.
typedef float Lanes __attribute__((vector_size(4 * LANES)));
typedef float UnalignedLanes __attribute__((vector_size(4 * LANES), aligned(4), may_alias));

#define REAL float
#define NAME(function) function
#define LOAD(x) (x)
#define STORE(x) (x)
#include "short_convolution.h"
#undef REAL
#undef NAME
#undef LOAD
#undef STORE
#define REAL uint16_t
#define NAME(function) function##_bfloat
#define LOAD(x) widened(x)
#define STORE(x) narrowed(x)
#include "short_convolution.h"
