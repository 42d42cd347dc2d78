#include "lanes.h"

#pragma clang fp contract(fast)

enum { LINE = 64, CHANNELS = ETUDE_DEPTHWISE_CHANNELS };

_Static_assert(TALL == ETUDE_DEPTHWISE_TILE, "the padding of rows and taps is a tile");

// A vector of x is read for every sum, so that a tile as wide as a product's would gain nothing.
INLINE int depthwise_width(Target target) { return target == AVX512 ? 2 : 1; }

#define REAL float
#define NAME(function) function
#define WIDENED(x) (x)
#define NARROWED(x) (x)
#define STORE STORE_FLOATS
#include "depthwise.h"
#undef REAL
#undef NAME
#undef WIDENED
#undef NARROWED
#undef STORE
#define REAL uint16_t
#define NAME(function) function##_bfloat
#define WIDENED(x) widened(x)
#define NARROWED(x) narrowed(x)
#define STORE STORE_BFLOATS
#include "depthwise.h"
