"""What the scripts of `GoldenTests` share: a case in PyTorch's float64, and the file of all of them.

For a case `c` with inputs x0, x1, ...: `c.x0`, ..., the result `c.y`, the weights `c.w` of the scalar
loss sum(y * w), and its gradients `c.dx0`, ... . An input in `fixed`, a mask for instance, has no
gradient.
"""

from pathlib import Path

import torch
from safetensors.torch import save_file

tensors = {}


def case(name, function, *inputs, fixed=()):
    """Inputs are float32 numbers, so that both sides start from the same values."""
    inputs = [x.float().double().requires_grad_(i not in fixed) for i, x in enumerate(inputs)]
    y = function(*inputs)
    w = torch.randn(y.shape, dtype=torch.float32).double()
    (y * w).sum().backward()
    for i, x in enumerate(inputs):
        tensors[f"{name}.x{i}"] = stored(x)
        if i not in fixed:
            tensors[f"{name}.dx{i}"] = stored(x.grad)
    tensors[f"{name}.y"] = stored(y)
    tensors[f"{name}.w"] = stored(w)


def stored(x):
    return x.detach().float().clone().contiguous()


def randn(*shape):
    return torch.randn(*shape, dtype=torch.float64)


def save(script):
    """Writes all cases beside the script, under its name."""
    save_file(tensors, Path(script).with_suffix(".safetensors"))
