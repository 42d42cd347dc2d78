"""Writes types.safetensors: every element type that SafeTensors.swift reads, by the reference writer."""

from pathlib import Path

import torch
from safetensors.torch import save_file

here = Path(__file__).parent
values = torch.tensor([[0.5, -1.25, 3.0], [65504.0, -0.0, 2.0**-24]])
save_file(
    {
        "float32": values,
        "float16": values.to(torch.float16),
        "bfloat16": values.to(torch.bfloat16),
        "int32": torch.tensor([-(2**31), 0, 2**31 - 1], dtype=torch.int32),
        "int64": torch.tensor([-7, 8], dtype=torch.int64),
        "large": torch.tensor([2**31], dtype=torch.int64),
        "double": torch.tensor(1.0, dtype=torch.float64),
        "empty": torch.zeros(0, 3),
        "scalar": torch.tensor(2.5),
    },
    here / "types.safetensors",
    metadata={"format": "pt"},
)
