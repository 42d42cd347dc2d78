"""Writes tensor.safetensors: inputs, results and gradients of every op in PyTorch's float64.

Convolution weights are stored as we keep them.
"""

import torch
import torch.nn.functional as F

from cases import case, randn, save

torch.manual_seed(20)


def attention(q, k, v, heads, lengths=None):
    """[B, T, D] each; keys from `lengths` on get no weight."""
    b, t, d = q.shape
    split = lambda x: x.view(b, t, heads, d // heads).transpose(1, 2)
    mask = None
    if lengths is not None:
        mask = (torch.arange(t)[None] < torch.tensor(lengths)[:, None])[:, None, None, :]
    y = F.scaled_dot_product_attention(split(q), split(k), split(v), attn_mask=mask)
    return y.transpose(1, 2).reshape(b, t, d)


def over_time(x, w, b):
    """Group norm with as many groups as channels, on [B, T, C]."""
    return F.group_norm(x.transpose(1, 2), x.shape[2], w, b, 1e-5).transpose(1, 2)


def conv(x, w, b, **options):
    """[B, T, I] by [O, K, I / groups]."""
    return F.conv1d(x.transpose(1, 2), w.permute(0, 2, 1), b, **options).transpose(1, 2)


case("add", lambda a, b: a + b, randn(2, 3, 1), randn(1, 5))
case("subtract", lambda a, b: a - b, randn(2, 3, 1), randn(1, 5))
case("multiply", lambda a, b: a * b, randn(2, 3, 1), randn(1, 5))
case("divide", lambda a, b: a / b, randn(2, 3, 1), randn(1, 5).abs() + 0.1)
case("exp", torch.exp, 3 * randn(3, 17))
case("log", torch.log, randn(3, 17).abs() + 0.01)
case("squareRoot", torch.sqrt, randn(3, 17).abs() + 0.01)
case("gelu", F.gelu, 3 * randn(5, 33))
case("sum", lambda x: x.sum(1), randn(3, 7, 5))
case("mean", lambda x: x.mean(1, keepdim=True), randn(3, 7, 5))
case("permuted", lambda x: x.permute(2, 0, 1), randn(3, 7, 5))
case("sliced", lambda x: x[:, 2:6], randn(3, 7, 5))
case("gatheringRows", lambda x: x[[3, 0, 3]], randn(5, 9))
case("matmul", lambda a, b: a @ b, randn(3, 7, 33), randn(3, 33, 5))
case("matmulTransposed", lambda a, b: a.T @ b.T, randn(33, 7), randn(5, 33))
case("linear", F.linear, randn(2, 7, 33), randn(17, 33), randn(17))
case("softmax", lambda x: x.softmax(-1), 5 * randn(3, 37))
case("crossEntropy", lambda x: F.cross_entropy(x, torch.tensor([0, 36, 5]), reduction="none"), 5 * randn(3, 37))
case("l2Normalized", lambda x: F.normalize(x, dim=-1), 4 * randn(3, 37))
case("layerNorm", lambda x, w, b: F.layer_norm(x, x.shape[-1:], w, b, 1e-5), 3 * randn(2, 5, 37) + 1, randn(37), randn(37))
case("layerNormPlain", lambda x: F.layer_norm(x, x.shape[-1:], None, None, 1e-5), randn(4, 37))
case("normalizedOverTime", over_time, 3 * randn(2, 45, 9) + 1, randn(9), randn(9))
case("instanceNorm", lambda x: over_time(x, None, None), randn(2, 45, 9))
case("conv1d", lambda x, w, b: conv(x, w, b, stride=2), randn(2, 40, 9), randn(10, 3, 9), randn(10))
case("conv1dWaveform", lambda x, w: conv(x, w, None, stride=5), randn(2, 203, 1), randn(9, 10, 1))
case("groupedConv1d", lambda x, w, b: conv(x, w, b, groups=3, padding=8), randn(2, 30, 12), randn(12, 16, 4), randn(12))
case("attention", lambda q, k, v: attention(q, k, v, 3), randn(2, 19, 12), randn(2, 19, 12), randn(2, 19, 12))
case("attentionPadded", lambda q, k, v: attention(q, k, v, 2, [19, 7]), randn(2, 19, 6), randn(2, 19, 6), randn(2, 19, 6))
case("normalizedOverTimeGELU", lambda x, w, b: F.gelu(over_time(x, w, b)), 3 * randn(2, 45, 9) + 1, randn(9), randn(9))
case("attentionOddDepth", lambda q, k, v: attention(q, k, v, 2, [45, 31]), randn(2, 45, 34), randn(2, 45, 34), randn(2, 45, 34))

case("squared", torch.square, randn(3, 17))
case("affine", lambda x: 2 - x * 3, randn(3, 5))
case("reshaped", lambda x: x.reshape(5, 6), randn(2, 3, 5))
case("concatenated", lambda a, b: torch.cat([a, b], 1), randn(2, 3, 2), randn(2, 4, 2))
case("stacked", lambda a, b: torch.stack([a, b], -1), randn(2, 5), randn(2, 5))
case("broadcast", lambda x: x.expand(2, 3, 4, 5), randn(3, 1, 5))
case("replacingRows", lambda x, row: torch.where((torch.arange(5) % 2 == 1)[:, None], row, x), randn(5, 9), randn(9))
case("sumOfAll", lambda x: x.sum(), randn(3, 7, 5))
case("meanOfAll", lambda x: x.mean(), randn(3, 7, 5))
case("maximum", lambda x: x.amax(1), randn(3, 7, 5))
case("minimum", lambda x: x.amin(-1, keepdim=True), randn(3, 7, 5))
case("variance", lambda x: x.var(1, correction=0), randn(3, 7, 5) + 2)
case("einsumScores", lambda a, b: torch.einsum("bqhd,bkhd->bhqk", a, b), randn(2, 3, 2, 5), randn(2, 4, 2, 5))
case("einsumAlone", lambda a, b: torch.einsum("ijk,kl->lj", a, b), randn(2, 3, 5), randn(5, 4))
case("crossEntropyAmong", lambda x, e: F.cross_entropy(x @ e.T / 0.1, torch.tensor([0, 10, 5, 5]), reduction="none"), F.normalize(randn(4, 19), dim=-1), F.normalize(randn(11, 19), dim=-1))
case("layerNormOfSum", lambda a, b, w, c: F.layer_norm(a + b, (17,), w, c, 1e-5), randn(2, 3, 17), randn(2, 3, 17), randn(17), randn(17))
case("smoothL1", lambda x: F.smooth_l1_loss(x, torch.zeros_like(x), beta=0.7, reduction="none"), randn(3, 17))
case("sumAndLayerNorm", lambda a, b, w, c: (a + b) * F.layer_norm(a + b, (17,), w, c, 1e-5), randn(2, 3, 17), randn(2, 3, 17), randn(17), randn(17))
case("adding", lambda a, b: a + b, randn(2, 3, 17), randn(2, 3, 17))
case("placingRows", lambda x: torch.zeros(7, 9).double().index_copy(0, torch.tensor([4, 0, 6]), x), randn(3, 9))

save(__file__)
