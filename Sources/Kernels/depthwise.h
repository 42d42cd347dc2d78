// Depthwise convolutions. A template: it is included once for each type in memory, with REAL, NAME,
// WIDENED, NARROWED and STORE defined.
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
      for (int j = 0; j < CHANNELS; j++) row[j] = WIDENED(from[j]);
    } else {
      for (int j = 0; j < CHANNELS; j++) row[j] = j < channels ? WIDENED(from[j]) : 0;
    }
  }
}

// Stores the first `rows` by `channels` of a tile at the end of the rows or channels.
INLINE void NAME(depthwise_store)(
    REAL *y, const float *tile, ptrdiff_t rows, ptrdiff_t channels, ptrdiff_t width) {
  for (ptrdiff_t r = 0; r < rows; r++)
    for (ptrdiff_t j = 0; j < channels; j++) y[r * width + j] = NARROWED(tile[r * LANES + j]);
}

// `height` rows by `width` vectors of channels, both constants, of which the first `rows` by
// `channels` are stored.
INLINE void NAME(depthwise_tile)(
    const int height, const int width, REAL *y, const float *x, const float *taps,
    const float *bias, ptrdiff_t rows, ptrdiff_t channels, const EtudeDepthwise *part) {
  Lanes sum[TALL][WIDE];
#pragma unroll
  for (int r = 0; r < height; r++)
#pragma unroll
    for (int v = 0; v < width; v++) sum[r][v] = bias ? LOAD_FLOATS(bias + v * LANES) : (Lanes){0};
  for (ptrdiff_t k = 0; k < part->kernel; k++) {
    const float *from = x + k * part->dilation * CHANNELS;
#pragma unroll
    for (int v = 0; v < width; v++) {
      Lanes tap = LOAD_FLOATS(taps + k * CHANNELS + v * LANES);
#pragma unroll
      for (int r = 0; r < height; r++)
        sum[r][v] += tap * LOAD_FLOATS(from + r * CHANNELS + v * LANES);
    }
  }
#pragma unroll
  for (int v = 0; v < width; v++) {
    REAL *to = y + v * LANES;
    if (rows >= height && channels >= (v + 1) * LANES) {
#pragma unroll
      for (int r = 0; r < height; r++) STORE(to + r * part->width, sum[r][v]);
    } else if (channels > v * LANES) {
      float tile[TALL * LANES];
#pragma unroll
      for (int r = 0; r < height; r++) STORE_FLOATS(tile + r * LANES, sum[r][v]);
      ptrdiff_t rest = channels - v * LANES;
      NAME(depthwise_store)(
          to, tile, rows < height ? rows : height, rest < LANES ? rest : LANES, part->width);
    }
  }
}

KERNEL(
    void, NAME(etude_depthwise),
    (REAL *y, const REAL *x, const float *taps, const float *bias, float *room,
     const EtudeDepthwise *part),
    (y, x, taps, bias, room, part)) {
  ptrdiff_t rows = part->rows, channels = part->channels;
  ptrdiff_t whole = (rows + TALL - 1) / TALL * TALL;
  NAME(depthwise_rows)(
      room, x, part->first, whole + part->dilation * (part->kernel - 1), part->time, channels,
      part->width);
  // Prefetches the lines of y in parallel; the stores alone would wait for each line in turn.
  for (ptrdiff_t r = 0; r < rows; r++)
    for (ptrdiff_t j = 0; j < channels; j += LINE / (ptrdiff_t)sizeof(REAL))
      __builtin_prefetch(y + r * part->width + j, 1);
  const int height = tile_height(target), width = depthwise_width(target);
  for (ptrdiff_t r = 0; r < rows; r += height)
    for (ptrdiff_t j = 0; j < channels; j += width * LANES)
      NAME(depthwise_tile)(
          height, width, y + r * part->width + j, room + r * CHANNELS + j, taps + j,
          bias ? bias + j : NULL, rows - r, channels - j, part);
}

// The gradients of `height` taps of `width` vectors of channels.
INLINE void NAME(depthwise_gradient_tile)(
    const int height, const int width, double *dtaps, const float *x, const float *dy,
    ptrdiff_t step, ptrdiff_t rows) {
  Lanes sum[TALL][WIDE];
#pragma unroll
  for (int k = 0; k < height; k++)
#pragma unroll
    for (int v = 0; v < width; v++) sum[k][v] = (Lanes){0};
  for (ptrdiff_t r = 0; r < rows; r++) {
#pragma unroll
    for (int v = 0; v < width; v++) {
      Lanes gradient = LOAD_FLOATS(dy + r * CHANNELS + v * LANES);
      const float *from = x + r * CHANNELS + v * LANES;
#pragma unroll
      for (int k = 0; k < height; k++) sum[k][v] += gradient * LOAD_FLOATS(from + k * step);
    }
  }
#pragma unroll
  for (int k = 0; k < height; k++) {
    float row[WIDE * LANES];
#pragma unroll
    for (int v = 0; v < width; v++) STORE_FLOATS(row + v * LANES, sum[k][v]);
    for (int j = 0; j < width * LANES; j++) dtaps[k * CHANNELS + j] += row[j];
  }
}

KERNEL(
    void, NAME(etude_depthwise_gradient),
    (double *dtaps, const REAL *x, const REAL *dy, float *room, const EtudeDepthwise *part),
    (dtaps, x, dy, room, part)) {
  ptrdiff_t rows = part->rows, channels = part->channels;
  ptrdiff_t whole = (part->kernel + TALL - 1) / TALL * TALL, step = part->dilation * CHANNELS;
  ptrdiff_t count = rows + part->dilation * (whole - 1);
  float *gradient = room + count * CHANNELS;
  NAME(depthwise_rows)(room, x, part->first, count, part->time, channels, part->width);
  NAME(depthwise_rows)(gradient, dy, 0, rows, rows, channels, part->width);
  const int height = tile_height(target), width = depthwise_width(target);
  for (ptrdiff_t k = 0; k < whole; k += height)
    for (ptrdiff_t j = 0; j < channels; j += width * LANES)
      NAME(depthwise_gradient_tile)(
          height, width, dtaps + k * CHANNELS + j, room + k * step + j, gradient + j, step, rows);
}
