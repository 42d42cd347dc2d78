#include "vector_math.h"

// Results here and those of the C library differ in the last few of a double's 53 bits. Rounding to
// float nearly always hides the difference; `etude_normal` detects when it might not.
#pragma clang fp contract(off)

// A bound of the relative error, far above that of either computation.
#define ERROR 0x1p-44

INLINE double double_of_bits(uint64_t i) {
  double d;
  memcpy(&d, &i, 8);
  return d;
}

INLINE uint64_t bits_of_double(double d) {
  uint64_t i;
  memcpy(&i, &d, 8);
  return i;
}

// ln u for a normal number u. With u = 2^e m, m from sqrt(1/2) to sqrt 2, and s = (m - 1) / (m +
// 1), |s| < 0.172: ln m = 2 (s + s^3 / 3 + s^5 / 5 + ...).
INLINE double double_log(double u) {
  uint64_t bits = bits_of_double(u) + (0x3FF0000000000000u - 0x3FE6A09E667F3BCDu);
  double e = (double)((int32_t)(bits >> 52) - 1023);
  double m = double_of_bits((bits & 0x000FFFFFFFFFFFFFu) + 0x3FE6A09E667F3BCDu);
  double s = (m - 1.0) / (m + 1.0), t = s * s;
  double p = 1.0 / 21.0;
  for (int n = 19; n >= 1; n -= 2) p = p * t + 1.0 / n;
  return 2.0 * s * p + e * 0.693147180559945309;
}

// cos x for 0 <= x < 7. Subtracts the nearest number k of quarter turns in three parts; the
// products of the first two parts with k are exact.
INLINE double double_cos(double x) {
  double k = rint(x * 0.636619772367581343);
  double r = x - k * 0x1.921fb544p+0;
  r = r - k * 0x1.0b4611a6p-34;
  r = r - k * 0x1.3198a2e037073p-69;
  double t = r * r;
  double cosine = 1.0, sine = 1.0;
  for (int n = 18; n >= 2; n -= 2) {
    cosine = 1.0 - cosine * t * (1.0 / (n * (n - 1)));
    sine = 1.0 - sine * t * (1.0 / (n * (n + 1)));
  }
  int32_t quarter = (int32_t)k;
  double y = quarter & 1 ? r * sine : cosine;
  return (quarter + 1) & 2 ? -y : y;
}

KERNEL(int, etude_normal, (float *y, const uint64_t *words, ptrdiff_t n), (y, words, n)) {
  int doubtful = 0;
  for (ptrdiff_t i = 0; i < n; i++) {
    double u = (double)(int64_t)(words[2 * i] & 0x1FFFFFFFFFFFFFu) * 0x1p-53;
    double v = (double)(int64_t)(words[2 * i + 1] & 0x1FFFFFFFFFFFFFu) * 0x1p-53;
    double z = __builtin_elementwise_sqrt(-2.0 * double_log(u)) * double_cos(6.28318530717958648 * v);
    y[i] = (float)z;
    doubtful |= (float)(z * (1.0 - ERROR)) != (float)(z * (1.0 + ERROR)) || u == 0.0;
  }
  return doubtful;
}
