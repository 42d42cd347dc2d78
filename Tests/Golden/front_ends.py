"""Golden spectra and features for the tests of the front ends, from torch, torchaudio, librosa, nnAudio.

Run: python Tests/Golden/front_ends.py   (needs torch, torchaudio, librosa, nnAudio, safetensors)

The signal is that of audio.py, which the tests repeat in Swift; every result keeps a few of its frames.
Names are those of the tests' cases.
"""

import warnings
from pathlib import Path

import librosa
import numpy as np
import torch
import torchaudio
from nnAudio.features.cqt import CQT1992v2
from safetensors.numpy import save_file

warnings.filterwarnings("ignore")
kaldi = torchaudio.compliance.kaldi
KEPT = {}


def signal(samples: int, rate: int, noise_level: float = 0.01) -> np.ndarray:
    """Four plucked notes under noise that a small generator draws; Double, then float32."""
    t = np.arange(samples) / rate
    x = np.zeros(samples)
    for number, pitch in enumerate([110.0, 277.18, 659.26, 1760.0]):
        since = t - 0.2 * number
        note = np.exp(-3 * np.maximum(since, 0)) * np.sin(2 * np.pi * pitch * since)
        x += np.where(since >= 0, 0.2 * note, 0.0)
    n = np.arange(samples, dtype=np.uint64)
    noise = ((n * np.uint64(2654435761)) % np.uint64(65536)).astype(np.float64) / 65536 - 0.5
    return (x + noise_level * noise).astype(np.float32)


def keep(name: str, features, frames: int = 3) -> None:
    """Keeps `frames` of the rows of `[T, ...]`, spread evenly with both ends, and their numbers."""
    features = np.asarray(features)
    rows = np.unique(np.linspace(0, len(features) - 1, frames).astype(np.int32))
    KEPT[name] = np.ascontiguousarray(features[rows].reshape(len(rows), -1), dtype=np.float32)
    KEPT[name + ".rows"] = rows
    KEPT[name + ".count"] = np.array([len(features)], dtype=np.int32)


def stft(samples: int) -> None:
    """In double, so that what differs is ours."""
    x = signal(samples, 24_000).astype(np.float64)
    zeros = librosa.stft(x, n_fft=256, win_length=200, hop_length=77, dtype=np.complex128)
    keep(f"stft.zeros.{samples}", np.stack([zeros.real, zeros.imag], -1).transpose(1, 0, 2))
    window = torch.hann_window(256, dtype=torch.float64)
    for name, centred in [("reflection", True), ("none", False)]:
        s = torch.stft(
            torch.from_numpy(x), 256, 77, window=window, center=centred, pad_mode="reflect",
            return_complex=True,
        )
        keep(f"stft.{name}.{samples}", torch.view_as_real(s).transpose(0, 1))


def mel(scale: str, norm: str | None, power: int, padding: str, samples: int) -> None:
    """torchaudio, in double, at 24 kHz with 75 frames a second."""
    layer = torchaudio.transforms.MelSpectrogram(
        24_000, n_fft=1024, hop_length=320, n_mels=80, f_min=40.0, power=power, norm=norm,
        mel_scale=scale, pad_mode={"zeros": "constant", "reflection": "reflect"}[padding],
    ).double()
    energies = layer(torch.from_numpy(signal(samples, 24_000)).double())
    name = f"mel.{scale}.{norm or 'none'}.{power}.{padding}.{samples}"
    keep(name, energies.T)
    to_decibels = torchaudio.transforms.AmplitudeToDB("power" if power == 2 else "magnitude")
    if norm is None:
        keep(name + ".logarithmic", torch.log(energies + 1e-5).T)
        keep(name + ".decibels", to_decibels(energies).T)


def kaldi_mel(samples: int) -> None:
    """Kaldi's triangles over a centred STFT."""
    banks, _ = kaldi.get_mel_banks(80, 1024, 24_000.0, 40.0, 12_000.0, 100.0, -500.0, 1.0)
    x = signal(samples, 24_000).astype(np.float64)
    power = np.abs(librosa.stft(x, n_fft=1024, hop_length=320, dtype=np.complex128)) ** 2
    keep(f"mel.kaldi.none.2.zeros.{samples}", power[:-1].T @ banks.double().numpy().T)


def log_mel_229(samples: int) -> None:
    layer = torchaudio.transforms.MelSpectrogram(
        24_000, n_fft=2048, hop_length=320, n_mels=229, f_min=30.0, pad_mode="constant"
    ).double()
    keep("logmel229", torch.log(layer(torch.from_numpy(signal(samples, 24_000)).double()) + 1e-5).T)


def filter_bank_and_mfcc(rate: int, samples: int, shift_ms: float, coefficients: int) -> None:
    for name, x in [("", signal(samples, rate)), (".silence", np.zeros(samples, np.float32))]:
        x = torch.from_numpy(x)[None]
        options = dict(sample_frequency=rate, frame_shift=shift_ms)
        case = f"{rate}.{samples}.{shift_ms:g}ms.{coefficients}{name}"
        keep(f"fbank.{case}", kaldi.fbank(x, num_mel_bins=40, **options))
        c = kaldi.mfcc(x, use_energy=False, num_ceps=coefficients, **options).T
        d = torchaudio.functional.compute_deltas(c)
        keep(f"mfcc.{case}", torch.cat([c, d, torchaudio.functional.compute_deltas(d)]).T)


def quiet_mfcc(rate: int, samples: int) -> None:
    """Under so little noise that most bands lie some 70 dB below the loudest: torchaudio's own float32 is
    off by 3e-3 there, so the reference is torchaudio in double, of the same float32 samples."""
    def mfcc(x):
        c = kaldi.mfcc(x[None], sample_frequency=rate, use_energy=False).T
        d = torchaudio.functional.compute_deltas(c)
        return torch.cat([c, d, torchaudio.functional.compute_deltas(d)]).T

    x = torch.from_numpy(signal(samples, rate, noise_level=3e-4))
    keep(f"mfcc.quiet.{rate}.{samples}", mfcc(x.double()), 6)
    keep(f"mfcc.quiet.float32.{rate}.{samples}", mfcc(x), 6)


def chroma(bins: int, fft: int, window: int, tuning: float, samples: int) -> None:
    c = librosa.feature.chroma_stft(
        y=signal(samples, 24_000), sr=24_000, n_fft=fft, win_length=window, hop_length=480,
        n_chroma=bins, tuning=tuning,
    )
    keep(f"chroma.{bins}.{fft}.{window}.{tuning:g}.{samples}", c.T)


def cqt(rate: int, hop: int, samples: int, bins: int, per_octave: int) -> None:
    layer = CQT1992v2(
        sr=rate, hop_length=hop, fmin=32.7, n_bins=bins, bins_per_octave=per_octave,
        pad_mode="constant", verbose=False,
    ).double()
    x = torch.from_numpy(signal(samples, rate)).double()
    keep(f"cqt.{rate}.{hop}.{samples}.{bins}", layer(x)[0].T.detach(), 4)


def mel_gradient(scale: str, norm: str | None, power: int, padding: str) -> None:
    """Of `Σ w log(mel + 1e-5)` with `w` counting the elements, with respect to two waveforms."""
    layer = torchaudio.transforms.MelSpectrogram(
        8000, n_fft=128, hop_length=50, n_mels=20, power=power, norm=norm, mel_scale=scale,
        pad_mode={"zeros": "constant", "reflection": "reflect"}[padding],
    ).double()
    x = torch.from_numpy(signal(1202, 8000).reshape(2, 601)).double().requires_grad_()
    y = torch.log(layer(x).transpose(1, 2) + 1e-5)
    weights = torch.arange(y.numel(), dtype=torch.float64).reshape(y.shape) % 7 - 3
    (y * weights).sum().backward()
    KEPT[f"gradient.{scale}.{power}.{padding}"] = x.grad.float().numpy()


for count in [1000, 257]:
    stft(count)
for scale in ["htk", "slaney"]:
    for norm in [None, "slaney"]:
        for power in [1, 2]:
            mel(scale, norm, power, "zeros", 12_347)
mel("htk", None, 2, "reflection", 12_347)
mel("slaney", "slaney", 2, "zeros", 100)
kaldi_mel(12_347)
log_mel_229(24_001)
filter_bank_and_mfcc(24_000, 12_347, 10, 13)
filter_bank_and_mfcc(16_000, 8001, 20, 20)
filter_bank_and_mfcc(22_050, 551, 10, 13)
quiet_mfcc(24_000, 12_347)
chroma(12, 2048, 2048, 0, 12_347)
chroma(12, 2048, 2048, 0.07, 12_347)
chroma(264, 1024, 600, 0, 12_347)
chroma(264, 512, 512, 0.07, 500)
cqt(24_000, 320, 12_347, 336, 48)
cqt(24_000, 480, 700, 336, 48)
cqt(22_050, 441, 22_051, 84, 12)
cqt(16_000, 147, 9_999, 60, 24)
mel_gradient("slaney", "slaney", 2, "zeros")
mel_gradient("htk", None, 1, "reflection")
save_file(KEPT, Path(__file__).with_name("front_ends.safetensors"))
