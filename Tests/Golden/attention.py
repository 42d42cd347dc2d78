"""Writes attention.safetensors: attention to keys of another number, with a bias, causal, and all of these;
and frames turned by rotary positions.

Needs PyTorch 2.5 or later, where a row that attends to nothing is 0.
"""

import torch
import torch.nn.functional as F
from cases import case, randn, save

torch.manual_seed(31)


def attention(heads, lengths=None, causal=False):
    """Of q [B, Tq, D], k and v [B, Tk, D] and a bias that broadcasts to [B, heads, Tq, Tk]."""

    def of(q, k, v, bias=None):
        batch, queries, keys = q.shape[0], q.shape[1], k.shape[1]
        split = lambda x: x.unflatten(2, (heads, -1)).transpose(1, 2)
        allowed = torch.ones(batch, 1, queries, keys, dtype=torch.bool)
        if causal:
            allowed = allowed.tril()
        if lengths:
            allowed = allowed & (torch.arange(keys) < torch.tensor(lengths)[:, None, None, None])
        mask = torch.zeros(allowed.shape, dtype=q.dtype).masked_fill(~allowed, -torch.inf)
        if bias is not None:
            mask = mask + bias
        y = F.scaled_dot_product_attention(split(q), split(k), split(v), attn_mask=mask)
        return y.transpose(1, 2).flatten(2)

    return of


def frames(batch, queries, keys, width):
    return randn(batch, queries, width), randn(batch, keys, width), randn(batch, keys, width)


def excluding(*shape):
    """A bias that excludes every third key, the first two rows' first keys, and all keys of row 3."""
    bias = randn(*shape)
    bias[..., ::3] = -torch.inf
    bias[..., :2, :4] = -torch.inf
    bias[..., 3, :] = -torch.inf
    return bias


case("toMoreKeys", attention(3), *frames(2, 7, 19, 12))
case("toFewerKeys", attention(2, lengths=[5, 2]), *frames(2, 17, 5, 10))
case("bias", attention(2), *frames(2, 9, 9, 8), 2 * randn(2, 9, 9))
case("biasOfAllHeads", attention(3), *frames(2, 9, 5, 6), 2 * randn(1, 9, 5))
case("biasOfSamples", attention(2, lengths=[9, 4]), *frames(2, 6, 9, 4), 2 * randn(2, 2, 6, 9))
case("biasExcluding", attention(1), *frames(2, 6, 11, 4), excluding(1, 6, 11))
case("causal", attention(3, causal=True), *frames(2, 19, 19, 6))
case("causalToMoreKeys", attention(1, causal=True), *frames(2, 5, 9, 4))
case("causalToFewerKeys", attention(1, causal=True), *frames(2, 9, 5, 4))
case("causalInBlocks", attention(1, causal=True), *frames(1, 130, 130, 4))
case("causalPaddedWithBias", attention(2, [14, 3], causal=True), *frames(2, 11, 14, 6), randn(2, 11, 14))


def angles(frames, pairs):
    """Of pair i the frequency 1 / (i + 1), as float32."""
    frequencies = torch.tensor([1 / (i + 1) for i in range(pairs)], dtype=torch.float32)
    return (torch.arange(frames, dtype=torch.float32)[:, None] * frequencies).double()


def rotated_halves(x, heads, pairs):
    """As in transformers: x cos + (-second half, first half) sin, over the first channels of a head."""
    x = x.unflatten(2, (heads, -1))
    turned, rest = x[..., : 2 * pairs], x[..., 2 * pairs :]
    theta = torch.cat([angles(x.shape[1], pairs)] * 2, dim=-1)[:, None]
    a, b = turned.chunk(2, dim=-1)
    turned = turned * theta.cos() + torch.cat([-b, a], dim=-1) * theta.sin()
    return torch.cat([turned, rest], dim=-1).flatten(2)


def rotated_neighbours(x, heads, pairs):
    """As in RoFormer: neighbours as complex numbers."""
    x = torch.view_as_complex(x.unflatten(2, (heads, pairs, 2)))
    theta = angles(x.shape[1], pairs)[:, None]
    return torch.view_as_real(x * torch.polar(torch.ones_like(theta), theta)).flatten(2)


case("rotatedHalves", lambda x: rotated_halves(x, 2, 5), randn(2, 9, 20))
case("rotatedInPart", lambda x: rotated_halves(x, 3, 2), randn(2, 7, 21))
case("rotatedNeighbours", lambda x: rotated_neighbours(x, 2, 3), randn(2, 9, 12))

save(__file__)
