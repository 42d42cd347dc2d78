"""Writes recurrent.safetensors: PyTorch's LSTM in float64, of one layer, batch first."""

import torch

from cases import case, randn, save

torch.manual_seed(37)


def lstm(x, w, v, b, c, h=None, s=None):
    """[B, T, I] -> [B, T, H]; weights and biases in PyTorch's order, then the first state."""
    width = v.shape[1]
    state = [torch.zeros(x.shape[0], width).double() if t is None else t for t in (h, s)]
    return torch.lstm(x, [t[None] for t in state], [w, v, b, c], True, 1, 0.0, False, False, True)[0]


def weights(inputs, width):
    return 0.5 * randn(4 * width, inputs), randn(4 * width, width) / width**0.5, randn(4 * width), randn(4 * width)


case("lstm", lstm, randn(2, 9, 5), *weights(5, 6))
case("lstmFromState", lstm, randn(3, 7, 4), *weights(4, 19), randn(3, 19), randn(3, 19))
# More than 64 units, and a fifth row.
case("lstmWide", lstm, randn(5, 4, 2), *weights(2, 67))

save(__file__)
