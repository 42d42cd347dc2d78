"""Writes feed_forward.safetensors: gated feed-forward blocks in double precision.

  swiglu.x [2, 3, 6], swiglu.PATH       the input, and weights by our paths
  swiglu.y, swiglu.gradient.NAME        the value, and gradients of sum(y * swiglu.dy)

Source: Shazeer 2020, equation 6. Run: python Tests/Golden/feed_forward.py (torch 2.15)
"""

from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

torch.manual_seed(7)
width, inner = 6, 10
leaves = {
    name: torch.randn(shape, dtype=torch.float64).float().double().requires_grad_()
    for name, shape in {
        "x": (2, 3, width), "gate.weight": (inner, width), "inner.weight": (inner, width),
        "output.weight": (width, inner),
    }.items()
}
x, gate, up, down = leaves.values()
dy = torch.randn(2, 3, width, dtype=torch.float64).float().double()
y = F.linear(F.silu(F.linear(x, gate)) * F.linear(x, up), down)
(y * dy).sum().backward()
tensors = {**leaves, "y": y, "dy": dy} | {f"gradient.{n}": t.grad for n, t in leaves.items()}
save_file(
    {f"swiglu.{n}": t.detach().float().contiguous() for n, t in tensors.items()},
    Path(__file__).with_suffix(".safetensors"))
