"""Writes bfloat.safetensors: results and gradients of operations as PyTorch computes them in bfloat16.

For a case `c` with inputs x0, x1, ...: `c.x0`, ..., the result `c.y`, the weights `c.w` of the scalar
loss sum(y * w), and its gradients `c.dx0`, .... Every number is one that bfloat16 holds, stored as
float32. Convolution weights are stored as we keep them.
"""

from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

torch.manual_seed(21)
tensors = {}


def case(name, function, *inputs):
    inputs = [x.bfloat16().requires_grad_() for x in inputs]
    y = function(*inputs)
    w = torch.randn(y.shape).bfloat16()
    y.backward(w)
    for i, x in enumerate(inputs):
        tensors[f"{name}.x{i}"] = x.detach().float().contiguous()
        tensors[f"{name}.dx{i}"] = x.grad.float().contiguous()
    tensors[f"{name}.y"] = y.detach().float().contiguous()
    tensors[f"{name}.w"] = w.float().contiguous()


def conv(x, w, b, **options):
    """[B, T, I] by [O, K, I / groups]."""
    return F.conv1d(x.transpose(1, 2), w.permute(0, 2, 1), b, **options).transpose(1, 2)


randn = torch.randn
case("add", lambda a, b: a + b, randn(2, 3, 5), randn(2, 3, 5))
case("gelu", F.gelu, 3 * randn(5, 33))
case("matmul", lambda a, b: a @ b, randn(3, 7, 33), randn(3, 33, 5))
case("linear", F.linear, randn(2, 7, 33), randn(17, 33), randn(17))
case("layerNorm", lambda x, w, b: F.layer_norm(x, x.shape[-1:], w, b, 1e-5), 3 * randn(2, 5, 37) + 1, randn(37), randn(37))
case("conv1d", lambda x, w, b: conv(x, w, b, stride=2), randn(2, 40, 24), randn(10, 3, 24), randn(10))
case("groupedConv1d", lambda x, w, b: conv(x, w, b, groups=3, padding=8), randn(2, 30, 12), randn(12, 16, 4), randn(12))

save_file(tensors, Path(__file__).parent / "bfloat.safetensors")
