"""Writes convolution.safetensors: padding, and convolutions with all that PyTorch's have, in float64.

Signals are [B, T, C], weights stored as we keep them.
"""

import torch
import torch.nn.functional as F

from cases import case, randn, save

torch.manual_seed(33)


def pad(x, left, right, mode):
    return F.pad(x.transpose(1, 2), (left, right), mode).transpose(1, 2)


def conv(x, w, b, left=0, right=0, **options):
    """[B, T, I] by [O, K, I / groups]."""
    x = F.pad(x.transpose(1, 2), (left, right))
    return F.conv1d(x, w.permute(0, 2, 1), b, **options).transpose(1, 2)


def transposed(x, w, b, **options):
    """[B, T, I] by [I, K, O / groups]."""
    return F.conv_transpose1d(x.transpose(1, 2), w.permute(0, 2, 1), b, **options).transpose(1, 2)


case("padZeros", lambda x: pad(x, 3, 1, "constant"), randn(2, 5, 3))
case("padReflect", lambda x: pad(x, 4, 2, "reflect"), randn(2, 5, 3))
case("padReplicate", lambda x: pad(x, 7, 2, "replicate"), randn(2, 5, 3))
case("padded", lambda x, w, b: conv(x, w, b, 4, 1, stride=2), randn(2, 21, 9), randn(7, 5, 9), randn(7))
case("paddedWaveform", lambda x, w: conv(x, w, None, 3, 3), randn(2, 40, 1), randn(5, 7, 1))
case("causal", lambda x, w, b: conv(x, w, b, 6, 0, dilation=3), randn(2, 21, 9), randn(7, 3, 9), randn(7))
case("dilated", lambda x, w, b: conv(x, w, b, dilation=4, stride=3), randn(2, 40, 5), randn(6, 3, 5), randn(6))
case("groups", lambda x, w, b: conv(x, w, b, 2, 5, stride=2, dilation=2, groups=3), randn(2, 30, 12), randn(9, 4, 4), randn(9))
case("groupsOneSided", lambda x, w, b: conv(x, w, b, 3, 0, groups=3), randn(2, 20, 12), randn(6, 4, 4), randn(6))
case("groupsFarPadded", lambda x, w: conv(x, w, None, 5, 3, groups=2), randn(2, 4, 6), randn(4, 3, 3))
case("depthwise", lambda x, w, b: conv(x, w, b, 15, 15, groups=21), randn(2, 40, 21), randn(21, 31, 1), randn(21))
case("depthwiseCausal", lambda x, w, b: conv(x, w, b, 8, 0, dilation=2, groups=6), randn(2, 17, 6), randn(6, 5, 1), randn(6))
case("depthwiseStrided", lambda x, w: conv(x, w, None, 2, 2, stride=2, groups=6), randn(2, 17, 6), randn(6, 5, 1))
case("depthwiseNarrowed", lambda x, w: conv(x, w, None, groups=6), randn(2, 17, 6), randn(6, 4, 1))
case("transposed", lambda x, w, b: transposed(x, w, b, stride=4), randn(2, 9, 7), randn(7, 8, 5), randn(5))
case("transposedTrimmed", lambda x, w, b: transposed(x, w, b, stride=3, padding=2, output_padding=1), randn(2, 9, 7), randn(7, 5, 4), randn(4))
case("transposedGroups", lambda x, w, b: transposed(x, w, b, stride=2, dilation=3, groups=2, padding=1), randn(2, 9, 6), randn(6, 3, 4), randn(8))
case("transposedSparse", lambda x, w: transposed(x, w, None, stride=5), randn(2, 6, 3), randn(3, 2, 4))


def plane(x, w, b, **options):
    """[B, T, F, I] by [O, K, L, I]."""
    return F.conv2d(x.permute(0, 3, 1, 2), w.permute(0, 3, 1, 2), b, **options).permute(0, 2, 3, 1)


case("plane", plane, randn(2, 5, 6, 3), randn(4, 3, 2, 3), randn(4))
case("planeStrided", lambda x, w, b: plane(x, w, b, stride=(1, 2), dilation=(2, 1), padding=(2, 4)), randn(2, 6, 13, 5), randn(7, 3, 9, 5), randn(7))
case("planeDilated", lambda x, w: plane(x, w, None, stride=(3, 1), dilation=(1, 3), padding=(1, 0)), randn(2, 8, 9, 4), randn(3, 2, 3, 4))

save(__file__)
