#define _GNU_SOURCE
#include "Kernels.h"

#if defined(__linux__)
#include <sched.h>
#include <stdlib.h>

// The system refuses a set that is smaller than its own, whose size it does not reveal.
static int count_within(int most) {
  cpu_set_t *set = CPU_ALLOC(most);
  if (!set) return 0;
  size_t size = CPU_ALLOC_SIZE(most);
  int count = sched_getaffinity(0, size, set) ? 0 : CPU_COUNT_S(size, set);
  CPU_FREE(set);
  return count;
}

int etude_bound_cores(void) {
  for (int most = 1024; most <= 1 << 18; most *= 8) {
    int count = count_within(most);
    if (count) return count;
  }
  return 0;
}
#else
int etude_bound_cores(void) { return 0; }
#endif
