#include "vector_math.h"

#pragma clang fp contract(fast)

enum { LANES = ETUDE_LSTM_UNITS, VECTORS = ETUDE_PANEL / LANES, ROW_TILE = 4 };

typedef float Lanes __attribute__((vector_size(4 * LANES)));
typedef float UnalignedLanes __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef uint16_t HalfLanes __attribute__((vector_size(2 * LANES), aligned(2), may_alias));
typedef uint32_t BitLanes __attribute__((vector_size(4 * LANES)));

#define REAL float
#define NAME(function) function
#define LOAD(x) (*(const UnalignedLanes *)(x))
#include "panels.h"
#undef REAL
#undef NAME
#undef LOAD
#define REAL uint16_t
#define NAME(function) function##_bfloat
#define LOAD(x) ((Lanes)(__builtin_convertvector(*(const HalfLanes *)(x), BitLanes) << 16))
#include "panels.h"

CLONES void etude_lstm_cells(float *gates, float *cell, float *hidden, const float *before) {
  ELEMENTWISE
  for (int j = 0; j < LANES; j++) {
    float in = vector_sigmoid(gates[j]), forget = vector_sigmoid(gates[LANES + j]);
    float new = vector_tanh(gates[2 * LANES + j]), out = vector_sigmoid(gates[3 * LANES + j]);
    float content = forget * before[j] + in * new;
    gates[j] = in;
    gates[LANES + j] = forget;
    gates[2 * LANES + j] = new;
    gates[3 * LANES + j] = out;
    cell[j] = content;
    hidden[j] = out * vector_tanh(content);
  }
}

CLONES void etude_lstm_cells_gradient(
    float *dgates, ptrdiff_t width, float *dcell, const float *dhidden, const float *gates,
    const float *cell, const float *before, ptrdiff_t n) {
  ELEMENTWISE
  for (ptrdiff_t j = 0; j < n; j++) {
    float in = gates[j], forget = gates[LANES + j];
    float new = gates[2 * LANES + j], out = gates[3 * LANES + j];
    float shown = vector_tanh(cell[j]);
    float slope = dcell[j] + dhidden[j] * out * ((1.0f - shown) * (1.0f + shown));
    dgates[j] = slope * new * (in * (1.0f - in));
    dgates[width + j] = slope * before[j] * (forget * (1.0f - forget));
    dgates[2 * width + j] = slope * in * ((1.0f - new) * (1.0f + new));
    dgates[3 * width + j] = dhidden[j] * shown * (out * (1.0f - out));
    dcell[j] = slope * forget;
  }
}
