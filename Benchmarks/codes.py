"""Times transformers' EncodecModel from a waveform to codes, for `etude benchmark codes` to be held against.

Run: python Benchmarks/codes.py --model DIR --seconds 60 --precision bf16   (needs torch, transformers)

--model is a folder with an EncodecModel; without it an untrained one of EnCodec's size at 24 kHz is made, with random
codebooks. Inference mode. The weight norm is timed as it is loaded, and folded into plain weights; bf16 is the model
and its input in bfloat16. Prints one JSON object.
"""

import argparse
import json
import resource
import statistics
import time

import torch
from torch.nn.utils import parametrize
from transformers import EncodecConfig, EncodecModel


def untrained() -> EncodecModel:
    model = EncodecModel(EncodecConfig())
    for layer in model.quantizer.layers:
        layer.codebook.embed.normal_()
    return model


def fold(model: EncodecModel) -> None:
    for module in model.modules():
        if parametrize.is_parametrized(module, "weight"):
            parametrize.remove_parametrizations(module, "weight")
        elif hasattr(module, "weight_g"):
            torch.nn.utils.remove_weight_norm(module)


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--model")
    arguments.add_argument("--seconds", type=float, default=10)
    arguments.add_argument("--bandwidth", type=float, default=6.0)
    arguments.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--threads", type=int, default=2)
    a = arguments.parse_args()

    torch.manual_seed(0)
    torch.set_num_threads(a.threads)
    model = (EncodecModel.from_pretrained(a.model) if a.model else untrained()).eval()
    model = model.to(torch.bfloat16 if a.precision == "bf16" else torch.float32)
    rate = model.config.sampling_rate
    audio = 0.1 * torch.randn(1, model.config.audio_channels, int(a.seconds * rate))

    @torch.inference_mode()
    def encode() -> torch.Tensor:
        return model.encode(audio.to(model.dtype), bandwidth=a.bandwidth).audio_codes

    def timed() -> list[float]:
        seconds = []
        for _ in range(a.runs + 1):
            start = time.perf_counter()
            codes = encode()
            seconds.append(time.perf_counter() - start)
        assert codes.shape[-2] == int(a.bandwidth * 1000 // (model.config.frame_rate * 10))
        return seconds[1:]

    loaded = timed()
    fold(model)
    folded = timed()
    print(json.dumps({
        "peer": f"torch {torch.__version__}", "precision": a.precision, "audio_seconds": a.seconds,
        "threads": torch.get_num_threads(), "seconds_median_as_loaded": statistics.median(loaded),
        "seconds_median_folded": statistics.median(folded),
        "seconds_median": min(statistics.median(loaded), statistics.median(folded)),
        "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))


main()
