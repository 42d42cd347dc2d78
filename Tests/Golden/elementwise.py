"""Writes elementwise.safetensors: activations, functions and selections in PyTorch's float64."""

import torch
import torch.nn.functional as F

from cases import case, randn, save

torch.manual_seed(31)

# Numbers of every size: near 0, where formulas cancel, and far away, where they saturate.
spread = torch.cat([3 * randn(17), 1e-4 * randn(8), 40 * randn(8)])
halves = (2 * randn(3, 17)).round() / 2
other_halves = (2 * randn(3, 17)).round() / 2
mask = (randn(3, 1) > 0).double()

case("tanh", torch.tanh, spread)
case("sigmoid", torch.sigmoid, spread)
case("logSigmoid", F.logsigmoid, spread)
case("softplus", lambda x: F.softplus(x, threshold=1e9), spread)
case("relu", F.relu, spread)
case("elu", lambda x: F.elu(x, 0.7), spread)
case("silu", F.silu, spread)
case("glu", F.glu, 3 * randn(2, 3, 10))
case("abs", torch.abs, spread)
case("sin", torch.sin, spread)
case("cos", torch.cos, spread)
case("raised", lambda x: x**-1.7, randn(3, 17).abs() + 0.01)
case("cubed", lambda x: x**3, spread)
case("clamped", lambda x: x.clamp(-0.5, 1), halves)
case("clampedBelow", lambda x: x.clamp(min=0.5), halves)
case("maximumOfTwo", torch.maximum, halves, other_halves)
case("minimumOfTwo", torch.minimum, halves, other_halves)
case("maximumWithRow", torch.maximum, randn(3, 1, 4), randn(5, 1))
case("maximumWithNumber", lambda x: torch.maximum(x, torch.tensor(0.5, dtype=torch.float64)), halves)
case("replacing", lambda x, y, m: torch.where(m != 0, y, x), randn(3, 17), randn(17), mask, fixed=[2])
case("replacingWithNumber", lambda x, m: x.masked_fill(m != 0, -2), randn(3, 17), mask, fixed=[1])
case("leakyReLU", lambda x: F.leaky_relu(x, 0.3), spread)

save(__file__)
