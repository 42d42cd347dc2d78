// The hot loops, element-wise and row-wise, compiled for several CPUs. The version for the CPU is
// chosen when the program starts.
//
// Every function works on `n` contiguous floats (or `rows` rows of `n`) on one thread; Swift cuts
// the work by its size. Results do not depend on where the work is cut, except for sums.
#ifndef ETUDE_KERNELS_H
#define ETUDE_KERNELS_H

#include <stddef.h>
#include <stdint.h>

// y = a op b, element by element.
void etude_add(float *y, const float *a, const float *b, ptrdiff_t n);
void etude_subtract(float *y, const float *a, const float *b, ptrdiff_t n);
void etude_multiply(float *y, const float *a, const float *b, ptrdiff_t n);
void etude_divide(float *y, const float *a, const float *b, ptrdiff_t n);

// y = scale * x + shift
void etude_affine(float *y, const float *x, float scale, float shift, ptrdiff_t n);
// y = x limited to low ... high; NaN stays NaN
void etude_clamp(float *y, const float *x, float low, float high, ptrdiff_t n);
// y += scale * x
void etude_accumulate(float *y, const float *x, float scale, ptrdiff_t n);

// From bfloat16 to float, exact; and from float to the nearest bfloat16, ties to even. NaN stays
// NaN.
void etude_widen(float *y, const uint16_t *x, ptrdiff_t n);
void etude_narrow(uint16_t *y, const float *x, ptrdiff_t n);

// One frame of `heads` heads of `width` numbers each: the first n pairs (a, b) of a head become
// (a cosine - b sine, b cosine + a sine), the rest of the head is copied. Pair i is numbers i and n + i,
// or 2 i and 2 i + 1.
void etude_rotate_halves(
    float *y, const float *x, const float *cosines, const float *sines, ptrdiff_t heads,
    ptrdiff_t width, ptrdiff_t n);
void etude_rotate_neighbours(
    float *y, const float *x, const float *cosines, const float *sines, ptrdiff_t heads,
    ptrdiff_t width, ptrdiff_t n);

// Each within 2 units in the last place of the exact value, over the whole range of float.
void etude_exp(float *y, const float *x, ptrdiff_t n);
void etude_log(float *y, const float *x, ptrdiff_t n);
void etude_sqrt(float *y, const float *x, ptrdiff_t n);

// y = x Φ(x), where Φ is the normal distribution function, by an odd rational function for erf.
// Within 3 ulp for x > 0, within 2e-7 |x| for x < 0, where 1 + erf cancels.
void etude_gelu(float *y, const float *x, ptrdiff_t n);
// dx = dy (Φ(x) + x φ(x)), within 3e-7 |dy|
void etude_gelu_gradient(float *dx, const float *x, const float *dy, ptrdiff_t n);

void etude_gelu_bfloat(uint16_t *y, const uint16_t *x, ptrdiff_t n);
void etude_gelu_gradient_bfloat(
    uint16_t *dx, const uint16_t *x, const uint16_t *dy, ptrdiff_t n);

// Activations, and their gradients from the input x or the result y. NaN stays NaN. Infinities, and
// numbers whose exponential overflows, give the limit.
// y = tanh x, within 2 ulp; dx = dy (1 - y²)
void etude_tanh(float *y, const float *x, ptrdiff_t n);
void etude_tanh_gradient(float *dx, const float *y, const float *dy, ptrdiff_t n);
// y = σ(x) = 1 / (1 + e^-x), within 3 ulp; dx = dy y (1 - y)
void etude_sigmoid(float *y, const float *x, ptrdiff_t n);
void etude_sigmoid_gradient(float *dx, const float *y, const float *dy, ptrdiff_t n);
// y = x σ(x), within 4 ulp for x >= -87, within 1.5e-43 below;
// dx = dy σ(x) (1 + x (1 - σ(x))), within 5e-7 |dy|
void etude_silu(float *y, const float *x, ptrdiff_t n);
void etude_silu_gradient(float *dx, const float *x, const float *dy, ptrdiff_t n);
// One row: y = a σ(b), where x = [a, b] has 2 n elements; and the gradient of both halves
void etude_glu(float *y, const float *x, ptrdiff_t n);
void etude_glu_gradient(float *dx, const float *x, const float *dy, ptrdiff_t n);
// y = max(x, 0); dx = dy where y > 0, else 0
void etude_relu(float *y, const float *x, ptrdiff_t n);
void etude_relu_gradient(float *dx, const float *y, const float *dy, ptrdiff_t n);
// y = x for x > 0, else slope x; dx = dy for y > 0, else slope dy
void etude_leaky_relu(float *y, const float *x, float slope, ptrdiff_t n);
void etude_leaky_relu_gradient(
    float *dx, const float *y, const float *dy, float slope, ptrdiff_t n);
// y = x for x > 0, else alpha (e^x - 1), within 2 ulp; dx = dy for y > 0, else dy (y + alpha)
void etude_elu(float *y, const float *x, float alpha, ptrdiff_t n);
void etude_elu_gradient(float *dx, const float *y, const float *dy, float alpha, ptrdiff_t n);
void etude_elu_bfloat(uint16_t *y, const uint16_t *x, float alpha, ptrdiff_t n);
void etude_elu_gradient_bfloat(
    uint16_t *dx, const uint16_t *y, const uint16_t *dy, float alpha, ptrdiff_t n);
// y = ln(1 + e^x), within 3 ulp; dx = dy σ(x)
void etude_softplus(float *y, const float *x, ptrdiff_t n);
void etude_softplus_gradient(float *dx, const float *x, const float *dy, ptrdiff_t n);

// y = |x|; dx = dy sign x, 0 at 0
void etude_abs(float *y, const float *x, ptrdiff_t n);
void etude_abs_gradient(float *dx, const float *x, const float *dy, ptrdiff_t n);
// The gradient of `etude_clamp`: dx = 0 where y is low or high, else dy
void etude_clamp_gradient(
    float *dx, const float *y, const float *dy, float low, float high, ptrdiff_t n);
// Within 1 ulp over the whole range of float.
void etude_sin(float *y, const float *x, ptrdiff_t n);
void etude_cos(float *y, const float *x, ptrdiff_t n);
// y = x^power, within 1 ulp; NaN for a negative number unless the power is a whole number.
// dx = dy power x^(power - 1)
void etude_raise(float *y, const float *x, float power, ptrdiff_t n);
void etude_raise_gradient(float *dx, const float *x, const float *dy, float power, ptrdiff_t n);

// y = 1 where the comparison of a and b holds, else 0. NaN is unequal to every number.
void etude_less(float *y, const float *a, const float *b, ptrdiff_t n);
void etude_less_or_equal(float *y, const float *a, const float *b, ptrdiff_t n);
void etude_equal(float *y, const float *a, const float *b, ptrdiff_t n);
void etude_unequal(float *y, const float *a, const float *b, ptrdiff_t n);
// The greater or lesser of two numbers; NaN if either is NaN.
void etude_maximum(float *y, const float *a, const float *b, ptrdiff_t n);
void etude_minimum(float *y, const float *a, const float *b, ptrdiff_t n);
// y = 1 where a > b, 0 where a < b, else ½
void etude_share_of_greater(float *y, const float *a, const float *b, ptrdiff_t n);
// y = a where the mask is not 0, else b
void etude_select(float *y, const float *mask, const float *a, const float *b, ptrdiff_t n);
// y = x where the mask is not 0, else 0; and y = x where the mask is 0, else 0
void etude_keep_masked(float *y, const float *x, const float *mask, ptrdiff_t n);
void etude_keep_unmasked(float *y, const float *x, const float *mask, ptrdiff_t n);

// Sums in double.
double etude_sum(const float *x, ptrdiff_t n);
double etude_sum_squares(const float *x, ptrdiff_t n);
double etude_dot(const float *x, const float *y, ptrdiff_t n);
double etude_dot_doubles(const double *x, const double *y, ptrdiff_t n);
// The index of the least a - b, the first if several are equal; 0 if all are NaN.
ptrdiff_t etude_argmin_difference(const float *a, const float *b, ptrdiff_t n);
// Σ (x - y)²
float etude_squared_distance(const float *x, const float *y, ptrdiff_t n);
// Replaces dot products by squared distances: x = min(before, max(0, square + squares - 2 x)).
// Returns Σ x.
double etude_lessened_distances(
    float *x, const float *squares, float square, const float *before, ptrdiff_t n);
// y[j] += Σ_r x[r, j] for n columns, where rows are `stride` elements apart; summed in double
// before it is added
void etude_sum_rows(float *y, const float *x, ptrdiff_t rows, ptrdiff_t n, ptrdiff_t stride);
void etude_sum_rows_bfloat(
    float *y, const uint16_t *x, ptrdiff_t rows, ptrdiff_t n, ptrdiff_t stride);

// y = exp(x - max x) / Σ exp(x - max x) for the first `valid` of n elements; the others become 0.
void etude_softmax(float *y, const float *x, ptrdiff_t n, ptrdiff_t valid);
// dx = y (dy - Σ dy y)
void etude_softmax_gradient(float *dx, const float *y, const float *dy, ptrdiff_t n);
// ln Σ exp x.
float etude_log_sum_exp(const float *x, ptrdiff_t n);
// The index of the greatest element, the first if several are equal; the first NaN if there is one.
ptrdiff_t etude_argmax(const float *x, ptrdiff_t n);

// One row: y = (x - mean) / sqrt(variance + epsilon) * weight + bias; weight and bias may be NULL.
// Writes the mean and the reciprocal deviation.
void etude_normalize(
    float *y, float *mean, float *reciprocal, const float *x, const float *weight,
    const float *bias, float epsilon, ptrdiff_t n);
// One row: dx from dy; dweight += dy xhat and dbias += dy, unless dweight is NULL.
void etude_normalize_gradient(
    float *dx, float *dweight, float *dbias, const float *x, const float *dy, const float *weight,
    float mean, float reciprocal, ptrdiff_t n);

// Column sums over rows, in double: squares[j] += Σ_r (x[r,j] - centre[j])²
void etude_column_squares(
    float *squares, const float *x, const float *centre, ptrdiff_t rows, ptrdiff_t n);
// y[r, j] = x[r, j] * scale[j] + shift[j]
void etude_scale_columns(
    float *y, const float *x, const float *scale, const float *shift, ptrdiff_t rows, ptrdiff_t n);
// y = gelu(x scale + shift); and the gradient of GELU's input: dx = dy gelu'(x scale + shift).
void etude_scale_columns_gelu(
    float *y, const float *x, const float *scale, const float *shift, ptrdiff_t rows, ptrdiff_t n);
void etude_scale_columns_gelu_gradient(
    float *dx, const float *dy, const float *x, const float *scale, const float *shift,
    ptrdiff_t rows, ptrdiff_t n);
// sum[j] += Σ_r dy[r,j], product[j] += Σ_r dy[r,j] (x[r,j] - mean[j]) reciprocal[j]
void etude_column_moments(
    float *sum, float *product, const float *dy, const float *x, const float *mean,
    const float *reciprocal, ptrdiff_t rows, ptrdiff_t n);
// dx[r,j] = scale[j] (dy[r,j] - a[j] - (x[r,j] - mean[j]) reciprocal[j] b[j])
void etude_normalize_columns_gradient(
    float *dx, const float *dy, const float *x, const float *scale, const float *mean,
    const float *reciprocal, const float *a, const float *b, ptrdiff_t rows, ptrdiff_t n);

// The same for bfloat16 in memory; the arithmetic is in float.
void etude_column_squares_bfloat(
    float *squares, const uint16_t *x, const float *centre, ptrdiff_t rows, ptrdiff_t n);
void etude_scale_columns_bfloat(
    uint16_t *y, const uint16_t *x, const float *scale, const float *shift, ptrdiff_t rows,
    ptrdiff_t n);
void etude_scale_columns_gelu_bfloat(
    uint16_t *y, const uint16_t *x, const float *scale, const float *shift, ptrdiff_t rows,
    ptrdiff_t n);
void etude_scale_columns_gelu_gradient_bfloat(
    uint16_t *dx, const uint16_t *dy, const uint16_t *x, const float *scale, const float *shift,
    ptrdiff_t rows, ptrdiff_t n);
void etude_column_moments_bfloat(
    float *sum, float *product, const uint16_t *dy, const uint16_t *x, const float *mean,
    const float *reciprocal, ptrdiff_t rows, ptrdiff_t n);
void etude_normalize_columns_gradient_bfloat(
    uint16_t *dx, const uint16_t *dy, const uint16_t *x, const float *scale, const float *mean,
    const float *reciprocal, const float *a, const float *b, ptrdiff_t rows, ptrdiff_t n);

// A convolution with a short window: y[r, o] = bias[o] + Σ_k x[r step + k] weight[k, o] over
// `window` taps, at most ETUDE_SHORT_WINDOW, and for n outputs; bias may be NULL.
enum { ETUDE_SHORT_WINDOW = 32 };
void etude_short_convolution(
    float *y, const float *x, const float *weight, const float *bias, ptrdiff_t rows,
    ptrdiff_t step, ptrdiff_t window, ptrdiff_t n);
void etude_short_convolution_bfloat(
    uint16_t *y, const float *x, const float *weight, const float *bias, ptrdiff_t rows,
    ptrdiff_t step, ptrdiff_t window, ptrdiff_t n);
// The gradient of its weight for the first n of `width` outputs: dweight[k, o] += Σ_r x[r step + k]
// dy[r, o].
void etude_short_convolution_gradient(
    float *dweight, const float *x, const float *dy, ptrdiff_t rows, ptrdiff_t step,
    ptrdiff_t window, ptrdiff_t n, ptrdiff_t width);
void etude_short_convolution_gradient_bfloat(
    float *dweight, const float *x, const uint16_t *dy, ptrdiff_t rows, ptrdiff_t step,
    ptrdiff_t window, ptrdiff_t n, ptrdiff_t width);

// A range of rows of a depthwise convolution, for at most ETUDE_DEPTHWISE_CHANNELS channels c: y[t,
// c] = bias[c] + Σ_k taps[k, c] x[first + t + dilation k, c] for t in 0..<rows. x has `time` rows
// and is 0 before and after them. Rows of x and y are `width` elements apart, rows of taps
// ETUDE_DEPTHWISE_CHANNELS; bias has that length or is NULL.
typedef struct {
  ptrdiff_t first, rows, time, kernel, dilation, channels, width;
} EtudeDepthwise;
enum { ETUDE_DEPTHWISE_CHANNELS = 64, ETUDE_DEPTHWISE_TILE = 6 };
// The floats of working memory that either function needs.
static inline ptrdiff_t etude_depthwise_room(const EtudeDepthwise *part) {
  ptrdiff_t taps = part->kernel + ETUDE_DEPTHWISE_TILE;
  ptrdiff_t rows = 2 * part->rows + ETUDE_DEPTHWISE_TILE + part->dilation * taps;
  return rows * ETUDE_DEPTHWISE_CHANNELS;
}
void etude_depthwise(
    float *y, const float *x, const float *taps, const float *bias, float *room,
    const EtudeDepthwise *part);
void etude_depthwise_bfloat(
    uint16_t *y, const uint16_t *x, const float *taps, const float *bias, float *room,
    const EtudeDepthwise *part);
// The gradient of its weight, dtaps[k, c] += Σ_t x[first + t + dilation k, c] dy[t, c], summed in
// float over these rows. dtaps has a multiple of ETUDE_DEPTHWISE_TILE rows; those after the last
// tap hold undefined numbers.
void etude_depthwise_gradient(
    double *dtaps, const float *x, const float *dy, float *room, const EtudeDepthwise *part);
void etude_depthwise_gradient_bfloat(
    double *dtaps, const uint16_t *x, const uint16_t *dy, float *room, const EtudeDepthwise *part);

// A product with a panel of ETUDE_PANEL columns: y[r, j] += Σ_k x[r, k] panel[k, j]. Rows of y and x
// are `y_row` and `x_row` apart. Every number is one sum in the order of k, so that its bits do not
// depend on the number of rows.
enum { ETUDE_PANEL = 64, ETUDE_LSTM_UNITS = 16 };
void etude_panel_product(
    float *y, ptrdiff_t y_row, const float *x, ptrdiff_t x_row, const float *panel, ptrdiff_t rows,
    ptrdiff_t inner);
void etude_panel_product_bfloat(
    float *y, ptrdiff_t y_row, const float *x, ptrdiff_t x_row, const uint16_t *panel,
    ptrdiff_t rows, ptrdiff_t inner);
// ETUDE_LSTM_UNITS units of an LSTM at one frame. `gates` holds the sums of their input, forget, cell
// and output gates, [4, units], and gets the gates: i = σ(i), f = σ(f), g = tanh g, o = σ(o). Then
// cell = f before + i g and hidden = o tanh cell.
void etude_lstm_cells(float *gates, float *cell, float *hidden, const float *before);
// The gradient of the first n of these units: from dhidden and from dcell, the gradient of `cell`, to
// the sums of the gates, whose four parts are `width` apart in dgates, and to `before`, in dcell.
void etude_lstm_cells_gradient(
    float *dgates, ptrdiff_t width, float *dcell, const float *dhidden, const float *gates,
    const float *cell, const float *before, ptrdiff_t n);

// Dropout by Philox 4x32-10, keyed by (seed, sample, step, purpose): y = x / (1 - p) with
// probability 1 - p, else 0. Elements are drawn in runs of 64; the first run begins with block
// first / 4. Element 16 w + b of a run takes word w of its block b. So the result does not change
// if the elements are cut at multiples of 64.
void etude_dropout(
    float *y, const float *x, ptrdiff_t first, ptrdiff_t n, float probability, uint64_t seed,
    uint32_t sample, uint32_t step, uint32_t purpose);

// The draws of a stream: `runs` times 32 words of 64 bits, two for each block of Philox 4x32-10
// from `first_block` on, keyed by (seed, sample, step, purpose).
void etude_random_words(
    uint64_t *words, ptrdiff_t runs, uint32_t first_block, uint64_t seed, uint32_t sample,
    uint32_t step, uint32_t purpose);
// Box and Muller's transform of 2 n such words into n normal numbers. Returns nonzero if a number
// might differ from that computed with the C library's `log` and `cos`, which is the case for one
// in 800,000.
int etude_normal(float *y, const uint64_t *words, ptrdiff_t n);

// AdamW as in fairseq: m and v are averaged; p = (1 - rate decay) p - rate correction m / (sqrt v +
// epsilon). g is multiplied by `scale` (clipping) as it is read.
void etude_adamw(
    float *p, float *m, float *v, const float *g, float scale, float rate, float correction,
    float beta1, float beta2, float epsilon, float decay, ptrdiff_t n);

// C (+)= A B in registers, without packing, for the small matrices of attention. A is [m, k] with
// any strides. The rows of B [k, n] and C [m, n] are `b_row` and `c_row` apart. n is a multiple of
// 16.
void etude_small_product(
    ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, float *c, ptrdiff_t c_row, const float *a,
    ptrdiff_t a_row, ptrdiff_t a_step, const float *b, ptrdiff_t b_row, int keep);
// The same for pairs of bfloat16 along k, which counts pairs; traps unless
// `etude_multiplies_pairs`.
void etude_small_product_pairs(
    ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, float *c, ptrdiff_t c_row, const uint32_t *a,
    ptrdiff_t a_row, ptrdiff_t a_step, const uint32_t *b, ptrdiff_t b_row, int keep);
// The same for many rows, in the tiles of AMX where the CPU has them. One of `a_row` and `a_step` is 1.
void etude_tall_product_pairs(
    ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, float *c, ptrdiff_t c_row, const uint32_t *a,
    ptrdiff_t a_row, ptrdiff_t a_step, const uint32_t *b, ptrdiff_t b_row, int keep);
// Whether this CPU has products of bfloat16 pairs.
int etude_multiplies_pairs(void);
// Pairs of neighbours in a column: y[p, j] = (x[2p, j], x[2p + 1, j]), with 0 for a missing row,
// and from column n to `y_row`. From floats: every column, each number rounded.
void etude_pair_rows(
    uint32_t *y, ptrdiff_t y_row, const uint16_t *x, ptrdiff_t x_row, ptrdiff_t rows, ptrdiff_t n);
void etude_pair_narrowed_rows(
    uint32_t *y, ptrdiff_t y_row, const float *x, ptrdiff_t x_row, ptrdiff_t rows);
// y[j, r] = x[r, j] for `rows` rows and `columns` columns.
void etude_transpose(
    float *y, ptrdiff_t y_row, const float *x, ptrdiff_t x_row, ptrdiff_t rows, ptrdiff_t columns);

// The dropout of attention weights. Draw first + r row + i decides about weight (r, i), where
// `first` and `row` are multiples of 64. Below the threshold the weight becomes 0, else it is
// multiplied by `scale`.
typedef struct {
  uint64_t seed;
  uint32_t sample, step, purpose, threshold;
  float scale;
  ptrdiff_t first, row;
} EtudeDropout;

// s = max(s + factor bias, floor); NaN stays NaN.
void etude_attention_bias(
    float *s, const float *bias, float factor, float floor, ptrdiff_t n);
// Softmax over rows that are processed in stretches of `count` scores. `greatest` is the greatest
// scaled score of a row so far, -infinity before the first stretch. `sum` is the sum of all weights
// of a row so far, before dropout, 0 before the first stretch. Sets s = drop(2^(scale s -
// greatest)). factor[r] is the factor by which the weights of earlier stretches must be multiplied.
// Rows are `stride` apart; an odd count is followed by a 0. `dropout` may be NULL.
void etude_attention_weights(
    float *s, float *greatest, float *sum, float *factor, ptrdiff_t rows, ptrdiff_t stride,
    ptrdiff_t count, float scale, const EtudeDropout *dropout);
// The same without dropout, into bfloat16, within 1e-5 before rounding; traps unless
// `etude_multiplies_pairs`.
void etude_attention_weights_pairs(
    uint16_t *w, const float *s, float *greatest, float *sum, float *factor, ptrdiff_t rows,
    ptrdiff_t stride, ptrdiff_t count, float scale);
// The gradient. From scores s and the gradient dp of the dropped weights it computes s = drop(p)
// and dp = scale p (drop(dp) - dot), where p = exp(scale s - log_sum) and dot[r] = Σ p drop(dp).
void etude_attention_weights_gradient(
    float *s, float *dp, const float *log_sum, const float *dot, ptrdiff_t rows, ptrdiff_t stride,
    ptrdiff_t valid, float scale, const EtudeDropout *dropout);

// Spectra. Complex numbers are pairs of real and imaginary part; n counts complex numbers.
// Windowing of a frame: y = window x, and y[i] = window[i] (x[i] - mean - coefficient (x[i - 1] -
// mean)), where x[-1] is x[0].
void etude_window(double *y, const float *x, const double *window, ptrdiff_t n);
void etude_emphasize(
    double *y, const float *x, const double *window, double coefficient, double mean, ptrdiff_t n);
// y = |x|², and y = |x|
void etude_power(float *y, const double *x, ptrdiff_t n);
void etude_magnitude(float *y, const double *x, ptrdiff_t n);
void etude_complex_magnitude(float *y, const float *x, ptrdiff_t n);
// y = a b, all complex
void etude_complex_multiply(float *y, const float *a, const float *b, ptrdiff_t n);
// y += g x, where g is real
void etude_complex_accumulate(float *y, const float *x, const float *g, ptrdiff_t n);

// The position of a band's first weight, its first bin, and the number of its bins.
typedef struct {
  ptrdiff_t weight, first, count;
} EtudeBand;

// y[m] = Σ_i weights[i] x[first + i] for each band
void etude_band_sums(
    float *y, const float *x, const float *weights, const EtudeBand *bands, ptrdiff_t n);
// x[first + i] += weights[i] y[m] for each band: the transpose
void etude_band_spread(
    float *x, const float *y, const float *weights, const EtudeBand *bands, ptrdiff_t n);

// Two real frames a and b of n samples, n even, in one complex transform z of n bins. Bin k of the
// spectra is A = (z[k] + z*[n - k]) / 2 and iB = (z[k] - z*[n - k]) / 2.
// z = window (a + ib)
void etude_pair_window(
    float *z, const float *a, const float *b, const float *window, ptrdiff_t n);
// |A|² and |B|² of the bins 0 ... n / 2
void etude_pair_power(float *a, float *b, const float *z, ptrdiff_t n);
// From the gradients a and b of |A|² and |B|²: z = 2 a A + 2 i b B at the bins 0 and n / 2, and half
// of it at the others, whose mirror image counts as well. The real and the imaginary part of its
// inverse transform are the gradients of the frames.
void etude_pair_power_gradient(float *z, const float *a, const float *b, ptrdiff_t n);
// y += window x, where x is every second float: the real parts, or the imaginary parts, of z
void etude_pair_add(float *y, const float *x, const float *window, ptrdiff_t n);

// The differences of energies x and y, which are at least 0, with l = ln (x + floor) - ln (y +
// floor): adds Σ|x - y| and Σ l² to sums, and writes dx = linear sign(x - y) + logarithmic 2 l / (x
// + floor).
void etude_energy_distance(
    double *sums, float *dx, const float *x, const float *y, float floor, float linear,
    float logarithmic, ptrdiff_t n);
// y = ln max(scale x + shift, floor); NaN stays NaN
void etude_log_floored(
    float *y, const float *x, float scale, float shift, float floor, ptrdiff_t n);

// The vector instructions that the CPU has, the operating system supports and ETUDE_MAX_CPU allows;
// bits of. AVX2 means all of x86-64-v3, AVX512F all of x86-64-v4.
enum {
  ETUDE_AVX2 = 1,
  ETUDE_FMA = 2,
  ETUDE_AVX512F = 4,
  ETUDE_AVX512_BF16 = 8,
  ETUDE_AMX_BF16 = 16,
  ETUDE_NEON = 32,
  ETUDE_NEON_BF16 = 64,
  ETUDE_DOT_PRODUCTS = 128
};
unsigned etude_processor_features(void);
// The environment variable ETUDE_MAX_CPU when the program started, NULL if unset or empty: "avx512"
// (without the tiles of AMX), "avx2" or "sse2" on x86-64, "neon" on ARM64. Kernels then use the
// instructions of such a CPU. Any other value limits nothing and is not known.
const char *etude_processor_limit(void);
int etude_processor_limit_is_known(void);

// What the CPU can do at most: `rounds` times x = x / 2 + 1, in registers. Returns the number of
// multiplications and additions. y gets 16 sums, which the compiler must not leave out.
double etude_multiply_adds(float *y, ptrdiff_t rounds);

// The number of cores that the process may run on; 0 where the system does not bind processes.
int etude_bound_cores(void);

// Resampling: y[k, p] = Σ_i weights[p, i] x[k period + firsts[p] + i] for `periods` periods and
// `phases` phases. `taps` is a multiple of 8.
void etude_polyphase(
    float *y, const float *x, ptrdiff_t periods, ptrdiff_t period, const float *weights,
    const ptrdiff_t *firsts, ptrdiff_t phases, ptrdiff_t taps);

// A hint to the core that this thread spins.
static inline void etude_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

// The kernel's number of the calling thread.
int etude_thread_id(void);

// The CPU time that a thread of this process has had, or -1 if that is unknown.
int64_t etude_thread_nanoseconds(int thread);

// The cores on which a thread may run, as the system keeps them.
typedef struct { uint64_t bits[16]; } EtudeCoreSet;

// Moves a thread that waits for its core to that of the calling thread, which is about to sleep.
// Returns the core, or -1 if the thread stays where it is. `allowed` receives its cores before.
int etude_bring_thread(int thread, EtudeCoreSet *allowed);

// Moves it away from `core` if it may run elsewhere, and restores its cores.
void etude_send_thread_back(int thread, int core, const EtudeCoreSet *allowed);

#endif
