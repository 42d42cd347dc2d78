#if defined(__linux__)
#define _GNU_SOURCE
#include <sched.h>
#endif
#include "test.h"

void test_threads(void) {
#if defined(__linux__)
  int thread = etude_thread_id();
  int64_t before = etude_thread_nanoseconds(thread);
  volatile double sum = 0;
  for (int i = 0; i < 1000000; i++) sum += i;
  expect(before >= 0 && etude_thread_nanoseconds(thread) > before, "etude_thread_nanoseconds", 0);

  cpu_set_t allowed, now;
  EtudeCoreSet saved;
  sched_getaffinity(0, sizeof allowed, &allowed);
  int core = etude_bring_thread(thread, &saved);
  sched_getaffinity(0, sizeof now, &now);
  expect(core >= 0 && CPU_COUNT(&now) == 1 && CPU_ISSET(core, &now), "etude_bring_thread", 0);
  etude_send_thread_back(thread, core, &saved);
  sched_getaffinity(0, sizeof now, &now);
  expect(CPU_EQUAL(&now, &allowed), "etude_send_thread_back", 0);
#endif
}
