"""Holds `etude embed` against `transformers` with random models of full size, on real audio.

  python check_full_size.py song.ogg [--etude .build/release/etude] [--models hubert-base mert-95m ...]

Makes hubert-base, hubert-large, MERT-95M (`mert_model`, pickled) and data2vec-base in a temporary folder, 0.4 to 1.3 GB
each and one at a time, takes 7.3 and 13.1 s from the middle of the file at the model's rate, and prints the
relative RMS of the hidden states of every layer. Fails if one is 1e-4 or more in fp32, or 0.02 or more in bf16.

Needs transformers 5.23, torch 2.11, soundfile, soxr; takes some minutes on two cores.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import torch
from full_size import crop, relative
from safetensors.torch import load_file
from transformers import (
    Data2VecAudioConfig,
    Data2VecAudioModel,
    HubertConfig,
    HubertModel,
    Wav2Vec2FeatureExtractor,
)

BOUNDS = {"fp32": 1e-4, "bf16": 0.02}
LARGE = dict(
    hidden_size=1024, num_hidden_layers=24, num_attention_heads=16, intermediate_size=4096,
    feat_extract_norm="layer", conv_bias=True, do_stable_layer_norm=True,
)
# Name: class, configuration, Hz, whether waveforms are normalised.
MODELS = {
    "hubert-base": (HubertModel, HubertConfig(), 16000, False),
    "hubert-large": (HubertModel, HubertConfig(**LARGE), 16000, True),
    "mert-95m": (HubertModel, HubertConfig(), 24000, False),
    "data2vec-base": (Data2VecAudioModel, Data2VecAudioConfig(), 16000, True),
}


def make(name, folder):
    kind, config, rate, normalised = MODELS[name]
    torch.manual_seed(1)
    model = kind(config).eval()
    with torch.no_grad():
        # Norms and biases start at 1 and 0, where many mistakes do not show.
        for parameter in model.parameters():
            parameter += 0.02 * parameter.abs().mean() * torch.randn_like(parameter)
            if parameter.ndim == 1:
                parameter += 0.02 * torch.randn_like(parameter)
    model.save_pretrained(folder)
    if name.startswith("mert"):
        (folder / "model.safetensors").unlink()
        old = {"parametrizations.weight.original0": "weight_g",
               "parametrizations.weight.original1": "weight_v"}
        state = {}
        for key, value in model.state_dict().items():
            for new, published in old.items():
                key = key.replace(new, published)
            state[key] = value
        torch.save(state, folder / "pytorch_model.bin")
        path = folder / "config.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | dict(
            model_type="mert_model", architectures=["MERTModel"], sample_rate=rate,
            attention_relax=-1.0, deepnorm=False, feature_extractor_cqt=False)))
    extractor = Wav2Vec2FeatureExtractor(
        sampling_rate=rate, do_normalize=normalised, return_attention_mask=normalised)
    extractor.save_pretrained(folder)
    return model, extractor


def check(name, arguments, root):
    folder = root / name
    model, extractor = make(name, folder)
    for seconds in [7.3, 13.1]:
        clip = root / "clip.wav"
        samples = crop(arguments.audio, seconds, extractor.sampling_rate, clip)
        values = extractor(
            samples, sampling_rate=extractor.sampling_rate, return_tensors="pt").input_values
        with torch.no_grad():
            theirs = torch.stack(model(values, output_hidden_states=True).hidden_states)[:, 0]
        for precision, bound in BOUNDS.items():
            out = root / "states.safetensors"
            subprocess.run(
                [arguments.etude, "embed", "--model", folder, clip, "--out", out, "--layers", "all",
                 "--precision", precision], check=True, stdout=subprocess.DEVNULL)
            ours = load_file(out)["hidden_states"]
            assert ours.shape == theirs.shape, (ours.shape, theirs.shape)
            layers = relative(ours, theirs)
            print(f"{name:14} {seconds:5} s  {precision}  worst {layers.max():.1e}  layers "
                  + " ".join(f"{layer:.0e}" for layer in layers), flush=True)
            assert layers.max() < bound, f"{name}: not below {bound}"


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
parser.add_argument("audio")
parser.add_argument("--etude", default=".build/release/etude")
parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
arguments = parser.parse_args()
for name in arguments.models:
    with tempfile.TemporaryDirectory() as root:
        check(name, arguments, Path(root))
