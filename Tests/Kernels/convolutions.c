#include "test.h"

// y[r, o] = bias[o] + Σ_k x[r step + k] weight[k, o]
static void test_short(
    ptrdiff_t rows, ptrdiff_t step, ptrdiff_t window, ptrdiff_t n, int has_bias) {
  float *x = draws((rows + 1) * step + window, -1, 1), *weight = draws(window * n, -1, 1);
  float *bias = draws(n, -1, 1), *y = floats(rows * n), *apart = floats(rows * n);
  uint16_t *narrow = bfloats(rows * n);
  double *e = expected(rows * n);
  if (!has_bias) bias = NULL;
  for (ptrdiff_t i = 0; i < rows * n; i++) {
    e[i] = bias ? bias[i % n] : 0;
    for (ptrdiff_t k = 0; k < window; k++)
      e[i] += (double)x[i / n * step + k] * weight[k * n + i % n];
  }
  etude_short_convolution(y, x, weight, bias, rows, step, window, n);
  expect_close("etude_short_convolution", n, y, e, rows * n, 0, 5e-6);
  etude_short_convolution_bfloat(narrow, x, weight, bias, rows, step, window, n);
  expect_close_bfloat("etude_short_convolution_bfloat", n, narrow, e, rows * n, 5e-6);
  for (ptrdiff_t r = 0; r < rows; r++)
    etude_short_convolution(apart + r * n, x + r * step, weight, bias, 1, step, window, n);
  expect_equal("etude_short_convolution", n, apart, y, (size_t)(rows * n) * sizeof *y);
}

static void test_short_gradient(
    ptrdiff_t rows, ptrdiff_t step, ptrdiff_t window, ptrdiff_t n, ptrdiff_t width) {
  float *x = draws((rows + 1) * step + window, -1, 1), *dy = draws(rows * width, -1, 1);
  uint16_t *narrow = bfloats(rows * width);
  float *dweight = draws(window * width, -1, 1), *rounded = copy(dweight, window * width);
  double *e = expected(window * width), *er = expected(window * width);
  for (ptrdiff_t i = 0; i < rows * width; i++) narrow[i] = nearest(dy[i]);
  for (ptrdiff_t i = 0; i < window * width; i++) {
    e[i] = er[i] = dweight[i];
    for (ptrdiff_t r = 0; i % width < n && r < rows; r++) {
      e[i] += (double)x[r * step + i / width] * dy[r * width + i % width];
      er[i] += x[r * step + i / width] * wide(narrow[r * width + i % width]);
    }
  }
  etude_short_convolution_gradient(dweight, x, dy, rows, step, window, n, width);
  etude_short_convolution_gradient_bfloat(rounded, x, narrow, rows, step, window, n, width);
  expect_close("etude_short_convolution_gradient", n, dweight, e, window * width, 2e-6, 1e-5);
  expect_close(
      "etude_short_convolution_gradient_bfloat", n, rounded, er, window * width, 2e-6, 1e-5);
}

// x[t, c] of a signal that is 0 before and after its frames
static double at(const double *x, const EtudeDepthwise *part, ptrdiff_t t, ptrdiff_t c) {
  return t < 0 || t >= part->time ? 0 : x[t * part->width + c];
}

static void test_depthwise(EtudeDepthwise part, int has_bias) {
  ptrdiff_t chunk = ETUDE_DEPTHWISE_CHANNELS, count = part.time * part.width;
  ptrdiff_t size = part.rows * part.width;
  float *x = draws(count, -1, 1), *taps = draws(part.kernel * chunk, -1, 1);
  float *bias = draws(chunk, -1, 1), *y = filled(size, 7);
  float *memory = floats(etude_depthwise_room(&part));
  uint16_t *narrow_x = bfloats(count), *narrow_y = bfloats(size);
  double *exact = expected(count), *rounded = expected(count), *e = expected(size);
  double *er = expected(size);
  for (ptrdiff_t i = 0; i < count; i++) {
    narrow_x[i] = nearest(x[i]);
    exact[i] = x[i], rounded[i] = wide(narrow_x[i]);
  }
  for (ptrdiff_t i = 0; i < size; i++) {
    ptrdiff_t t = i / part.width, c = i % part.width;
    narrow_y[i] = nearest(7), e[i] = er[i] = 7;
    if (c >= part.channels) continue;
    e[i] = er[i] = has_bias ? bias[c] : 0;
    for (ptrdiff_t k = 0; k < part.kernel; k++) {
      ptrdiff_t from = part.first + t + part.dilation * k;
      e[i] += taps[k * chunk + c] * at(exact, &part, from, c);
      er[i] += taps[k * chunk + c] * at(rounded, &part, from, c);
    }
  }
  etude_depthwise(y, x, taps, has_bias ? bias : NULL, memory, &part);
  expect_close("etude_depthwise", part.channels, y, e, size, 0, 1e-5);
  etude_depthwise_bfloat(narrow_y, narrow_x, taps, has_bias ? bias : NULL, memory, &part);
  expect_close_bfloat("etude_depthwise_bfloat", part.channels, narrow_y, er, size, 1e-5);
}

static void test_depthwise_gradient(EtudeDepthwise part) {
  ptrdiff_t chunk = ETUDE_DEPTHWISE_CHANNELS, count = part.time * part.width;
  ptrdiff_t tile = ETUDE_DEPTHWISE_TILE, taps = (part.kernel + tile - 1) / tile * tile;
  float *x = draws(count, -1, 1), *dy = draws(part.rows * part.width, -1, 1);
  uint16_t *narrow_x = bfloats(count), *narrow_dy = bfloats(part.rows * part.width);
  float *memory = floats(etude_depthwise_room(&part));
  double *dtaps = expected(taps * chunk), *dtaps_rounded = expected(taps * chunk);
  double *exact = expected(count), *rounded = expected(count);
  for (ptrdiff_t i = 0; i < taps * chunk; i++) dtaps[i] = dtaps_rounded[i] = 1;
  for (ptrdiff_t i = 0; i < count; i++) {
    narrow_x[i] = nearest(x[i]);
    exact[i] = x[i], rounded[i] = wide(narrow_x[i]);
  }
  for (ptrdiff_t i = 0; i < part.rows * part.width; i++) narrow_dy[i] = nearest(dy[i]);
  etude_depthwise_gradient(dtaps, x, dy, memory, &part);
  etude_depthwise_gradient_bfloat(dtaps_rounded, narrow_x, narrow_dy, memory, &part);
  for (ptrdiff_t k = 0; k < part.kernel; k++)
    for (ptrdiff_t c = 0; c < part.channels; c++) {
      double e = 1, er = 1;
      for (ptrdiff_t t = 0; t < part.rows; t++) {
        ptrdiff_t from = part.first + t + part.dilation * k;
        e += dy[t * part.width + c] * at(exact, &part, from, c);
        er += wide(narrow_dy[t * part.width + c]) * at(rounded, &part, from, c);
      }
      expect(fabs(dtaps[k * chunk + c] - e) < 2e-5, "etude_depthwise_gradient", k);
      expect(
          fabs(dtaps_rounded[k * chunk + c] - er) < 2e-5, "etude_depthwise_gradient_bfloat", k);
    }
}

void test_convolutions(void) {
  const ptrdiff_t outputs[] = {1, 5, 8, 16, 19, 32, 48, 64, 100};
  const ptrdiff_t heights[] = {1, 5, 6, 13, 130};
  const ptrdiff_t windows[] = {1, 3, 9, 10, ETUDE_SHORT_WINDOW};
  for (size_t o = 0; o < sizeof outputs / sizeof *outputs; o++)
    for (size_t h = 0; h < sizeof heights / sizeof *heights; h++)
      for (size_t w = 0; w < sizeof windows / sizeof *windows; w++) {
        ptrdiff_t step = 1 + (ptrdiff_t)(h + w) % 5;
        test_short(heights[h], step, windows[w], outputs[o], (int)(w & 1));
        test_short_gradient(heights[h], step, windows[w], outputs[o], outputs[o] + 3);
        release();
      }
  const EtudeDepthwise parts[] = {
      {-1, 6, 8, 3, 1, 64, 64}, {-7, 13, 20, 15, 1, 16, 80}, {-15, 96, 100, 31, 1, 64, 70},
      {0, 5, 40, 4, 3, 33, 33}, {4, 7, 9, 2, 1, 1, 1}, {-3, 24, 12, 7, 2, 48, 64},
  };
  for (size_t p = 0; p < sizeof parts / sizeof *parts; p++) {
    test_depthwise(parts[p], 0);
    test_depthwise(parts[p], 1);
    test_depthwise_gradient(parts[p]);
    release();
  }
}
