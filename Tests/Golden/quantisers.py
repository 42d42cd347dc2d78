"""Quantisers of features in PyTorch's float64: a residual quantiser of projected codebooks as MuQ trains it (levels
of DAC), and BEST-RQ's random projection. Requires torch, numpy, safetensors.

A level is a weight-normed 1x1 convolution into few channels, the entry with the greatest cosine at its own length,
and a convolution back. Residuals are not detached.
"""

from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import weight_norm
from safetensors.torch import save_file

here = Path(__file__).parent
frames, width, projected, codes, levels, steps = 40, 6, 3, 7, 3, 10
tensors = {}


class Level(nn.Module):
    def __init__(self):
        super().__init__()
        self.input = weight_norm(nn.Conv1d(width, projected, 1))
        self.output = weight_norm(nn.Conv1d(projected, width, 1))
        self.entries = nn.Embedding(codes, projected)

    def forward(self, x):
        z = self.input(x)
        flat = z.squeeze(0).T
        cosines = F.normalize(flat, dim=1) @ F.normalize(self.entries.weight, dim=1).T
        best = cosines.topk(2, dim=1)
        self.margin = (best.values[:, 0] - best.values[:, 1]).min().item()
        chosen = best.indices[:, 0]
        entry = self.entries(chosen).T[None]
        commitment = F.mse_loss(z, entry.detach())
        codebook = F.mse_loss(entry, z.detach())
        return self.output(z + (entry - z).detach()), chosen, commitment, codebook


class Quantiser(nn.Module):
    def __init__(self):
        super().__init__()
        self.levels = nn.ModuleList(Level() for _ in range(levels))

    def forward(self, x):
        residual, total, found = x, torch.zeros_like(x), []
        commitment, codebook = 0.0, 0.0
        for level in self.levels:
            out, chosen, *losses = level(residual)
            commitment, codebook = commitment + losses[0], codebook + losses[1]
            total, residual = total + out, residual - out
            found.append(chosen)
        reconstruction = (x - total).abs().mean()
        return {
            "total": 0.25 * commitment + codebook + reconstruction, "commitment": commitment,
            "codebook": codebook, "reconstruction": reconstruction,
        }, torch.stack(found, dim=1)


def ours(name):
    name = name.replace("parametrizations.weight.original0", "gain")
    name = name.replace("parametrizations.weight.original1", "direction")
    return name.replace("entries.weight", "entries")


def laid(name, tensor):
    if name.endswith("gain"):
        return tensor.reshape(-1)
    return tensor.reshape(tensor.shape[:2]) if name.endswith("direction") else tensor


def keep(prefix, named):
    for name, tensor in named:
        tensors[f"{prefix}.{ours(name)}"] = laid(ours(name), tensor).detach().clone()


def projected_rvq():
    torch.manual_seed(7)
    mean = torch.randn(width).float().double()
    deviation = (torch.rand(width) + 0.5).float().double()
    # Several sounds, so that codes differ.
    batch = mean + deviation * (torch.randn(5, width)[torch.arange(frames) % 5]
                                + 0.4 * torch.randn(frames, width)).double()
    batch = batch.float().double()
    model = Quantiser().double()
    with torch.no_grad():
        for parameter in model.parameters():
            # Gains are not the lengths of their directions, where mistakes would not show.
            parameter += 0.1 * torch.randn_like(parameter)
            parameter.copy_(parameter.float().double())
    tensors.update({"rvq.frames": batch, "rvq.initial.statistics.mean": mean,
                    "rvq.initial.statistics.deviation": deviation})
    keep("rvq.initial", model.named_parameters())
    x = ((batch - mean) / deviation).T[None]
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for step in range(steps):
        terms, chosen = model(x)
        margin = min(level.margin for level in model.levels)
        assert margin > 1e-5, f"step {step}: two entries are nearly as near, {margin}"
        optimizer.zero_grad()
        terms["total"].backward()
        if step == 0:
            keep("rvq.gradient", [(n, p.grad) for n, p in model.named_parameters()])
            for name, value in terms.items():
                tensors[f"rvq.term.{name}"] = value.detach()
            tensors["rvq.codes"] = chosen
            assert all(len(column.unique()) > 2 for column in chosen.T), chosen
        losses.append(terms["total"].detach())
        optimizer.step()
    keep("rvq.final", model.named_parameters())
    tensors["rvq.losses"] = torch.stack(losses)
    print([round(float(loss), 4) for loss in losses])


def random_projection():
    torch.manual_seed(8)
    x = (3 * torch.randn(frames, width) + 2).float().double()
    mean, deviation = x.mean(0).float().double(), x.std(0, correction=0).float().double()
    tensors.update({"rp.frames": x, "rp.statistics.mean": mean, "rp.statistics.deviation": deviation})
    kinds = {"collection": (x - mean) / deviation, "frame": F.layer_norm(x, [width], eps=1e-5)}
    for book in range(2):
        projection = torch.randn(width, projected).float().double()
        vectors = F.normalize(torch.randn(codes, projected).double(), dim=1)
        tensors[f"rp.books.{book}.projection"] = projection
        tensors[f"rp.books.{book}.vectors"] = vectors
        for kind, standardised in kinds.items():
            distances = torch.cdist(F.normalize(standardised @ projection, dim=1), vectors)
            best = distances.topk(2, largest=False)
            assert (best.values[:, 1] - best.values[:, 0]).min() > 1e-5
            tensors[f"rp.codes.{kind}.{book}"] = best.indices[:, 0]


projected_rvq()
random_projection()
save_file(
    {n: (t.float() if t.is_floating_point() else t.int()).contiguous() for n, t in tensors.items()},
    here / "quantisers.safetensors")
