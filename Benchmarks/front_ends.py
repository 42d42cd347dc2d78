"""Times the front ends of nnAudio and torchaudio on a batch of random audio, beside Etude's.

Run: Benchmarks/front-ends   (needs torch, torchaudio, nnAudio; see README.md)

Reads what `etude benchmark cqt|mel|mfcc --json` printed from the files named, times the peers on equally
long audio with as many threads, and prints a table of medians.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable

import torch
import torchaudio
from nnAudio.features.cqt import CQT1992v2, CQT2010v2

RATE = 24_000
CQT = dict(sr=RATE, hop_length=320, fmin=32.7, n_bins=336, bins_per_octave=48, verbose=False)


def mfcc_with_slopes(waveforms: torch.Tensor) -> list[torch.Tensor]:
    """One clip after the other, as fairseq's dump_mfcc_feature does: Kaldi's functions take one."""
    results = []
    for waveform in waveforms:
        c = torchaudio.compliance.kaldi.mfcc(
            waveform[None], sample_frequency=RATE, use_energy=False
        ).T
        d = torchaudio.functional.compute_deltas(c)
        results.append(torch.cat([c, d, torchaudio.functional.compute_deltas(d)]).T)
    return results


def peers() -> dict[str, list[tuple[str, Callable]]]:
    return {
        "cqt": [
            ("nnAudio CQT1992v2", CQT1992v2(pad_mode="constant", **CQT)),
            ("nnAudio CQT2010v2", CQT2010v2(**CQT)),
        ],
        "mel": [
            (
                "torchaudio MelSpectrogram",
                torchaudio.transforms.MelSpectrogram(
                    RATE, n_fft=2048, hop_length=320, n_mels=229, f_min=30.0, pad_mode="constant"
                ),
            )
        ],
        "mfcc": [("torchaudio kaldi.mfcc", mfcc_with_slopes)],
    }


@torch.inference_mode()
def median_seconds(compute: Callable, waveforms: torch.Tensor) -> float:
    """Of at least three runs and about two seconds of them, after one that does not count."""
    compute(waveforms)
    durations = []
    while len(durations) < 3 or sum(durations) < 2:
        start = time.perf_counter()
        compute(waveforms)
        durations.append(time.perf_counter() - start)
    return statistics.median(durations)


def main() -> None:
    print(f"{'':6}{'Etude':>10}  {'peer':28}{'its time':>10}{'ratio':>8}")
    for path in sys.argv[1:]:
        with open(path) as file:
            ours = json.load(file)
        torch.set_num_threads(ours["threads"])
        waveforms = 0.2 * (2 * torch.rand(ours["batch"], int(ours["clip_seconds"] * RATE)) - 1)
        for name, compute in peers()[ours["name"]]:
            theirs = median_seconds(compute, waveforms)
            mine = ours["seconds_median"]
            print(
                f"{ours['name']:6}{1e3 * mine:>7.2f} ms  {name:28}{1e3 * theirs:>7.1f} ms"
                f"{theirs / mine:>8.1f}"
            )


main()
