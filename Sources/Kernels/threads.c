// Threads that another process keeps from running. Linux only; elsewhere a thread is never late.
#if defined(__linux__)
#define _GNU_SOURCE
#include <sched.h>
#include <time.h>
#include <unistd.h>
#include <sys/syscall.h>
#endif

#include "Kernels.h"

#if defined(__linux__)
_Static_assert(sizeof(cpu_set_t) == sizeof(EtudeCoreSet), "a set of cores");

int etude_thread_id(void) { return (int)syscall(SYS_gettid); }

int64_t etude_thread_nanoseconds(int thread) {
  // The clock of a thread's CPU time, as pthread_getcpuclockid makes it of the kernel's number.
  clockid_t clock = (clockid_t)((~(unsigned)thread << 3) | 6);
  struct timespec time;
  if (clock_gettime(clock, &time)) return -1;
  return time.tv_sec * 1000000000ll + time.tv_nsec;
}

int etude_bring_thread(int thread, EtudeCoreSet *allowed) {
  int core = sched_getcpu();
  if (core < 0 || core >= CPU_SETSIZE) return -1;
  if (sched_getaffinity(thread, sizeof *allowed, (cpu_set_t *)allowed)) return -1;
  if (!CPU_ISSET(core, (cpu_set_t *)allowed)) return -1;
  cpu_set_t here;
  CPU_ZERO(&here);
  CPU_SET(core, &here);
  return sched_setaffinity(thread, sizeof here, &here) ? -1 : core;
}

void etude_send_thread_back(int thread, int core, const EtudeCoreSet *allowed) {
  cpu_set_t others = *(const cpu_set_t *)allowed;
  CPU_CLR(core, &others);
  if (CPU_COUNT(&others)) sched_setaffinity(thread, sizeof others, &others);
  sched_setaffinity(thread, sizeof *allowed, (const cpu_set_t *)allowed);
}
#else
int etude_thread_id(void) { return 0; }
int64_t etude_thread_nanoseconds(int thread) { return -1; }
int etude_bring_thread(int thread, EtudeCoreSet *allowed) { return -1; }
void etude_send_thread_back(int thread, int core, const EtudeCoreSet *allowed) {}
#endif
