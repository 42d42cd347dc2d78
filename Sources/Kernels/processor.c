// The one place that asks the CPU what it has, and the environment how much of it may be used.
#include <stdlib.h>
#include <string.h>

#include "multiversion.h"

// A value of ETUDE_MAX_CPU, and the features that it leaves.
typedef struct {
  const char *name;
  unsigned features;
} Limit;

#if defined(__x86_64__)
#include <cpuid.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

typedef struct {
  unsigned a, b, c, d;
} Answer;

// Zeros if the CPU has no such leaf.
static Answer ask(unsigned leaf, unsigned part) {
  Answer answer = {0};
  __get_cpuid_count(leaf, part, &answer.a, &answer.b, &answer.c, &answer.d);
  return answer;
}

static int has(unsigned bits, unsigned wanted) { return (bits & wanted) == wanted; }

// Whether the operating system saves these registers when it switches threads (the bits of XCR0).
static int system_keeps(unsigned registers) {
  unsigned low, high;
  if (!has(ask(1, 0).c, bit_OSXSAVE)) return 0;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return has(low, registers);
}

// Instructions that the versions of kernels use together count as one feature: those of x86-64-v3
// as AVX2 and FMA, those of x86-64-v4 as AVX512F.
static unsigned features_of_cpu(void) {
  Answer basic = ask(1, 0), extended = ask(0x80000001, 0), later = ask(7, 0);
  if (!system_keeps(0x6) || !has(basic.c, bit_FMA | bit_MOVBE | bit_F16C)
      || !has(extended.c, bit_LZCNT) || !has(later.b, bit_BMI | bit_AVX2 | bit_BMI2))
    return 0;
  unsigned found = ETUDE_AVX2 | ETUDE_FMA;
  if (!system_keeps(0xE6)
      || !has(later.b, bit_AVX512F | bit_AVX512DQ | bit_AVX512CD | bit_AVX512BW | bit_AVX512VL))
    return found;
  found |= ETUDE_AVX512F;
  if (system_keeps(0x60000) && has(later.d, bit_AMXBF16)) found |= ETUDE_AMX_BF16;
  if (later.a >= 1 && has(ask(7, 1).a, bit_AVX512BF16)) found |= ETUDE_AVX512_BF16;
  return found;
}

// Linux keeps the tiles of AMX for a process only if it asks for them, once for all of its threads. Where that
// is refused, vectors multiply, whose sums have other last bits.
static int system_grants_tiles(void) {
#if defined(__linux__)
  enum { REQUEST = 0x1023, TILE_DATA = 18 };
  return syscall(SYS_arch_prctl, REQUEST, TILE_DATA) == 0;
#else
  return 0;
#endif
}

enum { OF_AVX2 = ETUDE_AVX2 | ETUDE_FMA, OF_AVX512 = OF_AVX2 | ETUDE_AVX512F | ETUDE_AVX512_BF16 };
static const Limit limits[] = {{"avx512", OF_AVX512}, {"avx2", OF_AVX2}, {"sse2", 0}};
#elif defined(__aarch64__) && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>

static unsigned features_of_cpu(void) {
  unsigned long found = getauxval(AT_HWCAP), more = getauxval(AT_HWCAP2);
  return (found & HWCAP_ASIMD ? ETUDE_NEON : 0) | (found & HWCAP_ASIMDDP ? ETUDE_DOT_PRODUCTS : 0)
         | (more & HWCAP2_BF16 ? ETUDE_NEON_BF16 : 0);
}
#elif defined(__aarch64__) && defined(__APPLE__)
#include <sys/sysctl.h>

static int has(const char *feature) {
  int found = 0;
  size_t size = sizeof found;
  return sysctlbyname(feature, &found, &size, NULL, 0) == 0 && found;
}

static unsigned features_of_cpu(void) {
  return ETUDE_NEON | (has("hw.optional.arm.FEAT_DotProd") ? ETUDE_DOT_PRODUCTS : 0)
         | (has("hw.optional.arm.FEAT_BF16") ? ETUDE_NEON_BF16 : 0);
}
#else
#error "Etude runs on x86-64, and on ARM64 with Linux or macOS"
#endif

#if defined(__aarch64__)
static const Limit limits[] = {{"neon", ETUDE_NEON}};
#endif

static const char *limit;
static int limit_is_known = 1;
static unsigned features;

#if defined(__x86_64__)
Target etude_target;

static void ask_for_tiles(void) {
  if (features & ETUDE_AMX_BF16 && !system_grants_tiles()) features &= ~(unsigned)ETUDE_AMX_BF16;
}

static void choose_target(void) {
  etude_target = features & ETUDE_AVX512F ? AVX512 : features & ETUDE_AVX2 ? AVX2 : SSE2;
}
#else
static void choose_target(void) {}

static void ask_for_tiles(void) {}
#endif

static void read_limit(void) {
  limit = getenv("ETUDE_MAX_CPU");
  if (limit && !*limit) limit = NULL;
  limit_is_known = !limit;
  for (size_t i = 0; limit && i < sizeof limits / sizeof *limits; i++)
    if (strcmp(limits[i].name, limit) == 0) {
      features &= limits[i].features;
      limit_is_known = 1;
    }
}

// Before the constructors of other files, which may ask.
__attribute__((constructor(101))) static void ask_once(void) {
  features = features_of_cpu();
  read_limit();
  ask_for_tiles();
  choose_target();
}

unsigned etude_processor_features(void) { return features; }

const char *etude_processor_limit(void) { return limit; }

int etude_processor_limit_is_known(void) { return limit_is_known; }
