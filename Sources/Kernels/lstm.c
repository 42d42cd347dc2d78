#include "vector_math.h"

#pragma clang fp contract(fast)

enum { UNITS = ETUDE_LSTM_UNITS };

KERNEL(
    void, etude_lstm_cells,
    (float *gates, float *cell, float *hidden, const float *before),
    (gates, cell, hidden, before)) {
  ELEMENTWISE
  for (int j = 0; j < UNITS; j++) {
    float in = vector_sigmoid(gates[j]), forget = vector_sigmoid(gates[UNITS + j]);
    float new = vector_tanh(gates[2 * UNITS + j]), out = vector_sigmoid(gates[3 * UNITS + j]);
    float content = forget * before[j] + in * new;
    gates[j] = in;
    gates[UNITS + j] = forget;
    gates[2 * UNITS + j] = new;
    gates[3 * UNITS + j] = out;
    cell[j] = content;
    hidden[j] = out * vector_tanh(content);
  }
}

KERNEL(
    void, etude_lstm_cells_gradient,
    (float *dgates, ptrdiff_t width, float *dcell, const float *dhidden, const float *gates,
     const float *cell, const float *before, ptrdiff_t n),
    (dgates, width, dcell, dhidden, gates, cell, before, n)) {
  ELEMENTWISE
  for (ptrdiff_t j = 0; j < n; j++) {
    float in = gates[j], forget = gates[UNITS + j];
    float new = gates[2 * UNITS + j], out = gates[3 * UNITS + j];
    float shown = vector_tanh(cell[j]);
    float slope = dcell[j] + dhidden[j] * out * ((1.0f - shown) * (1.0f + shown));
    dgates[j] = slope * new * (in * (1.0f - in));
    dgates[width + j] = slope * before[j] * (forget * (1.0f - forget));
    dgates[2 * width + j] = slope * in * ((1.0f - new) * (1.0f + new));
    dgates[3 * width + j] = dhidden[j] * shown * (out * (1.0f - out));
    dcell[j] = slope * forget;
  }
}
