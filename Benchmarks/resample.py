"""Times torchaudio's and soxr's resampling on noise, for `etude benchmark resample` to be held against.

Run: python Benchmarks/resample.py [THREADS]   (needs torch, torchaudio, soxr, numpy)

Ten seconds from 44.1 to 24 kHz, one signal and eight; medians after a run that does not count.
"""

import statistics
import sys
import time

import soxr
import torch
import torchaudio

OLD, NEW, SECONDS = 44_100, 24_000, 10


def median_ms(compute) -> float:
    compute()
    durations = []
    while len(durations) < 3 or sum(durations) < 2:
        start = time.perf_counter()
        compute()
        durations.append(time.perf_counter() - start)
    return 1e3 * statistics.median(durations)


torch.set_num_threads(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
with torch.inference_mode():
    for batch in [1, 8]:
        x = torch.rand(batch, OLD * SECONDS) * 2 - 1
        resample = torchaudio.transforms.Resample(OLD, NEW)
        rows = x.numpy()
        print(f"{batch} x {SECONDS} s, {torch.get_num_threads()} threads:")
        print(f"  torchaudio {median_ms(lambda: resample(x)):.2f} ms")
        print(f"  python-soxr HQ {median_ms(lambda: [soxr.resample(r, OLD, NEW) for r in rows]):.2f} ms")
