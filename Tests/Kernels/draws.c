#include "test.h"

// Philox 4x32-10, one block, as in Salmon et al. (SC 2011).
static void philox(uint32_t counter[4], uint64_t seed) {
  uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
  for (int round = 0; round < 10; round++) {
    uint64_t p = (uint64_t)counter[0] * 0xD2511F53u, q = (uint64_t)counter[2] * 0xCD9E8D57u;
    uint32_t next[4] = {
        (uint32_t)(q >> 32) ^ counter[1] ^ k0, (uint32_t)q,
        (uint32_t)(p >> 32) ^ counter[3] ^ k1, (uint32_t)p};
    memcpy(counter, next, sizeof next);
    k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
  }
}

static const uint64_t seed = 0x0123456789ABCDEFu;
enum { SAMPLE = 11, STEP = 22, PURPOSE = 33 };

static void test_known(void) {
  // Salmon et al.'s own test vectors.
  uint32_t zeros[4] = {0}, ones[4] = {~0u, ~0u, ~0u, ~0u};
  const uint32_t of_zeros[4] = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
  const uint32_t of_ones[4] = {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd};
  philox(zeros, 0);
  philox(ones, ~(uint64_t)0);
  expect_equal("philox", 0, zeros, of_zeros, sizeof zeros);
  expect_equal("philox", 1, ones, of_ones, sizeof ones);
}

static void test_words(ptrdiff_t runs) {
  uint64_t *words = room((size_t)(32 * runs) * sizeof *words);
  uint64_t *e = room((size_t)(32 * runs) * sizeof *e);
  for (ptrdiff_t block = 0; block < 16 * runs; block++) {
    uint32_t counter[4] = {(uint32_t)block + 100, SAMPLE, STEP, PURPOSE};
    philox(counter, seed);
    e[2 * block] = counter[0] | (uint64_t)counter[1] << 32;
    e[2 * block + 1] = counter[2] | (uint64_t)counter[3] << 32;
  }
  etude_random_words(words, runs, 100, seed, SAMPLE, STEP, PURPOSE);
  expect_equal("etude_random_words", runs, words, e, (size_t)(32 * runs) * sizeof *e);
}

static void test_dropout(ptrdiff_t n, float probability) {
  float *x = draws(n, 1, 2), *y = floats(n), scale = 1 / (1 - probability);
  double *e = expected(n);
  uint32_t threshold = (uint32_t)((double)probability * 4294967296.0);
  for (ptrdiff_t i = 0; i < n; i++) {
    ptrdiff_t run = i / 64, place = i % 64;
    uint32_t counter[4] = {(uint32_t)(16 + run * 16 + place % 16), SAMPLE, STEP, PURPOSE};
    philox(counter, seed);
    e[i] = counter[place / 16] < threshold ? 0 : (double)x[i] * scale;
  }
  etude_dropout(y, x, 64, n, probability, seed, SAMPLE, STEP, PURPOSE);
  expect_close("etude_dropout", n, y, e, n, ULP, 0);
}

static void test_normal(ptrdiff_t runs) {
  ptrdiff_t n = 16 * runs;
  uint64_t *words = room((size_t)(2 * n) * sizeof *words);
  float *y = floats(n);
  double *e = expected(n);
  etude_random_words(words, runs, 0, seed, SAMPLE, STEP, PURPOSE);
  for (ptrdiff_t i = 0; i < n; i++) {
    double u = (double)(words[2 * i] & 0x1FFFFFFFFFFFFFu) * 0x1p-53;
    double v = (double)(words[2 * i + 1] & 0x1FFFFFFFFFFFFFu) * 0x1p-53;
    e[i] = (float)(sqrt(-2 * log(u)) * cos(2 * M_PI * v));
  }
  expect(etude_normal(y, words, n) == 0, "etude_normal", n);
  expect_close("etude_normal", n, y, e, n, 0, 0);
  if (n == 0) return;
  words[0] = 0;
  expect(etude_normal(y, words, n) != 0, "etude_normal", n);
}

void test_draws(void) {
  test_known();
  const float probabilities[] = {0, 0.1f, 0.5f, 0.99f};
  for (ptrdiff_t runs = 0; runs < 5; runs++) {
    test_words(runs);
    test_normal(runs);
    release();
  }
  for (int l = 0; l < LENGTHS; l++)
    for (size_t p = 0; p < sizeof probabilities / sizeof *probabilities; p++) {
      test_dropout(lengths[l], probabilities[p]);
      release();
    }
}
