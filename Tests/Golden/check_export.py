"""Opens what `etude convert` writes with `transformers` and PyTorch, and compares.

  python check_export.py [.build/release/etude]

Converts the models of models/, models_published/ and pytorch/fairseq-*.pt to folders. AutoModel must open each without
a warning or an unused or missing tensor, and compute the hidden states of the original within 1e-5 relative RMS.
A folder, converted to fairseq's .pt, must open by torch.load(weights_only=True) with the same bits.

Run it with transformers 5.23 and with 4.38.2, torch 2.1 or later. Version 4 hands out the last state of a pre-norm model
after the final norm.
"""

import logging
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file
from transformers import AutoFeatureExtractor, AutoModel

here = Path(__file__).parent
etude = sys.argv[1] if len(sys.argv) > 1 else here.parent.parent / ".build/release/etude"


class Refusal(logging.Handler):
    """Makes a logged warning an error."""

    def emit(self, record):
        if record.levelno >= logging.WARNING:
            raise SystemExit(f"transformers warns: {record.getMessage()}")


transformers.logging.disable_progress_bar()
logging.getLogger("transformers").addHandler(Refusal())


def convert(source, target):
    subprocess.run([etude, "convert", source, target], check=True, stdout=subprocess.DEVNULL)


def states(model, values):
    """[layers+1, B, T, D], and what is to be compared of each."""
    with torch.no_grad():
        return torch.stack(model.double().eval()(values.double(), output_hidden_states=True).hidden_states)


def relative(model, found, expected):
    expected = expected.double()
    if transformers.__version__ < "5" and getattr(model.config, "do_stable_layer_norm", False):
        with torch.no_grad():
            expected = torch.cat([expected[:-1], model.encoder.layer_norm(expected[-1:])])
    difference = (found - expected).pow(2).sum((1, 2, 3)) / expected.pow(2).sum((1, 2, 3))
    return difference.sqrt().max().item()


def cases():
    """Model, and pairs of input and hidden states [layers+1, B, T, D]."""
    for name in ["hubert-post", "hubert-pre", "data2vec"]:
        golden = load_file(here / "models" / name / "golden.safetensors")
        pair = [(golden["waveform"], golden["hidden_states"], False)]
        yield here / "models" / name, pair
        fairseq = {"hubert-post": "hubert", "hubert-pre": "mert"}.get(name, name)
        yield here / "pytorch" / f"fairseq-{fairseq}.pt", pair
    waveform = load_file(here / "models_published" / "waveform.safetensors")["waveform"]
    for folder in sorted((here / "models_published").glob("*/")):
        golden = load_file(folder / "states.safetensors")
        yield folder, [
            (waveform[None, :samples], golden[f"{samples}.hidden_states"][:, None], True)
            for samples in [400, 1999, 6401]
        ]


def check(source, pairs, root):
    folder = root / source.name.replace(".", "-")
    convert(source, folder)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", category=FutureWarning)
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        model, loading = AutoModel.from_pretrained(folder, output_loading_info=True)
    assert not any(loading.values()), f"{folder}: {loading}"
    prepare = AutoFeatureExtractor.from_pretrained(folder)
    worst = 0.0
    for waveform, expected, raw in pairs:
        values = waveform.float()
        if raw:
            values = prepare(
                values[0].numpy(), sampling_rate=prepare.sampling_rate, return_tensors="pt"
            ).input_values
        worst = max(worst, relative(model, states(model, values), expected))
    assert worst < 1e-5, f"{source}: {worst}"

    file = root / (folder.name + ".pt")
    convert(folder, file)
    checkpoint = torch.load(file, weights_only=True)
    weights = list(load_file(folder / "model.safetensors").values())
    heads = {"final_proj.weight", "final_proj.bias", "label_embs_concat",
             "encoder_cqt_model.fc.weight", "encoder_cqt_model.fc.bias"}
    tensors = {k: v for k, v in checkpoint["model"].items() if k not in heads}
    assert len(tensors) == len(weights)
    for name, tensor in tensors.items():
        assert any(torch.equal(tensor, other) for other in weights), name
    back = root / (folder.name + "-back")
    convert(file, back)
    for name in ["model.safetensors", "config.json", "preprocessor_config.json"]:
        assert (back / name).read_bytes() == (folder / name).read_bytes(), name
    print(f"{source.name:20} {type(model).__name__:18} relative RMS {worst:.1e}, .pt and back: same bytes")


print("transformers", transformers.__version__, "torch", torch.__version__)
for source, pairs in cases():
    with tempfile.TemporaryDirectory() as root:
        check(source, pairs, Path(root))
