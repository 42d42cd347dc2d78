"""Golden values of the training of a tiny codec, from PyTorch in float64: loss terms, every gradient, ten steps.

Run: python Tests/Golden/codec_training.py   (needs torch, safetensors; runs codec_losses.py, whose mel distance it takes)

Encoder and decoder are written from the published layers (causal, reflected ends, weight norm, one LSTM layer), the
quantiser in the straight-through form with detached levels, the codebooks by running means without replacement, the
balancer from the paper's formula, Adam with epsilon beside the uncorrected root. Codebooks are given.
"""

import math
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

from codec_losses import multi_scale_mel

FILTERS, STRIDES, WIDTH, KERNEL, RESIDUAL_KERNEL = 4, [2, 4], 6, 5, 3
CODEBOOKS, CODES, DECAY, EPSILON = 3, 8, 0.9, 1e-5
BATCH, SAMPLES, STEPS, RATE, BETAS, ADAM_EPSILON = 3, 120, 10, 1e-3, (0.5, 0.9), 1e-8
WEIGHTS, COMMITMENT, BALANCER_DECAY = {"time": 0.1, "mel": 1.0}, 0.5, 0.9
torch.manual_seed(15)


def rounded(x):
    """Float32 numbers, so that both sides start from the same values."""
    return x.float().double()


# Parameters, under the paths and in the layouts of the Swift module.

parameters = {}


def convolution(path, first, taps, last, bias):
    weight = rounded(torch.randn(first, taps, last) / math.sqrt(taps * last))
    parameters[path + ".weight"] = weight
    parameters[path + ".gain"] = rounded(weight.flatten(1).norm(dim=1) * (0.8 + 0.4 * torch.rand(first)))
    parameters[path + ".bias"] = rounded(0.1 * torch.randn(bias))


def unit(path, width):
    convolution(path + ".narrowing", width // 2, RESIDUAL_KERNEL, width, width // 2)
    convolution(path + ".widening", width, 1, width // 2, width)
    convolution(path + ".shortcut", width, 1, width, width)


def lstm(path, width):
    for name, shape in [("inputWeight", (4 * width, width)), ("hiddenWeight", (4 * width, width)),
                        ("inputBias", (4 * width,)), ("hiddenBias", (4 * width,))]:
        parameters[f"{path}.layers.0.{name}"] = rounded((2 * torch.rand(shape) - 1) / math.sqrt(width))


inner = FILTERS << len(STRIDES)
convolution("codec.encoder.input", FILTERS, KERNEL, 1, FILTERS)
for i, s in enumerate(STRIDES):
    unit(f"codec.encoder.stages.{i}.units.0", FILTERS << i)
    convolution(f"codec.encoder.stages.{i}.shortening", FILTERS << i + 1, 2 * s, FILTERS << i, FILTERS << i + 1)
lstm("codec.encoder.lstm", inner)
convolution("codec.encoder.output", WIDTH, KERNEL, inner, WIDTH)
convolution("codec.decoder.input", inner, KERNEL, WIDTH, inner)
lstm("codec.decoder.lstm", inner)
for i, s in enumerate(reversed(STRIDES)):
    width = inner >> i
    # A transposed convolution's weight begins with the channels that enter, and so do its lengths.
    convolution(f"codec.decoder.stages.{i}.lengthening", width, 2 * s, width // 2, width // 2)
    unit(f"codec.decoder.stages.{i}.units.0", width // 2)
convolution("codec.decoder.output", 1, KERNEL, FILTERS, 1)

# The model.


def normed(path):
    v = parameters[path + ".weight"]
    return parameters[path + ".gain"][:, None, None] * v / v.flatten(1).norm(dim=1)[:, None, None]


def conv(path, x, stride=1):
    """[B, C, T]"""
    w = normed(path).permute(0, 2, 1)
    left, right = w.shape[2] - stride, -x.shape[2] % stride
    return F.conv1d(F.pad(x, (left, right), mode="reflect"), w, parameters[path + ".bias"], stride)


def transposed(path, x, stride):
    w = normed(path).permute(0, 2, 1)
    return F.conv_transpose1d(x, w, parameters[path + ".bias"], stride)[..., :x.shape[2] * stride]


def residual(path, x):
    return conv(path + ".shortcut", x) + conv(path + ".widening", F.elu(conv(path + ".narrowing", F.elu(x))))


def recurrent(path, x):
    w = {n: parameters[f"{path}.layers.0.{n}"] for n in ("inputWeight", "hiddenWeight", "inputBias", "hiddenBias")}
    h = c = torch.zeros(x.shape[0], x.shape[1], dtype=torch.float64)
    outputs = []
    for t in range(x.shape[2]):
        gates = x[..., t] @ w["inputWeight"].T + w["inputBias"] + h @ w["hiddenWeight"].T + w["hiddenBias"]
        i, f, g, o = gates.chunk(4, dim=1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
        outputs.append(h)
    return torch.stack(outputs, 2) + x


def encoded(x):
    """[B, L] -> [B, D, T]"""
    x = conv("codec.encoder.input", x[:, None])
    for i, s in enumerate(STRIDES):
        x = residual(f"codec.encoder.stages.{i}.units.0", x)
        x = conv(f"codec.encoder.stages.{i}.shortening", F.elu(x), s)
    return conv("codec.encoder.output", F.elu(recurrent("codec.encoder.lstm", x)))


def decoded(z):
    x = recurrent("codec.decoder.lstm", conv("codec.decoder.input", z))
    for i, s in enumerate(reversed(STRIDES)):
        x = residual(f"codec.decoder.stages.{i}.units.0", transposed(f"codec.decoder.stages.{i}.lengthening", F.elu(x), s))
    return conv("codec.decoder.output", F.elu(x))[:, 0, :SAMPLES]


# The quantiser.

margins = []


def quantized(rows, codebooks):
    """[N, D]: straight through, the commitment, and codes and residuals for the running means."""
    remainder, total, commitment, seen = rows, 0, 0, []
    for book in codebooks:
        distances = torch.cdist(remainder.detach(), book["vectors"])
        two = distances.topk(2, largest=False).values
        margins.append((two[:, 1] - two[:, 0]).min().item())
        codes = distances.argmin(1)
        entries = book["vectors"][codes]
        commitment = commitment + F.mse_loss(remainder, entries)
        seen.append((codes, remainder.detach()))
        total, remainder = total + entries, remainder - entries
    return rows + (total - rows).detach(), commitment / len(codebooks), seen


def averaged(book, codes, rows):
    counts = torch.bincount(codes, minlength=CODES).double()
    sums = torch.zeros_like(book["sums"]).index_add(0, codes, rows)
    sizes = DECAY * book["clusterSizes"] + (1 - DECAY) * counts
    book["clusterSizes"], book["sums"] = sizes, DECAY * book["sums"] + (1 - DECAY) * sums
    n = sizes.sum()
    book["vectors"] = book["sums"] / ((sizes + EPSILON) / (n + CODES * EPSILON) * n)[:, None]


# Losses and steps.


def waveform_losses(y, x):
    mel = multi_scale_mel(y, x, [8, 16, 32], bands=5, sample_rate=8000, lowest=64.0)
    return {"time": (y - x).abs().mean(), "mel": mel}


def forward(x, codebooks, balance):
    """The terms, and the gradient of every parameter."""
    for p in parameters.values():
        p.requires_grad_().grad = None
    z = encoded(x)
    rows, commitment, seen = quantized(z.permute(0, 2, 1).reshape(-1, WIDTH), codebooks)
    y = decoded(rows.reshape(x.shape[0], -1, WIDTH).permute(0, 2, 1))
    losses = waveform_losses(y, x)
    (COMMITMENT * commitment).backward(retain_graph=True)
    if balance is None:
        sum(WEIGHTS[n] * losses[n] for n in losses).backward()
    else:
        balanced(losses, y, balance)
    return {**losses, "commitment": commitment}, seen


def balanced(losses, y, balance):
    gradients = {n: torch.autograd.grad(l, y, retain_graph=True)[0] for n, l in losses.items()}
    balance["weight"] = balance.get("weight", 0) * BALANCER_DECAY + 1
    direction = 0
    for n, g in gradients.items():
        balance[n] = balance.get(n, 0) * BALANCER_DECAY + g.norm(dim=1).mean()
        direction = direction + WEIGHTS[n] / sum(WEIGHTS.values()) * g / (1e-12 + balance[n] / balance["weight"])
    y.backward(direction)


def adam(moments, step):
    for n, p in parameters.items():
        m, v = moments.setdefault(n, (torch.zeros_like(p), torch.zeros_like(p)))
        m = BETAS[0] * m + (1 - BETAS[0]) * p.grad
        v = BETAS[1] * v + (1 - BETAS[1]) * p.grad**2
        moments[n] = (m, v)
        correction = math.sqrt(1 - BETAS[1] ** step) / (1 - BETAS[0] ** step)
        parameters[n] = (p - RATE * correction * m / (v.sqrt() + ADAM_EPSILON)).detach()


tensors = {}


def keep(name, value):
    tensors[name] = torch.as_tensor(value).detach().float().clone().contiguous()


time = torch.arange(SAMPLES) / 8000
audio = torch.stack([
    torch.stack([(0.2 + 0.5 * torch.rand(1)) * torch.sin(2 * math.pi * (100 + 1500 * torch.rand(1)) * time + 6 * torch.rand(1))
                 + 0.05 * torch.randn(SAMPLES) for _ in range(BATCH)]) for _ in range(STEPS)])
audio = rounded(audio)
codebooks = []
for q in range(CODEBOOKS):
    sizes = rounded(1 + 9 * torch.rand(CODES))
    vectors = rounded(torch.randn(CODES, WIDTH) / (1 + q))
    codebooks.append({"clusterSizes": sizes, "vectors": vectors, "sums": rounded(vectors * sizes[:, None])})


def keep_state(prefix):
    for n, p in parameters.items():
        keep(f"{prefix}.{n}", p)
    for q, book in enumerate(codebooks):
        for n, b in book.items():
            keep(f"{prefix}.codec.quantizer.codebooks.{q}.{n}", b)
        keep(f"{prefix}.codec.quantizer.codebooks.{q}.isInitialized", torch.ones(1))


keep("audio", audio)
keep_state("start")
for name, balance in [("summed", None), ("balanced", {})]:
    terms, _ = forward(audio[0], codebooks, balance)
    for n, t in terms.items():
        keep(f"{name}.term.{n}", t)
    for n, p in parameters.items():
        keep(f"{name}.gradient.{n}", p.grad)

balance, moments, losses = {}, {}, []
for step in range(STEPS):
    terms, seen = forward(audio[step], codebooks, balance)
    losses.append(sum({**WEIGHTS, "commitment": COMMITMENT}[n] * t for n, t in terms.items()).item())
    adam(moments, step + 1)
    for book, (codes, rows) in zip(codebooks, seen):
        averaged(book, codes, rows)
keep("losses", torch.tensor(losses))
keep_state("end")
keep("end.balancer.weight", torch.tensor([balance["weight"]]))
keep("end.balancer.lengths", torch.stack([balance["time"], balance["mel"]]))
print("least margin of a nearest entry:", min(margins))
print("losses:", [f"{l:.4f}" for l in losses])
save_file(tensors, Path(__file__).with_suffix(".safetensors"))
