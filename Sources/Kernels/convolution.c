// Convolutions with a short window, such as the first one over a waveform, as products: row r of the
// left matrix is the window that begins at x[r step]. In a library, packing would take longer than
// the sums, because the inner side is short.
#include "lanes.h"
#include "products.h"

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
