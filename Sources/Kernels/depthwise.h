// Depthwise convolutions. A template: it is included once for each type in memory, with REAL, NAME,
// LOAD and STORE defined.
//
// First the rows of a chunk of channels are copied as floats into contiguous memory, with zeros
// before and after the signal. Every tile then reads whole vectors from the first-level cache.

// Copies `count` rows from `first` on, of a signal of `time` rows.
INLINE void NAME(depthwise_rows)(
    float *packed, const REAL *x, ptrdiff_t first, ptrdiff_t count, ptrdiff_t time,
    ptrdiff_t channels, ptrdiff_t width) {
  for (ptrdiff_t r = 0; r < count; r++) {
    float *row = packed + r * CHANNELS;
    if (first + r < 0 || first + r >= time) {
      for (int j = 0; j < CHANNELS; j++) row[j] = 0;
      continue;
    }
    const REAL *from = x + (first + r) * width;
    if (channels == CHANNELS) {
      for (int j = 0; j < CHANNELS; j++) row[j] = LOAD(from[j]);
    } else {
      for (int j = 0; j < CHANNELS; j++) row[j] = j < channels ? LOAD(from[j]) : 0;
    }
  }
}

INLINE void NAME(depthwise_store)(
    REAL *y, const float *tile, ptrdiff_t rows, ptrdiff_t channels, ptrdiff_t width) {
  for (ptrdiff_t r = 0; r < rows; r++)
    for (ptrdiff_t j = 0; j < channels; j++) y[r * width + j] = STORE(tile[r * LANES + j]);
}

// TILE rows by LANES channels, of which the first `rows` by `channels` are stored.
INLINE void NAME(depthwise_tile)(
    REAL *y, const float *x, const float *taps, const float *bias, ptrdiff_t kernel,
    ptrdiff_t step, ptrdiff_t rows, ptrdiff_t channels, ptrdiff_t width) {
  Lanes sum[TILE];
  Lanes start = {0};
  if (bias) start = *(const UnalignedLanes *)bias;
  for (int r = 0; r < TILE; r++) sum[r] = start;
  for (ptrdiff_t k = 0; k < kernel; k++) {
    Lanes tap = *(const UnalignedLanes *)(taps + k * CHANNELS);
    const float *from = x + k * step;
    for (int r = 0; r < TILE; r++) sum[r] += tap * *(const UnalignedLanes *)(from + r * CHANNELS);
  }
  float tile[TILE * LANES];
  for (int r = 0; r < TILE; r++) *(UnalignedLanes *)(tile + r * LANES) = sum[r];
  if (rows >= TILE && channels >= LANES) {
    NAME(depthwise_store)(y, tile, TILE, LANES, width);
  } else {
    NAME(depthwise_store)(
        y, tile, rows < TILE ? rows : TILE, channels < LANES ? channels : LANES, width);
  }
}

CLONES void NAME(etude_depthwise)(
    REAL *y, const REAL *x, const float *taps, const float *bias, float *room,
    const EtudeDepthwise *part) {
  ptrdiff_t rows = part->rows, channels = part->channels, width = part->width;
  ptrdiff_t whole = (rows + TILE - 1) / TILE * TILE;
  NAME(depthwise_rows)(
      room, x, part->first, whole + part->dilation * (part->kernel - 1), part->time, channels,
      width);
  // Prefetches the lines of y in parallel; the stores alone would wait for each line in turn.
  for (ptrdiff_t r = 0; r < rows; r++)
    for (ptrdiff_t j = 0; j < channels; j += LINE / (ptrdiff_t)sizeof(REAL))
      __builtin_prefetch(y + r * width + j, 1);
  for (ptrdiff_t r = 0; r < rows; r += TILE)
    for (ptrdiff_t j = 0; j < channels; j += LANES)
      NAME(depthwise_tile)(
          y + r * width + j, room + r * CHANNELS + j, taps + j, bias ? bias + j : NULL,
          part->kernel, part->dilation * CHANNELS, rows - r, channels - j, width);
}

// The gradients of TILE taps of LANES channels.
INLINE void NAME(depthwise_gradient_tile)(
    double *dtaps, const float *x, const float *dy, ptrdiff_t step, ptrdiff_t rows) {
  Lanes sum[TILE] = {0};
  for (ptrdiff_t r = 0; r < rows; r++) {
    Lanes gradient = *(const UnalignedLanes *)(dy + r * CHANNELS);
    const float *from = x + r * CHANNELS;
    for (int k = 0; k < TILE; k++) sum[k] += gradient * *(const UnalignedLanes *)(from + k * step);
  }
  for (int k = 0; k < TILE; k++) {
    float row[LANES];
    *(UnalignedLanes *)row = sum[k];
    for (int j = 0; j < LANES; j++) dtaps[k * CHANNELS + j] += row[j];
  }
}

CLONES void NAME(etude_depthwise_gradient)(
    double *dtaps, const REAL *x, const REAL *dy, float *room, const EtudeDepthwise *part) {
  ptrdiff_t rows = part->rows, channels = part->channels, width = part->width;
  ptrdiff_t whole = (part->kernel + TILE - 1) / TILE * TILE, step = part->dilation * CHANNELS;
  ptrdiff_t count = rows + part->dilation * (whole - 1);
  float *gradient = room + count * CHANNELS;
  NAME(depthwise_rows)(room, x, part->first, count, part->time, channels, width);
  NAME(depthwise_rows)(gradient, dy, 0, rows, rows, channels, width);
  for (ptrdiff_t k = 0; k < whole; k += TILE)
    for (ptrdiff_t j = 0; j < channels; j += LANES)
      NAME(depthwise_gradient_tile)(
          dtaps + k * CHANNELS + j, room + k * step + j, gradient + j, step, rows);
}
