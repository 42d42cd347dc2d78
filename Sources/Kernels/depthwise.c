#include "vector_math.h"

#pragma clang fp contract(fast)

enum { LINE = 64, LANES = 16, TILE = ETUDE_DEPTHWISE_TILE, CHANNELS = ETUDE_DEPTHWISE_CHANNELS };

// A tile of sums takes 6 registers of AVX-512, 12 of the 16 of AVX2, 24 of the 32 of NEON.
typedef float Lanes __attribute__((vector_size(4 * LANES)));
typedef float UnalignedLanes __attribute__((vector_size(4 * LANES), aligned(4), may_alias));

#define REAL float
#define NAME(function) function
#define LOAD(x) (x)
#define STORE(x) (x)
#include "depthwise.h"
#undef REAL
#undef NAME
#undef LOAD
#undef STORE
#define REAL uint16_t
#define NAME(function) function##_bfloat
#define LOAD(x) widened(x)
#define STORE(x) narrowed(x)
#include "depthwise.h"
