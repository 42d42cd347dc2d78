"""Times transformers' HubertModel on noise, for `etude benchmark embed` and `etude embed` to be held against.

Run: python Benchmarks/embed.py --model DIR --seconds 60 --precision bf16   (needs torch, transformers)

--model is a folder with a HubertModel; without it an untrained one of the base size is made. One pass over the
whole clip unless --window cuts it, as `etude embed` does. SDPA attention unless another is asked for, inference
mode, all hidden states. bf16 is the model and its input in bfloat16; --autocast keeps parameters and norms in
float32 instead. --file decodes audio instead, at the model's own rate, and --out writes what the command writes:
then start, imports and loading count too. Prints one JSON object.
"""

import argparse
import json
import math
import resource
import statistics
import time

START = time.perf_counter()

import torch
from transformers import HubertConfig, HubertModel


def windows(samples: int, rate: int, seconds: float | None, overlap: float) -> list[slice]:
    """The fewest windows of equal length that share `overlap` seconds."""
    if seconds is None or samples <= seconds * rate:
        return [slice(0, samples)]
    shared = int(overlap * rate)
    count = math.ceil((samples - shared) / (seconds * rate - shared))
    length = math.ceil((samples + (count - 1) * shared) / count)
    return [slice(i * (length - shared), i * (length - shared) + length) for i in range(count)]


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--model")
    arguments.add_argument("--attention", default="sdpa", choices=["sdpa", "eager"])
    arguments.add_argument("--seconds", type=float, default=60)
    arguments.add_argument("--rate", type=int, default=16_000)
    arguments.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    arguments.add_argument("--autocast", action="store_true")
    arguments.add_argument("--window", type=float)
    arguments.add_argument("--overlap", type=float, default=2)
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--file")
    arguments.add_argument("--out")
    a = arguments.parse_args()

    torch.manual_seed(0)
    torch.set_num_threads(a.threads)
    options = dict(attn_implementation=a.attention)
    model = (HubertModel.from_pretrained(a.model, **options) if a.model
             else HubertModel._from_config(HubertConfig(), **options)).eval()
    dtype = torch.bfloat16 if a.precision == "bf16" else torch.float32
    if not a.autocast:
        model = model.to(dtype)
    loaded = time.perf_counter()
    audio = decoded(a.file, a.rate) if a.file else torch.randn(1, int(a.seconds * a.rate))
    cuts = windows(audio.shape[1], a.rate, a.window, a.overlap)

    @torch.inference_mode()
    def encode() -> list[torch.Tensor]:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=a.autocast):
            return [torch.stack(model(audio[:, cut].to(model.dtype), output_hidden_states=True).hidden_states)
                    .float() for cut in cuts]

    seconds = []
    for _ in range(1 if a.out else a.runs + 1):
        start = time.perf_counter()
        states = encode()
        seconds.append(time.perf_counter() - start)
    if a.out:
        from safetensors.torch import save_file
        save_file({"hidden_states": torch.cat(states, dim=2)[:, 0].contiguous()}, a.out)
    print(json.dumps({
        "peer": f"torch {torch.__version__}", "attention": a.attention, "precision": a.precision,
        "autocast": a.autocast, "audio_seconds": audio.shape[1] / a.rate, "windows": len(cuts),
        "threads": torch.get_num_threads(), "seconds_first": seconds[0],
        "seconds_median": statistics.median(seconds[1:] or seconds),
        "load_seconds": loaded - START, "total_seconds": time.perf_counter() - START,
        "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))


def decoded(path: str, rate: int) -> torch.Tensor:
    import soundfile
    import soxr
    samples, original = soundfile.read(path, dtype="float32", always_2d=True)
    return torch.from_numpy(soxr.resample(samples.mean(axis=1), original, rate))[None]


main()
