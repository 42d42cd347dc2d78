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

// The nearest bfloat16, ties to even; NaN stays NaN.
INLINE uint16_t narrowed(float x) {
  uint32_t bits = (uint32_t)bits_of_float(x);
  uint32_t rounded = (bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16;
  return (uint16_t)(x == x ? rounded : (bits >> 16 | 0x40u));
}

// e^x as 2^k e^r with |r| <= ln 2 / 2 and a polynomial of degree 6 (Cephes expf). Gives 0 below
// -104 and infinity above 88.73; NaN stays NaN.
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
  // Two factors, so that the exponent passes correctly through subnormals and infinity. Converting
  // a NaN to an integer is undefined in C; p is NaN already.
  int32_t whole = (int32_t)(k == k ? k : 0.0f);
  int32_t half = whole >> 1;
  float first = float_of_bits((half + 127) << 23);
  float second = float_of_bits((whole - half + 127) << 23);
  return p * first * second;
}

// ln x with x = 2^k m, m in [√½, √2), and a polynomial of degree 8 in m - 1 (Cephes logf). Gives
// -infinity for 0 and NaN for negative numbers; infinity and NaN stay.
INLINE float vector_log(float x) {
  int32_t is_tiny = x < 1.17549435e-38f;
  uint32_t bits = (uint32_t)bits_of_float(is_tiny ? x * 8388608.0f : x);
  // Counted from √½, so that m is in [√½, √2).
  int32_t k = (int32_t)(bits - 0x3F3504F3u) >> 23;
  float m = float_of_bits((int32_t)(bits - ((uint32_t)k << 23))) - 1.0f;
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

// Limits to a lower or an upper bound; NaN stays NaN.
INLINE float at_least(float x, float low) { return x < low ? low : x; }
INLINE float at_most(float x, float high) { return x > high ? high : x; }
INLINE float absolute(float x) { return float_of_bits(bits_of_float(x) & 0x7FFFFFFF); }

// 1 / (1 + e^-x), from e^-|x|, which neither overflows nor cancels.
INLINE float vector_sigmoid(float x) {
  float e = vector_exp(-absolute(x));
  float greater = 1.0f / (1.0f + e);
  return x >= 0.0f ? greater : e * greater;
}

// x σ(x); 0 below -200, also for -∞.
INLINE float vector_silu(float x) { return at_least(x, -200.0f) * vector_sigmoid(x); }

// Its derivative, σ(x) (1 + x (1 - σ(x))), constant beyond ±200.
INLINE float vector_silu_slope(float x) {
  float near = at_most(at_least(x, -200.0f), 200.0f);
  return vector_sigmoid(near) * (1.0f + near * vector_sigmoid(-near));
}

// tanh x by a polynomial (Cephes tanhf) up to 0.625, as 1 - 2 / (e^2x + 1) beyond.
INLINE float vector_tanh(float x) {
  float a = absolute(x), z = a * a;
  float p = -5.70498872745e-3f;
  p = p * z + 2.06390887954e-2f;
  p = p * z - 5.37397155531e-2f;
  p = p * z + 1.33314422036e-1f;
  p = p * z - 3.33332819422e-1f;
  float near = p * z * a + a;
  float far = 1.0f - 2.0f / (vector_exp(2.0f * a) + 1.0f);
  float y = a < 0.625f ? near : far;
  return x < 0.0f ? -y : y;
}

// e^x - 1 for x <= 0: e^x as in `vector_exp`, where 1 is subtracted from the power of two.
INLINE float vector_expm1(float x) {
  float clamped = at_least(x, -30.0f);
  float k = rintf(clamped * 1.44269504088896341f);
  float r = clamped - k * 0.693359375f;
  r = r - k * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r;
  float scale = float_of_bits(((int32_t)(k == k ? k : 0.0f) + 127) << 23);
  return p * scale + (scale - 1.0f);
}

// ln(1 + e^x) as max(x, 0) + ln(1 + e) with e = e^-|x|, where ln(1 + e) is the series of the
// inverse hyperbolic tangent of e / (2 + e).
INLINE float vector_softplus(float x) {
  float e = vector_exp(-absolute(x));
  float s = e / (2.0f + e), z = s * s;
  float p = 1.0f / 15;
  p = p * z + 1.0f / 13;
  p = p * z + 1.0f / 11;
  p = p * z + 1.0f / 9;
  p = p * z + 1.0f / 7;
  p = p * z + 1.0f / 5;
  p = p * z + 1.0f / 3;
  return at_least(x, 0.0f) + 2.0f * (s + s * z * p);
}

// The greatest angle for which the remainder of a division by π/2 is exact enough in double.
#define GREATEST_ANGLE 1e6f

// sin x, or cos x if `quarter` is 1, for |x| <= GREATEST_ANGLE. Computed in double, with π/2 in two
// parts.
INLINE float vector_sine(float x, int32_t quarter) {
  double k = __builtin_rint(x * 0.63661977236758134308);
  double r = x - k * 1.57079632673412561417;
  r = r - k * 6.07710050650619224932e-11;
  double z = r * r;
  double s = -1.0 / 39916800;
  s = s * z + 1.0 / 362880;
  s = s * z - 1.0 / 5040;
  s = s * z + 1.0 / 120;
  s = s * z - 1.0 / 6;
  s = s * z * r + r;
  double c = -1.0 / 3628800;
  c = c * z + 1.0 / 40320;
  c = c * z - 1.0 / 720;
  c = c * z + 1.0 / 24;
  c = c * z - 1.0 / 2;
  c = c * z + 1.0;
  int32_t turn = (int32_t)(k == k ? k : 0.0) + quarter;
  double y = turn & 1 ? c : s;
  return (float)(turn & 2 ? -y : y);
}

// |x|^power, times `below` for negative x. Computed in double as e^(power ln |x|), where ln is the
// series of the inverse hyperbolic tangent of (m - 1) / (m + 1) for the mantissa m between √½ and
// √2.
INLINE float vector_power(float x, double power, float below) {
  float a = absolute(x);
  double wide = a;
  int64_t bits;
  memcpy(&bits, &wide, 8);
  int32_t exponent = (int32_t)(bits >> 52) - 1023;
  int64_t fraction = (bits & 0xFFFFFFFFFFFFF) | 0x3FF0000000000000;
  double m;
  memcpy(&m, &fraction, 8);
  int32_t large = m > 1.41421356237309505;
  m = large ? 0.5 * m : m;
  double s = (m - 1.0) / (m + 1.0), z = s * s;
  double p = 1.0 / 15;
  p = p * z + 1.0 / 13;
  p = p * z + 1.0 / 11;
  p = p * z + 1.0 / 9;
  p = p * z + 1.0 / 7;
  p = p * z + 1.0 / 5;
  p = p * z + 1.0 / 3;
  double logarithm = (exponent + large) * 0.69314718055994530942 + 2.0 * (s + s * z * p);
  double t = power * logarithm;
  t = t < -200.0 ? -200.0 : t;
  t = t > 200.0 ? 200.0 : t;
  double k = __builtin_rint(t * 1.44269504088896341);
  double r = t - k * 0.69314718055994530942;
  double e = 1.0 / 362880;
  e = e * r + 1.0 / 40320;
  e = e * r + 1.0 / 5040;
  e = e * r + 1.0 / 720;
  e = e * r + 1.0 / 120;
  e = e * r + 1.0 / 24;
  e = e * r + 1.0 / 6;
  e = e * r + 1.0 / 2;
  e = e * r + 1.0;
  e = e * r + 1.0;
  int64_t scaling = ((int64_t)(int32_t)(k == k ? k : 0.0) + 1023) << 52;
  double scale;
  memcpy(&scale, &scaling, 8);
  float y = (float)(e * scale);
  float of_zero = power > 0 ? 0.0f : power < 0 ? INFINITY : 1.0f;
  float of_infinity = power > 0 ? INFINITY : power < 0 ? 0.0f : 1.0f;
  y = a == 0.0f ? of_zero : y;
  y = a > 3.40282347e38f ? of_infinity : y;
  y = a == a ? y : NAN;
  return x < 0.0f ? y * below : y;
}

// The sign of the power of a negative number; NaN unless the exponent is a whole number.
INLINE float sign_of_power(double power) {
  int whole = power == __builtin_trunc(power);
  int odd = power != 2.0 * __builtin_trunc(power / 2.0);
  return !whole ? NAN : odd ? -1.0f : 1.0f;
}

#endif
