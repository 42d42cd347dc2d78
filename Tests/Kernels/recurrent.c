#include "test.h"

enum { UNITS = ETUDE_LSTM_UNITS };

static double sigmoid(double x) { return 1 / (1 + exp(-x)); }

static void test_cells(float scale) {
  float *gates = draws(4 * UNITS, -scale, scale), *before = draws(UNITS, -2, 2);
  float *cell = floats(UNITS), *hidden = floats(UNITS);
  double *eg = expected(4 * UNITS), *ec = expected(UNITS), *eh = expected(UNITS);
  for (int i = 0; i < 4 * UNITS; i++)
    eg[i] = i / UNITS == 2 ? tanh(gates[i]) : sigmoid(gates[i]);
  for (int j = 0; j < UNITS; j++) {
    ec[j] = eg[UNITS + j] * before[j] + eg[j] * eg[2 * UNITS + j];
    eh[j] = eg[3 * UNITS + j] * tanh(ec[j]);
  }
  etude_lstm_cells(gates, cell, hidden, before);
  expect_close("etude_lstm_cells", UNITS, gates, eg, 4 * UNITS, 4 * ULP, 0);
  expect_close("etude_lstm_cells", UNITS, cell, ec, UNITS, 4 * ULP, 1e-6);
  expect_close("etude_lstm_cells", UNITS, hidden, eh, UNITS, 4 * ULP, 1e-6);
}

static void test_cells_gradient(ptrdiff_t n) {
  ptrdiff_t width = n + 5;
  float *gates = draws(4 * UNITS, 0.01f, 0.99f), *before = draws(UNITS, -2, 2);
  float *cell = draws(UNITS, -2, 2), *dhidden = draws(n, -1, 1), *dcell = draws(n, -1, 1);
  float *dgates = filled(4 * width, 7);
  double *eg = expected(4 * width), *ec = expected(n);
  for (ptrdiff_t i = 0; i < 4 * width; i++) eg[i] = 7;
  for (ptrdiff_t j = 0; j < n; j++) {
    double in = gates[j], forget = gates[UNITS + j], new = gates[2 * UNITS + j];
    double out = gates[3 * UNITS + j], shown = tanh(cell[j]);
    double slope = dcell[j] + dhidden[j] * out * (1 - shown * shown);
    eg[j] = slope * new * in * (1 - in);
    eg[width + j] = slope * before[j] * forget * (1 - forget);
    eg[2 * width + j] = slope * in * (1 - new * new);
    eg[3 * width + j] = dhidden[j] * shown * out * (1 - out);
    ec[j] = slope * forget;
  }
  etude_lstm_cells_gradient(dgates, width, dcell, dhidden, gates, cell, before, n);
  expect_close("etude_lstm_cells_gradient", n, dgates, eg, 4 * width, 1e-6, 1e-6);
  expect_close("etude_lstm_cells_gradient", n, dcell, ec, n, 1e-6, 1e-6);
}

void test_recurrent(void) {
  test_cells(3);
  test_cells(30);
  for (ptrdiff_t n = 1; n <= UNITS; n++) {
    test_cells_gradient(n);
    release();
  }
}
