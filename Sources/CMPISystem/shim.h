#if !__has_include(<mpi.h>)
#error "The trait MPI needs mpi.h: install libopenmpi-dev, or libmpich-dev and set ETUDE_MPI=mpich."
#endif
#include <mpi.h>
