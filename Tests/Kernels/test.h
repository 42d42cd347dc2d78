// Checks of kernels against plain sums in double. Plain C, so that it runs wherever the kernels do.
#ifndef ETUDE_KERNEL_TEST_H
#define ETUDE_KERNEL_TEST_H

#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "Kernels.h"

// The suites, each a file.
void test_elementwise(void);
void test_activations(void);
void test_rows(void);
void test_columns(void);
void test_products(void);
void test_convolutions(void);
void test_recurrent(void);
void test_attention(void);
void test_rotations(void);
void test_spectra(void);
void test_draws(void);
void test_threads(void);

// Lengths around those of vectors and blocks.
extern const ptrdiff_t lengths[];
enum { LENGTHS = 16 };

// One unit in the last place of a float, relative to it.
#define ULP 0x1p-23

// Memory that `release` frees, and whose borders it checks.
void *room(size_t bytes);
void release(void);

// Random numbers of low ..< high; the same in every run.
float draw(float low, float high);
float *draws(ptrdiff_t n, float low, float high);
uint16_t *bfloat_draws(ptrdiff_t n, float low, float high);
float *copy(const float *x, ptrdiff_t n);
float *filled(ptrdiff_t n, float value);
double *expected(ptrdiff_t n);
float *floats(ptrdiff_t n);
uint16_t *bfloats(ptrdiff_t n);

// A bfloat16 as a double, and the nearest bfloat16.
double wide(uint16_t x);
uint16_t nearest(double x);

// Fails unless |found - expected| <= relative |expected| + absolute for each element. NaN and
// infinities have to be equal.
void expect_close(
    const char *kernel, ptrdiff_t size, const float *found, const double *expected, ptrdiff_t n,
    double relative, double absolute);
void expect_close_bfloat(
    const char *kernel, ptrdiff_t size, const uint16_t *found, const double *expected, ptrdiff_t n,
    double absolute);
// Fails unless the bits are equal.
void expect_equal(
    const char *kernel, ptrdiff_t size, const void *found, const void *expected, size_t bytes);
void expect(int condition, const char *kernel, ptrdiff_t size);
void expect_number(
    const char *kernel, ptrdiff_t size, double found, double expected, double relative);

#endif
