// One function, compiled for several CPUs; its entry calls the version for the machine.
#ifndef ETUDE_MULTIVERSION_H
#define ETUDE_MULTIVERSION_H

#include "Kernels.h"

#define INLINE static inline __attribute__((always_inline))

// The CPUs that a version is compiled for. Every ARM64 CPU has NEON, so there is one version.
typedef enum { SSE2, AVX2, AVX512, NEON } Target;

// KERNEL(result, name, (parameters), (arguments)) { body } defines a function, whose body is compiled
// once for each target. It reads the target from the constant `target`.
//
// The entries are our own: a loader that chooses versions (`target_clones`) runs before the program
// can read ETUDE_MAX_CPU, and before a sanitizer is initialised, and exists on Linux alone.
#define KERNEL(result, name, parameters, arguments) \
  KERNEL_OF(result, name, parameters, arguments)
#define LIST(...) __VA_ARGS__

#if defined(__x86_64__)
// The target of this machine, set when the program starts.
extern Target etude_target;

// The tuning that comes with x86-64-v4 would have loops use half of each register: GELU took 1.5
// times as long.
#define AVX512_TARGET "arch=x86-64-v4,tune=x86-64"
#define VERSION(...) __attribute__((__VA_ARGS__, noinline)) static
#define KERNEL_OF(result, name, parameters, arguments) \
  INLINE result name##_for(const Target target, LIST parameters); \
  VERSION(target(AVX512_TARGET), min_vector_width(512)) result name##_avx512 parameters { \
    return name##_for(AVX512, LIST arguments); \
  } \
  VERSION(target("arch=x86-64-v3")) result name##_avx2 parameters { \
    return name##_for(AVX2, LIST arguments); \
  } \
  VERSION(unused) result name##_sse2 parameters { return name##_for(SSE2, LIST arguments); } \
  result name parameters { \
    switch (etude_target) { \
    case AVX512: return name##_avx512 arguments; \
    case AVX2: return name##_avx2 arguments; \
    default: return name##_sse2 arguments; \
    } \
  } \
  INLINE result name##_for(const Target target, LIST parameters)
#else
#define KERNEL_OF(result, name, parameters, arguments) \
  INLINE result name##_for(const Target target, LIST parameters); \
  result name parameters { return name##_for(NEON, LIST arguments); } \
  INLINE result name##_for(const Target target, LIST parameters)
#endif

// Column sums take blocks of ROWS by COLUMNS. They are in float within a block and in double over
// blocks, which is fast, and precise to about 1e-6 for any number of rows.
enum { ROWS = 128, COLUMNS = 64 };

// For a loop where element i of the result depends only on element i of the inputs. Such a loop is
// also correct in place as vector code, where the compiler's check for overlap would choose scalar
// code.
#define ELEMENTWISE _Pragma("clang loop vectorize(assume_safety)")

#endif
