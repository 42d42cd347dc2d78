"""Holds `etude embed` against the authors' OMAR-RQ with random models of full size, on real audio.

  PYTHONPATH=SITE python check_omar_full_size.py song.wav [--etude .build/release/etude] [--seconds 7.3 13.1]

Makes an OMAR-RQ of 581 million parameters with patches of log-mel at 16 kHz, then one with patches of the waveform at
24 kHz, each in a temporary folder of 2.3 GB, takes so many seconds from the middle of the file, and prints the relative
RMS of the hidden states of every layer. Fails if one is 1e-4 or more.

Needs omar-rq 0.2.1, gin-config 0.5, pytorch-lightning 2.6, nnAudio, transformers, einops, torchaudio 2.11, soundfile,
soxr, and 8 GB of memory.
"""

import argparse
import subprocess
import tempfile
from pathlib import Path

import gin
import torch
from omar import COMMON, MEL, WAVEFORM
from omar_rq import get_model
from full_size import crop, relative
from safetensors.torch import load_file

BOUND = 1e-4
SMALL = {"embed_dim = 12": "embed_dim = 1024", "depth = 2": "depth = 24", "num_heads = 3": "num_heads = 8",
         "mlp_ratio = 2.0": "mlp_ratio = 4.0", "(1, 48)": "(1, 960)"}


def make(folder, text):
    for small, large in SMALL.items():
        text = text.replace(small, large)
    (folder / "config.gin").write_text(text)
    gin.clear_config()
    torch.manual_seed(1)
    model = get_model(config_file=folder / "config.gin", load_weights=False)
    with torch.no_grad():
        for name, x in model.state_dict().items():
            # Norms and biases start at 1 and 0, where many mistakes do not show. The window is no weight.
            if name.startswith(("net.", "embedding_layer.")) and x.is_floating_point() and x.ndim == 1 and "freqs" not in name:
                x += 0.02 * torch.rand_like(x)
    weights = {n: x for n, x in model.state_dict().items() if n.startswith(("net.", "embedding_layer."))}
    print(f"{sum(p.numel() for n, p in model.named_parameters() if n in weights and p.requires_grad)} parameters")
    torch.save(weights, folder / "model.ckpt")
    return model


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("audio")
    parser.add_argument("--etude", default=".build/release/etude")
    parser.add_argument("--seconds", nargs="+", type=float, default=[7.3, 13.1])
    arguments = parser.parse_args()
    for name, text in [("mel", MEL), ("waveform", WAVEFORM)]:
        with tempfile.TemporaryDirectory() as root, torch.no_grad():
            root = Path(root)
            model = make(root, text + COMMON)
            clip, out = root / "clip.wav", root / "states.safetensors"
            for seconds in arguments.seconds:
                samples = torch.from_numpy(crop(arguments.audio, seconds, model.sr, clip))[None]
                theirs = model.extract_embeddings(samples, layers=set(range(24)))[:, 0]
                subprocess.run(
                    [arguments.etude, "embed", "--model", root, clip, "--out", out], check=True,
                    stdout=subprocess.DEVNULL)
                ours = load_file(out)["hidden_states"][1:]
                assert ours.shape == theirs.shape, (ours.shape, theirs.shape)
                layers = relative(ours, theirs)
                print(f"{name} {seconds:5} s  worst {layers.max():.1e}  layers "
                      + " ".join(f"{x:.0e}" for x in layers))
                assert layers.max() < BOUND, f"not below {BOUND}"
