// One function, several CPUs: the loader picks the best clone for the machine.
#ifndef ETUDE_MULTIVERSION_H
#define ETUDE_MULTIVERSION_H

#include "Kernels.h"

// The loader chooses before a sanitizer is ready for the code that does so.
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

// Sums of columns take blocks of ROWS by COLUMNS: in float inside, in double over the blocks, which is
// fast, and exact to about 1e-6 for any number of rows.
enum { ROWS = 128, COLUMNS = 64 };

// Before a loop whose element i of the result depends on element i of the inputs alone: vector code
// for it is right in place too, where the compiler's own check for overlap would choose scalar code.
#define ELEMENTWISE _Pragma("clang loop vectorize(assume_safety)")

#define INLINE static inline __attribute__((always_inline))

#endif
