#include "test.h"

const ptrdiff_t lengths[LENGTHS] = {0, 1, 3, 7, 15, 16, 17, 31, 33, 63, 64, 65, 100, 129, 257, 600};

static int failures;
static long checks;

static void fail(const char *kernel, ptrdiff_t size) {
  if (++failures <= 20) printf("%s, size %td: ", kernel, size);
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
enum { BORDER = 0 };
#define HAS_BORDER 0
#endif
#endif
#ifndef HAS_BORDER
enum { BORDER = 64 };
#endif

typedef struct {
  unsigned char *start;
  size_t bytes;
} Block;

static Block blocks[1024];
static int block_count;

void *room(size_t bytes) {
  if (block_count == 1024) abort();
  unsigned char *start = malloc(bytes + 2 * BORDER + 1);
  memset(start, 0xA5, bytes + 2 * BORDER);
  blocks[block_count++] = (Block){start, bytes};
  return start + BORDER;
}

void release(void) {
  for (; block_count > 0; block_count--) {
    Block block = blocks[block_count - 1];
    for (size_t i = 0; i < BORDER; i++)
      if (block.start[i] != 0xA5 || block.start[BORDER + block.bytes + i] != 0xA5) {
        fail("memory", (ptrdiff_t)block.bytes);
        printf("written outside its %zu bytes\n", block.bytes);
        break;
      }
    free(block.start);
  }
}

float draw(float low, float high) {
  static uint64_t state = 0x9E3779B97F4A7C15u;
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return low + (high - low) * (float)(state >> 40) * 0x1p-24f;
}

float *floats(ptrdiff_t n) { return room((size_t)n * sizeof(float)); }
uint16_t *bfloats(ptrdiff_t n) { return room((size_t)n * sizeof(uint16_t)); }
double *expected(ptrdiff_t n) { return room((size_t)n * sizeof(double)); }

float *draws(ptrdiff_t n, float low, float high) {
  float *x = floats(n);
  for (ptrdiff_t i = 0; i < n; i++) x[i] = draw(low, high);
  return x;
}

uint16_t *bfloat_draws(ptrdiff_t n, float low, float high) {
  uint16_t *x = bfloats(n);
  for (ptrdiff_t i = 0; i < n; i++) x[i] = nearest(draw(low, high));
  return x;
}

float *copy(const float *x, ptrdiff_t n) {
  float *y = floats(n);
  if (n) memcpy(y, x, (size_t)n * sizeof(float));
  return y;
}

float *filled(ptrdiff_t n, float value) {
  float *x = floats(n);
  for (ptrdiff_t i = 0; i < n; i++) x[i] = value;
  return x;
}

double wide(uint16_t x) {
  uint32_t bits = (uint32_t)x << 16;
  float f;
  memcpy(&f, &bits, sizeof f);
  return f;
}

uint16_t nearest(double x) {
  float f = (float)x;
  uint32_t bits;
  memcpy(&bits, &f, sizeof bits);
  if (f != f) return (uint16_t)(bits >> 16 | 0x40);
  // The lower of the two neighbours, the upper if it is nearer, the even one if both are equally
  // near.
  uint32_t rest = bits & 0xFFFF, low = bits >> 16;
  return (uint16_t)(rest > 0x8000 || (rest == 0x8000 && low % 2) ? low + 1 : low);
}

static int is_close(double found, double expected, double relative, double absolute) {
  if (expected != expected) return found != found;
  if (fabs(expected) > FLT_MAX) return found == (expected > 0 ? INFINITY : -INFINITY);
  return fabs(found - expected) <= relative * fabs(expected) + absolute;
}

void expect_close(
    const char *kernel, ptrdiff_t size, const float *found, const double *expected, ptrdiff_t n,
    double relative, double absolute) {
  for (ptrdiff_t i = 0; i < n; i++) {
    checks++;
    if (is_close(found[i], expected[i], relative, absolute)) continue;
    fail(kernel, size);
    printf("element %td is %.9g, not %.17g\n", i, found[i], expected[i]);
    return;
  }
}

void expect_close_bfloat(
    const char *kernel, ptrdiff_t size, const uint16_t *found, const double *expected, ptrdiff_t n,
    double absolute) {
  for (ptrdiff_t i = 0; i < n; i++) {
    checks++;
    // Half a unit in the last of the 8 bits, and the error of the float that was rounded.
    if (is_close(wide(found[i]), expected[i], 0x1p-8 * 1.001, absolute)) continue;
    fail(kernel, size);
    printf("element %td is %.9g, not %.17g\n", i, wide(found[i]), expected[i]);
    return;
  }
}

void expect_equal(
    const char *kernel, ptrdiff_t size, const void *found, const void *expected, size_t bytes) {
  checks++;
  if (bytes == 0 || memcmp(found, expected, bytes) == 0) return;
  fail(kernel, size);
  printf("other bits\n");
}

void expect(int condition, const char *kernel, ptrdiff_t size) {
  checks++;
  if (condition) return;
  fail(kernel, size);
  printf("does not hold\n");
}

void expect_number(
    const char *kernel, ptrdiff_t size, double found, double expected, double relative) {
  checks++;
  if (is_close(found, expected, relative, 0)) return;
  fail(kernel, size);
  printf("%.9g, not %.17g\n", found, expected);
}

int main(void) {
  if (!etude_processor_limit_is_known()) {
    printf("ETUDE_MAX_CPU=%s: no such CPU\n", etude_processor_limit());
    return 2;
  }
  const struct {
    const char *name;
    void (*run)(void);
  } suites[] = {
      {"elementwise", test_elementwise}, {"activations", test_activations}, {"rows", test_rows},
      {"columns", test_columns}, {"products", test_products}, {"convolutions", test_convolutions},
      {"recurrent", test_recurrent}, {"attention", test_attention},
      {"rotations", test_rotations}, {"spectra", test_spectra}, {"draws", test_draws},
      {"threads", test_threads},
  };
  for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
    long before = checks;
    suites[i].run();
    release();
    if (checks == before) fail(suites[i].name, 0), printf("no check\n");
  }
  printf(
      "kernels, features 0x%x, limit %s: %ld checks, %d failures\n", etude_processor_features(),
      etude_processor_limit() ? etude_processor_limit() : "none", checks, failures);
  return failures > 0;
}
