// Ranks of a program under MPI, behind an interface without a type of MPI: those of Open MPI are pointers
// and those of MPICH are numbers, and Swift can import neither.
//
// Every call returns 0 or a code for `etude_mpi_message`. No call blocks inside MPI: a wait tests, sleeps
// and tests again, so it takes no core and can end. One thread at a time may call.
#ifndef ETUDE_MPI_H
#define ETUDE_MPI_H

#include <stddef.h>

// What a wait returns when its time is up; `missing` then has the ranks that it waited for.
#define ETUDE_MPI_LATE (-1)
// MPI is built without the threads that this needs.
#define ETUDE_MPI_THREADS (-2)
// A message is longer than MPI's counts can say.
#define ETUDE_MPI_LONG (-3)

// How long to wait. `missing` has room for as many numbers as there are ranks.
typedef struct {
  // Seconds until the wait is given up; 0 waits for ever.
  double patience;
  // Seconds until `remark` is called, once in a wait; 0 never calls it.
  double remark_after;
  void (*remark)(const int *missing, int count, double seconds);
  int *missing;
  int missing_count;
} etude_mpi_wait;

// Begins, and says which rank of how many this is, in the program and on its host.
int etude_mpi_start(int *rank, int *size, int *host_rank, int *host_size);
// The names of the library and of the host.
void etude_mpi_names(char *library, size_t library_capacity, char *host, size_t host_capacity);
// The library's name, known before `etude_mpi_start`.
void etude_mpi_library(char *library, size_t capacity);

// Sends to one rank while receiving from another.
int etude_mpi_swap(
    const void *sent, size_t sent_bytes, int to, void *received, size_t received_bytes, int from,
    etude_mpi_wait *wait);
// Puts the `bytes` bytes of every rank one after the other into `all`, in the order of the ranks.
int etude_mpi_gather(const void *mine, void *all, size_t bytes, etude_mpi_wait *wait);
// Gives every rank the bytes of `root`.
int etude_mpi_broadcast(void *bytes, size_t count, int root, etude_mpi_wait *wait);

// Waits for all ranks to call this, whatever else any of them waits for.
int etude_mpi_part(etude_mpi_wait *wait);

// Ends the program on all ranks at once.
void etude_mpi_abort(int status);
// Ends MPI. All ranks have to call it.
int etude_mpi_finish(void);
// The words for a code; valid until the next call.
const char *etude_mpi_message(int code);

#endif
