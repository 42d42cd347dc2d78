// Branch-free scalar formulas that the compiler turns into vector code inside a loop.
#ifndef ETUDE_VECTOR_MATH_H
#define ETUDE_VECTOR_MATH_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "multiversion.h"

INLINE float float_of_bits(int32_t i) {
  float f;
  memcpy(&f, &i, 4);
  return f;
}

INLINE int32_t bits_of_float(float f) {
  int32_t i;
  memcpy(&i, &f, 4);
  return i;
}

// bfloat16 is the upper half of a float.
INLINE float widened(uint16_t x) { return float_of_bits((int32_t)((uint32_t)x << 16)); }

// To the nearest bfloat16, of two equally near ones the even; NaN stays NaN.
INLINE uint16_t narrowed(float x) {
  uint32_t bits = (uint32_t)bits_of_float(x);
  uint32_t rounded = (bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16;
  return (uint16_t)(x == x ? rounded : (bits >> 16 | 0x40u));
}

// e^x by 2^k e^r with |r| <= ln 2 / 2 and a polynomial of degree 6 (Cephes expf).
// Below -104 gives 0, above 88.73 infinity; NaN stays NaN.
INLINE float vector_exp(float x) {
  const float low = -104.0f, high = 89.0f;
  float clamped = x < low ? low : x;
  clamped = clamped > high ? high : clamped;
  float k = rintf(clamped * 1.44269504088896341f);
  float r = clamped - k * 0.693359375f;
  r = r - k * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  // Two factors, so that the exponent passes through subnormals and infinity correctly. C defines no
  // integer of a NaN; p is one already.
  int32_t whole = (int32_t)(k == k ? k : 0.0f);
  int32_t half = whole >> 1;
  float first = float_of_bits((half + 127) << 23);
  float second = float_of_bits((whole - half + 127) << 23);
  return p * first * second;
}

// ln x by x = 2^k m with m in [√½, √2) and m - 1 times a polynomial of degree 8 (Cephes logf).
// 0 gives -infinity, what is below it NaN; infinity and NaN stay.
INLINE float vector_log(float x) {
  int32_t is_tiny = x < 1.17549435e-38f;
  int32_t bits = bits_of_float(is_tiny ? x * 8388608.0f : x);
  // Counted from √½, the exponent of m is 0 or -1 as it has to be.
  int32_t k = (bits - 0x3F3504F3) >> 23;
  float m = float_of_bits(bits - (int32_t)((uint32_t)k << 23)) - 1.0f;
  float e = (float)(k - (is_tiny ? 23 : 0));
  float z = m * m;
  float p = 7.0376836292e-2f;
  p = p * m - 1.1514610310e-1f;
  p = p * m + 1.1676998740e-1f;
  p = p * m - 1.2420140846e-1f;
  p = p * m + 1.4249322787e-1f;
  p = p * m - 1.6668057665e-1f;
  p = p * m + 2.0000714765e-1f;
  p = p * m - 2.4999993993e-1f;
  p = p * m + 3.3333331174e-1f;
  float y = p * m * z + e * -2.12194440e-4f - 0.5f * z;
  y = m + y + e * 0.693359375f;
  y = x > 3.40282347e38f ? x : y;
  y = x == 0.0f ? -INFINITY : y;
  return x < 0.0f || x != x ? NAN : y;
}

// erf x for |x| < 4, ±1 beyond: x P(x²) / Q(x²), coefficients of the minimax fit used by Eigen.
INLINE float vector_erf(float x) {
  float z = x < -4.0f ? -4.0f : x;
  z = z > 4.0f ? 4.0f : z;
  float s = z * z;
  float p = -2.72614225801306e-10f;
  p = p * s + 2.77068142495902e-08f;
  p = p * s + -2.10102402082508e-06f;
  p = p * s + -5.69250639462346e-05f;
  p = p * s + -7.34990630326855e-04f;
  p = p * s + -2.95459980854025e-03f;
  p = p * s + -1.60960333262415e-02f;
  float q = -1.45660718464996e-05f;
  q = q * s + -2.13374055278905e-04f;
  q = q * s + -1.68282697438203e-03f;
  q = q * s + -7.37332916720468e-03f;
  q = q * s + -1.42647390514189e-02f;
  return z * p / q;
}

// x Φ(x) with Φ the normal distribution function.
INLINE float vector_gelu(float x) {
  return 0.5f * x * (1.0f + vector_erf(x * 0.70710678118654752f));
}

// Its derivative, Φ(x) + x φ(x).
INLINE float vector_gelu_slope(float x) {
  float distribution = 0.5f * (1.0f + vector_erf(x * 0.70710678118654752f));
  float density = 0.39894228040143268f * vector_exp(-0.5f * x * x);
  return distribution + x * density;
}

#endif
