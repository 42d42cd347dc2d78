// One function, compiled for several CPUs: the loader picks the best version for the machine.
#ifndef ETUDE_MULTIVERSION_H
#define ETUDE_MULTIVERSION_H

#include "Kernels.h"

// The loader runs the code that chooses a version before a sanitizer is initialised, so there is
// one version.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define SANITIZED
#endif
#endif

#if defined(__x86_64__) && defined(__linux__) && !defined(SANITIZED)
#define CLONES \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif

// Column sums take blocks of ROWS by COLUMNS. They are in float within a block and in double over
// blocks, which is fast, and precise to about 1e-6 for any number of rows.
enum { ROWS = 128, COLUMNS = 64 };

// For a loop where element i of the result depends only on element i of the inputs. Such a loop is
// also correct in place as vector code, where the compiler's check for overlap would choose scalar
// code.
#define ELEMENTWISE _Pragma("clang loop vectorize(assume_safety)")

#define INLINE static inline __attribute__((always_inline))

#endif
