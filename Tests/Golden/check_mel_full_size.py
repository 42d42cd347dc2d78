"""Holds `etude embed` against the authors' MuQ with a random model of full size, on real audio.

  PYTHONPATH=SITE python check_mel_full_size.py song.wav [--etude .build/release/etude] [--seconds 7.3 13.1]

Makes a MuQ of 333 million parameters in a temporary folder of 1.3 GB, takes so many seconds from the middle of the file
at 24 kHz, and prints the relative RMS of the hidden states of every layer. Fails if one is 1e-4 or more.

Needs muq 0.1.0, transformers 4.46, easydict, einops, torchaudio 2.11, soundfile, soxr, and 8 GB of memory.
"""

import argparse
import importlib.util
import json
import subprocess
import sys
import tempfile
import types
from pathlib import Path

import torch
from full_size import crop, relative
from safetensors.torch import load_file, save_file
from transformers import Wav2Vec2ConformerConfig

# Without `muq/__init__.py`, which loads MuLan and its text models.
package = types.ModuleType("muq")
package.__path__ = list(importlib.util.find_spec("muq").submodule_search_locations)
sys.modules["muq"] = package
from muq.muq import MuQ, MuQConfig  # noqa: E402

RATE, BOUND = 24_000, 1e-4
STAT = {"melspec_2048_mean": 6.768444971712967, "melspec_2048_std": 18.417922652295623}


def make(folder):
    layers = Wav2Vec2ConformerConfig(
        hidden_size=1024, num_attention_heads=16, intermediate_size=4096, num_hidden_layers=12, hidden_act="swish",
        position_embeddings_type="rotary", layerdrop=0)
    config = dict(
        codebook_size=8192, use_rvq_target=True, stat=STAT, w2v2_config=json.loads(json.dumps(layers.to_dict())))
    torch.manual_seed(1)
    model = MuQ(MuQConfig(**config)).eval()
    with torch.no_grad():
        for name, x in model.state_dict().items():
            # Norms and biases start at 1 and 0, where many mistakes do not show.
            if x.is_floating_point() and x.ndim == 1 and "inv_freq" not in name:
                x += 0.02 * torch.rand_like(x)
    save_file({n: x.contiguous() for n, x in model.state_dict().items()}, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(config))
    return model


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
parser.add_argument("audio")
parser.add_argument("--etude", default=".build/release/etude")
parser.add_argument("--seconds", nargs="+", type=float, default=[7.3, 13.1])
arguments = parser.parse_args()
with tempfile.TemporaryDirectory() as root:
    root = Path(root)
    model = make(root)
    clip, out = root / "clip.wav", root / "states.safetensors"
    for seconds in arguments.seconds:
        samples = torch.from_numpy(crop(arguments.audio, seconds, RATE, clip))[None]
        with torch.no_grad():
            theirs = torch.stack(model(samples).hidden_states)[:, 0]
        subprocess.run(
            [arguments.etude, "embed", "--model", root, clip, "--out", out], check=True, stdout=subprocess.DEVNULL)
        ours = load_file(out)["hidden_states"]
        assert ours.shape == theirs.shape, (ours.shape, theirs.shape)
        layers = relative(ours, theirs)
        print(f"muq {seconds:5} s  worst {layers.max():.1e}  layers " + " ".join(f"{x:.0e}" for x in layers))
        assert layers.max() < BOUND, f"not below {BOUND}"
