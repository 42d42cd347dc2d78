#ifndef ETUDE_KERNELS_H
#define ETUDE_KERNELS_H

#endif
