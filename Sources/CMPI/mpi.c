// Nothing of this is compiled without the trait MPI.
#ifdef ETUDE_MPI

#include "etude_mpi.h"

#include <limits.h>
#include <mpi.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// A communicator of our own, so that no message of another library meets ours.
static MPI_Comm ranks = MPI_COMM_NULL;
static int rank, size;

int etude_mpi_start(int *own_rank, int *own_size, int *host_rank, int *host_size) {
  int level, code;
  MPI_Comm host;
  if ((code = MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &level))) return code;
  if (level < MPI_THREAD_SERIALIZED) return ETUDE_MPI_THREADS;
  if ((code = MPI_Comm_dup(MPI_COMM_WORLD, &ranks))) return code;
  if ((code = MPI_Comm_set_errhandler(ranks, MPI_ERRORS_RETURN))) return code;
  MPI_Comm_rank(ranks, &rank);
  MPI_Comm_size(ranks, &size);
  code = MPI_Comm_split_type(ranks, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &host);
  if (code) return code;
  MPI_Comm_rank(host, host_rank);
  MPI_Comm_size(host, host_size);
  MPI_Comm_free(&host);
  (*own_rank = rank, *own_size = size);
  return 0;
}

static void copy(char *to, size_t capacity, const char *from) {
  if (capacity == 0) return;
  strncpy(to, from, capacity - 1);
  to[capacity - 1] = 0;
}

void etude_mpi_library(char *library, size_t capacity) {
  char name[MPI_MAX_LIBRARY_VERSION_STRING] = "";
  int length;
  MPI_Get_library_version(name, &length);
  copy(library, capacity, name);
}

void etude_mpi_names(char *library, size_t library_capacity, char *host, size_t host_capacity) {
  char name[MPI_MAX_PROCESSOR_NAME] = "";
  int length;
  etude_mpi_library(library, library_capacity);
  MPI_Get_processor_name(name, &length);
  copy(host, host_capacity, name);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

// Tests what is not finished yet.
static int test(MPI_Request *requests, int count, int *finished) {
  *finished = 1;
  for (int i = 0; i < count; i++) {
    int done = 1, code = 0;
    if (requests[i] != MPI_REQUEST_NULL) code = MPI_Test(&requests[i], &done, MPI_STATUS_IGNORE);
    if (code) return code;
    if (!done) *finished = 0;
  }
  return 0;
}

// Notes the ranks of unfinished requests, each once.
static void note_missing(
    const MPI_Request *requests, const int *partners, int count, etude_mpi_wait *wait) {
  wait->missing_count = 0;
  for (int i = 0; i < count; i++) {
    int known = requests[i] == MPI_REQUEST_NULL;
    for (int k = 0; k < wait->missing_count && !known; k++) known = wait->missing[k] == partners[i];
    if (!known) wait->missing[wait->missing_count++] = partners[i];
  }
}

// Waits for all requests; `partners` are the ranks at their other ends. Short messages arrive while it
// still tests without sleeping.
static int finish(MPI_Request *requests, const int *partners, int count, etude_mpi_wait *wait) {
  const struct timespec nap = {0, 200000};
  const double start = now();
  int finished = 0, code, is_remarked = 0;
  for (long tests = 0;; tests++) {
    if ((code = test(requests, count, &finished)) || finished) return code;
    if (tests < 100) continue;
    const double passed = now() - start;
    if (wait->remark_after > 0 && passed > wait->remark_after && !is_remarked) {
      is_remarked = 1;
      note_missing(requests, partners, count, wait);
      wait->remark(wait->missing, wait->missing_count, passed);
    }
    if (wait->patience > 0 && passed > wait->patience) {
      note_missing(requests, partners, count, wait);
      return ETUDE_MPI_LATE;
    }
    nanosleep(&nap, NULL);
  }
}

int etude_mpi_swap(
    const void *sent, size_t sent_bytes, int to, void *received, size_t received_bytes, int from,
    etude_mpi_wait *wait) {
  if (sent_bytes > INT_MAX || received_bytes > INT_MAX) return ETUDE_MPI_LONG;
  MPI_Request requests[2];
  // Who has not sent is to blame before who has not received.
  const int partners[2] = {from, to};
  int code = MPI_Irecv(received, (int)received_bytes, MPI_BYTE, from, 1, ranks, &requests[0]);
  if (code) return code;
  code = MPI_Isend(sent, (int)sent_bytes, MPI_BYTE, to, 1, ranks, &requests[1]);
  return code ? code : finish(requests, partners, 2, wait);
}

// Every message by itself, so that the ranks that a wait is for are known.
static int gather(const void *mine, void *all, size_t bytes, int tag, etude_mpi_wait *wait) {
  if (bytes > INT_MAX) return ETUDE_MPI_LONG;
  const int count = 2 * (size - 1);
  MPI_Request *requests = malloc((size_t)(count + 1) * sizeof *requests);
  int *partners = malloc((size_t)(count + 1) * sizeof *partners);
  int code = 0;
  memcpy((char *)all + (size_t)rank * bytes, mine, bytes);
  for (int i = 0; i < count; i++) requests[i] = MPI_REQUEST_NULL;
  for (int i = 0; i < size - 1 && !code; i++) {
    const int from = (rank - 1 - i + size) % size;
    void *place = (char *)all + (size_t)from * bytes;
    partners[i] = from;
    code = MPI_Irecv(place, (int)bytes, MPI_BYTE, from, tag, ranks, &requests[i]);
  }
  for (int i = 0; i < size - 1 && !code; i++) {
    const int to = (rank + 1 + i) % size;
    partners[size - 1 + i] = to;
    code = MPI_Isend(mine, (int)bytes, MPI_BYTE, to, tag, ranks, &requests[size - 1 + i]);
  }
  if (!code) code = finish(requests, partners, count, wait);
  // MPI still writes into those of a wait that was given up.
  if (code != ETUDE_MPI_LATE) free(requests);
  free(partners);
  return code;
}

int etude_mpi_gather(const void *mine, void *all, size_t bytes, etude_mpi_wait *wait) {
  return gather(mine, all, bytes, 2, wait);
}

int etude_mpi_part(etude_mpi_wait *wait) {
  char mine = 0, *all = malloc((size_t)size);
  int code = gather(&mine, all, 1, 3, wait);
  // What has not arrived may still be written there.
  if (!code) free(all);
  return code;
}

int etude_mpi_broadcast(void *bytes, size_t count, int root, etude_mpi_wait *wait) {
  const size_t most = (size_t)64 << 20;
  for (size_t start = 0; start < count; start += most) {
    const size_t length = count - start < most ? count - start : most;
    MPI_Request request;
    int code =
        MPI_Ibcast((char *)bytes + start, (int)length, MPI_BYTE, root, ranks, &request);
    if (!code) code = finish(&request, &root, 1, wait);
    if (code) return code;
  }
  return 0;
}

void etude_mpi_abort(int status) { MPI_Abort(MPI_COMM_WORLD, status); }

int etude_mpi_finish(void) { return MPI_Finalize(); }

const char *etude_mpi_message(int code) {
  static char text[MPI_MAX_ERROR_STRING];
  int length;
  switch (code) {
  case ETUDE_MPI_LATE: return "the time is up";
  case ETUDE_MPI_THREADS: return "this MPI is built without threads";
  case ETUDE_MPI_LONG: return "a message has more than 2 GB";
  }
  if (MPI_Error_string(code, text, &length)) return "an unknown error";
  return text;
}

#endif
