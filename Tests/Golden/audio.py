"""Golden features for the tests of Audio, from torchaudio, librosa, nnAudio and soxr.

Run: python Tests/Golden/audio.py   (needs torch, torchaudio, librosa, nnAudio, soxr, safetensors)

The signal is a formula that the tests repeat in Swift; only a few frames of each result are kept.
"""

from pathlib import Path

import librosa
import numpy as np
import soxr
import torch
import torchaudio
from nnAudio.features.cqt import CQT1992v2
from safetensors.numpy import save_file

KEPT = {}


def signal(seconds: float, rate: int) -> np.ndarray:
    """Four plucked notes under noise that a small generator draws; Double, then float32."""
    count = int(round(seconds * rate))
    t = np.arange(count) / rate
    x = np.zeros(count)
    for number, pitch in enumerate([110.0, 277.18, 659.26, 1760.0]):
        since = t - 0.2 * number
        note = np.exp(-3 * np.maximum(since, 0)) * np.sin(2 * np.pi * pitch * since)
        x += np.where(since >= 0, 0.2 * note, 0.0)
    n = np.arange(count, dtype=np.uint64)
    noise = ((n * np.uint64(2654435761)) % np.uint64(65536)).astype(np.float64) / 65536 - 0.5
    return (x + 0.01 * noise).astype(np.float32)


def keep(name: str, features: np.ndarray, frames: int) -> None:
    """Keeps `frames` of the rows of `[T, D]`, spread evenly with both ends, and their numbers."""
    rows = np.unique(np.linspace(0, len(features) - 1, frames).astype(np.int32))
    KEPT[name] = np.ascontiguousarray(features[rows], dtype=np.float32)
    KEPT[name + ".rows"] = rows
    KEPT[name + ".count"] = np.array([len(features)], dtype=np.int32)


def mfcc(rate: int, coefficients: int) -> None:
    x = torch.from_numpy(signal(1.5, rate))[None]
    c = torchaudio.compliance.kaldi.mfcc(
        x, sample_frequency=rate, use_energy=False, num_ceps=coefficients
    ).T
    d = torchaudio.functional.compute_deltas(c)
    dd = torchaudio.functional.compute_deltas(d)
    keep(f"mfcc{3 * coefficients}.{rate}", torch.cat([c, d, dd]).T.numpy(), 12)


def cqt(rate: int, hop: int, seconds: float, bins: int, per_octave: int, frames: int) -> None:
    layer = CQT1992v2(
        sr=rate, hop_length=hop, fmin=32.7, n_bins=bins, bins_per_octave=per_octave,
        pad_mode="constant", verbose=False,
    ).double()
    x = torch.from_numpy(signal(seconds, rate)).double()
    keep(f"cqt{bins}.{rate}.{hop}.{seconds:g}s", layer(x)[0].T.detach().numpy(), frames)


def mel(rate: int) -> None:
    x = signal(1.5, rate)
    slaney = librosa.feature.melspectrogram(y=x, sr=rate, n_fft=2048, hop_length=rate // 75)
    keep(f"mel128.{rate}", slaney.T, 8)
    htk = torchaudio.transforms.MelSpectrogram(
        rate, n_fft=2048, hop_length=rate // 50, f_min=30.0, n_mels=229, pad_mode="constant"
    )(torch.from_numpy(x))
    keep(f"mel229.{rate}", htk.T.numpy(), 6)


def chroma(rate: int, bins: int, fft: int, window: int) -> None:
    x = signal(1.5, rate)
    c = librosa.feature.chroma_stft(
        y=x, sr=rate, n_fft=fft, win_length=window, hop_length=rate // 50, n_chroma=bins, tuning=0
    )
    keep(f"chroma{bins}.{rate}", c.T, 8)


def resample(old: int, new: int) -> None:
    y = soxr.resample(signal(0.5, old), old, new)
    KEPT[f"soxr.{old}.{new}"] = np.ascontiguousarray(y[:: max(1, len(y) // 400)])
    KEPT[f"soxr.{old}.{new}.count"] = np.array([len(y)], dtype=np.int32)


mfcc(16_000, 13)
mfcc(24_000, 13)
mfcc(24_000, 20)
cqt(24_000, 320, 2.0, 336, 48, 10)
cqt(24_000, 480, 2.0, 336, 48, 6)
cqt(16_000, 160, 1.0, 84, 12, 8)
cqt(24_000, 320, 15.0, 336, 48, 14)
mel(24_000)
chroma(24_000, 12, 2048, 2048)
chroma(24_000, 264, 512, 512)
resample(44_100, 24_000)
resample(48_000, 16_000)
resample(16_000, 24_000)
save_file(KEPT, Path(__file__).with_name("audio.safetensors"))
