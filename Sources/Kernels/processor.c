#include "Kernels.h"

#if defined(__x86_64__)
#include <cpuid.h>

// Whether the operating system saves these registers when it switches threads (the bits of XCR0).
static int system_keeps(unsigned registers) {
  unsigned a, b, c, d, low, high;
  __cpuid(1, a, b, c, d);
  if (!(c >> 27 & 1)) return 0;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (low & registers) == registers;
}

unsigned etude_processor_features(void) {
  unsigned a, b, c, d, features = 0;
  __cpuid(1, a, b, c, d);
  int vectors = system_keeps(0x6), masks = system_keeps(0xE6), tiles = system_keeps(0x60000);
  if (vectors && c >> 12 & 1) features |= ETUDE_FMA;
  unsigned leaves = __get_cpuid_max(0, 0);
  if (leaves < 7) return features;
  __cpuid_count(7, 0, a, b, c, d);
  unsigned more = a;
  if (vectors && b >> 5 & 1) features |= ETUDE_AVX2;
  if (masks && b >> 16 & 1) features |= ETUDE_AVX512F;
  if (tiles && d >> 22 & 1) features |= ETUDE_AMX_BF16;
  if (more < 1) return features;
  __cpuid_count(7, 1, a, b, c, d);
  if (masks && a >> 5 & 1) features |= ETUDE_AVX512_BF16;
  return features;
}
#else
unsigned etude_processor_features(void) { return 0; }
#endif
