"""Golden values of the outer step that joins replicas (DiLoCo): PyTorch's SGD with Nesterov momentum, whose gradient is
the mean distance of the replicas from where they began.

Writes local_steps.safetensors:
  start.NAME                  parameters at the beginning
  replica.STEP.K.NAME         the K-th replica's before outer step STEP
  joined.STEP.NAME            all replicas' after it

Run: python Tests/Golden/local_steps.py (torch 2.13)
"""

from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

here = Path(__file__).parent
torch.set_default_dtype(torch.float64)
torch.manual_seed(5)
replicas, steps = 3, 4
tensors = {}
shared = {n: nn.Parameter(torch.randn(s).float().double()) for n, s in {"a": (3, 5), "b": (7,)}.items()}
for name, p in shared.items():
    tensors[f"start.{name}"] = p.detach().clone()
optimizer = torch.optim.SGD(shared.values(), lr=0.7, momentum=0.9, nesterov=True)
for step in range(1, steps + 1):
    for name, p in shared.items():
        moved = [(p.detach() + 0.1 * torch.randn_like(p)).float().double() for _ in range(replicas)]
        for k, m in enumerate(moved):
            tensors[f"replica.{step}.{k}.{name}"] = m
        p.grad = p.detach() - sum(moved) / replicas
    optimizer.step()
    for name, p in shared.items():
        tensors[f"joined.{step}.{name}"] = p.detach().clone()
save_file({n: t.float().contiguous() for n, t in tensors.items()}, here / "local_steps.safetensors")
