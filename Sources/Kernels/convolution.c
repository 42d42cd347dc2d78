// Convolutions with a short window, such as the first one over a waveform, as products: row r of the
// left matrix is the window that begins at x[r step]. In a library, packing would take longer than
// the sums, because the inner side is short.
#include "lanes.h"

#pragma clang fp contract(fast)

#define NAME(function) function
#define LEFT float
#define ADD ADD_FLOATS
#define RIGHT float
#define LOAD LOAD_FLOATS
#define RESULT float
#define STORE STORE_FLOATS
#include "products.h"
#undef NAME
#undef RESULT
#undef STORE
#define NAME(function) function##_into_bfloat
#define RESULT uint16_t
#define STORE STORE_BFLOATS
#include "products.h"
#undef NAME
#undef RIGHT
#undef LOAD
#undef RESULT
#undef STORE
#define NAME(function) function##_of_bfloat
#define RIGHT uint16_t
#define LOAD LOAD_BFLOATS
#define RESULT float
#define STORE STORE_FLOATS
#include "products.h"
#undef NAME

enum { SHORT_PANEL = WIDE * LANES };

#define REAL float
#define NAME(function) function
#define INTO(function) function
#define OF(function) function
#define WIDENED(x) (x)
#define NARROWED(x) (x)
#include "short_convolution.h"
#undef REAL
#undef NAME
#undef INTO
#undef OF
#undef WIDENED
#undef NARROWED
#define REAL uint16_t
#define NAME(function) function##_bfloat
#define INTO(function) function##_into_bfloat
#define OF(function) function##_of_bfloat
#define WIDENED(x) widened(x)
#define NARROWED(x) narrowed(x)
#include "short_convolution.h"
