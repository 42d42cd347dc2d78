"""Golden values of the losses and measures of codec training, from PyTorch in float64.

Run: python Tests/Golden/codec_losses.py   (needs torch, safetensors)

The mel distance is written from the formulas of its documentation: torch.stft without centring over a signal that is
reflected by hand, and the triangles of torchaudio's melscale_fbanks (HTK, no norm).
"""

import math
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

tensors = {}


def keep(name, value):
    tensors[name] = torch.as_tensor(value).detach().float().clone().contiguous()


def triangles(bands, window, sample_rate, lowest):
    """[bands, bins]"""
    mel = lambda f: 2595 * math.log10(1 + f / 700)
    mels = torch.linspace(mel(lowest), mel(sample_rate / 2), bands + 2, dtype=torch.float64)
    hertz = 700 * (10 ** (mels / 2595) - 1)
    bins = torch.linspace(0, sample_rate / 2, window // 2 + 1, dtype=torch.float64)
    up = (bins[None] - hertz[:-2, None]) / (hertz[1:-1] - hertz[:-2])[:, None]
    down = (hertz[2:, None] - bins[None]) / (hertz[2:] - hertz[1:-1])[:, None]
    return torch.minimum(up, down).clamp(min=0)


def energies(x, window, bands, sample_rate, lowest):
    hop = window // 4
    margin = (window - hop) // 2
    x = F.pad(x[:, None], (margin, margin), mode="reflect")[:, 0]
    frames = math.ceil((x.shape[1] - window) / hop) + 1
    x = F.pad(x, (0, (frames - 1) * hop + window - x.shape[1]))
    hann = torch.hann_window(window, periodic=True, dtype=torch.float64)
    s = torch.stft(x, window, hop, window=hann, center=False, return_complex=True)
    power = s.abs() ** 2 / (hann**2).sum()
    return triangles(bands, window, sample_rate, lowest) @ power


def mel_distance(x, y, window, bands=64, sample_rate=24000, lowest=64.0, alpha=1.0):
    a, b = (energies(z, window, bands, sample_rate, lowest) for z in (x, y))
    logarithm = lambda e: torch.log10(e + 1e-5)
    return (a - b).abs().mean() + alpha * ((logarithm(a) - logarithm(b)) ** 2).mean()


def multi_scale_mel(x, y, windows, alpha=1.0, **settings):
    terms = [mel_distance(x, y, w, alpha=alpha, **settings) for w in windows]
    return sum(terms) / (len(terms) * (1 + alpha))


def with_gradient(name, loss, x, *others):
    x = x.double().requires_grad_()
    value = loss(x, *(o.double() for o in others))
    value.backward()
    keep(f"{name}.loss", value)
    keep(f"{name}.gradient", x.grad)


torch.manual_seed(41)
time = torch.arange(1201, dtype=torch.float64) / 24000
tone = lambda f, a: a * torch.sin(2 * math.pi * f * time)
original = torch.stack([tone(440, 0.5) + tone(5000, 0.01), tone(1500, 0.2)]).float()
original += 0.02 * torch.randn(2, 1201)
original[1, 700:] = 0  # silence, below the floor of the logarithm
reconstruction = (0.8 * original + 0.05 * torch.randn(2, 1201)).float()
keep("original", original)
keep("reconstruction", reconstruction)

for window in (32, 64, 512):
    with_gradient(f"mel.{window}", lambda x, y: mel_distance(x, y, window), reconstruction, original)
with_gradient("mel.paper", lambda x, y: multi_scale_mel(x, y, [32, 64, 128, 256, 512]), reconstruction, original)
with_gradient(
    "mel.other",
    lambda x, y: multi_scale_mel(x, y, [64, 128], alpha=0.25, bands=20, sample_rate=16000, lowest=0.0),
    reconstruction, original)



def signal_to_distortion(x, y, segment):
    """[segments]; the last one is completed with zeros."""
    stride = segment // 2
    count = 1 + math.ceil(max(0, len(y) - segment) / stride)
    missing = (count - 1) * stride + segment - len(y)
    x, y = (F.pad(z.double(), (0, missing)).unfold(0, segment, stride) for z in (x, y))
    x, y = (z - z.mean(1, keepdim=True) for z in (x, y))
    epsilon = torch.finfo(torch.float32).eps * segment
    part = (x * y).sum(1, keepdim=True) * y / (epsilon + (y * y).sum(1, keepdim=True))
    return 10 * torch.log10((epsilon + (part**2).sum(1)) / (epsilon + ((x - part) ** 2).sum(1)))


keep("ratio", torch.cat([signal_to_distortion(x, y, 1201) for x, y in zip(reconstruction, original)]))
keep("ratio.segments", signal_to_distortion(reconstruction[0], original[0], 500))


def log_mel(x):
    """[frames, bands] of a signal with zeros around it."""
    hann = torch.hann_window(2048, periodic=True, dtype=torch.float64)
    s = torch.stft(x.double(), 2048, 512, window=hann, pad_mode="constant", return_complex=True)
    return torch.log(triangles(80, 2048, 24000, 0.0) @ s.abs() ** 2 + 1e-5)


keep("logMel", (log_mel(reconstruction) - log_mel(original)).abs().mean())

save_file(tensors, Path(__file__).with_suffix(".safetensors"))
