"""Golden values of resampling, from torchaudio's default and python-soxr.

Run: python Tests/Golden/resample.py   (needs torch, torchaudio, soxr, safetensors)

The signal is a formula that the tests repeat in Swift. Of long results every n-th sample is kept, n being
no divisor of the number of phases, and both ends.
"""

from pathlib import Path

import numpy as np
import soxr
import torch
import torchaudio
from safetensors.numpy import save_file

KEPT = {}


def signal(count: int, rate: int) -> np.ndarray:
    """Three tones and a little noise that a formula draws; Double, then float32."""
    n = np.arange(count, dtype=np.uint64)
    t = n.astype(np.float64) / rate
    x = 0.3 * np.sin(2 * np.pi * 220 * t) + 0.2 * np.sin(2 * np.pi * 3000 * t + 1)
    x += 0.2 * np.sin(2 * np.pi * 0.45 * rate * t)
    noise = ((n * np.uint64(2654435761)) % np.uint64(65536)).astype(np.float64) / 65536 - 0.5
    return (x + 0.2 * noise).astype(np.float32)


def keep(name: str, y: np.ndarray) -> None:
    rows = np.arange(len(y))
    if len(y) > 300:
        rows = np.unique(np.concatenate([rows[:60], rows[:: len(y) // 211], rows[-60:]]))
    KEPT[name] = np.ascontiguousarray(y[rows], dtype=np.float32)
    KEPT[name + ".rows"] = rows.astype(np.int32)
    KEPT[name + ".count"] = np.array([len(y)], dtype=np.int32)


def resample(old: int, new: int, count: int) -> None:
    x = signal(count, old)
    sinc = torchaudio.functional.resample(torch.from_numpy(x), old, new).numpy()
    keep(f"sinc.{old}.{new}.{count}", sinc)
    keep(f"soxr.{old}.{new}.{count}", soxr.resample(x, old, new))


for old, new in [(44_100, 24_000), (48_000, 24_000), (44_100, 16_000), (16_000, 24_000),
                 (22_050, 24_000), (24_000, 16_000), (11_025, 24_000)]:
    for count in [1, 2, 17, 1000, 20_011]:
        resample(old, new, count)
save_file(KEPT, Path(__file__).with_name("resample.safetensors"))
