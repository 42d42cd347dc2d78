"""Writes models_mel/muq/ and models_mel/musicfm/: small random models by the authors' code, as they are published.

  muq/{config.json, model.safetensors}          a folder of `MuQ`, 25 frames a second
  musicfm/{pretrained_tiny.pt, tiny_stats.json} the same tensors as a checkpoint of MusicFM

muq/golden.safetensors holds, computed in double precision from float32 mel frames:
  waveform [2, samples]                         a decaying chord with noise
  mel [2, T, 128]                               standardised decibels
  states, states-50 [3, 2, T', 12]              hidden states at 25 and at 50 frames a second
  dy [2, T', 12]
  MODE.NAME                                     of each tensor of the model, MODE `evaluating` or `training`: the
                                                gradient of sum(states[-1] * dy), or the running average afterwards
Run: PYTHONPATH=SITE python Tests/Golden/models_mel.py (muq 0.1.0, transformers 4.46, easydict, einops, torchaudio 2.11)
"""

import importlib.util
import json
import sys
import types
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import Wav2Vec2ConformerConfig

# Without `muq/__init__.py`, which loads MuLan and its text models.
package = types.ModuleType("muq")
package.__path__ = list(importlib.util.find_spec("muq").submodule_search_locations)
sys.modules["muq"] = package
from muq.muq import MuQ, MuQConfig  # noqa: E402

here = Path(__file__).parent / "models_mel"
STAT = {"melspec_2048_mean": 6.768444971712967, "melspec_2048_std": 18.417922652295623}
layers = Wav2Vec2ConformerConfig(
    hidden_size=12, num_attention_heads=3, intermediate_size=20, hidden_act="swish", conv_depthwise_kernel_size=5,
    position_embeddings_type="rotary", hidden_dropout=0, activation_dropout=0, attention_dropout=0,
    conformer_conv_dropout=0, layerdrop=0, num_conv_pos_embeddings=4, num_conv_pos_embedding_groups=2)
config = dict(
    label_rate=25, num_codebooks=1, codebook_dim=16, codebook_size=32, features=["melspec_2048"], hop_length=240,
    n_mels=128, conv_dim=3, encoder_dim=12, encoder_depth=2, mask_hop=0.4, mask_prob=0.6, is_flash=False, stat=STAT,
    w2v2_config=json.loads(json.dumps(layers.to_dict())))


def stored(x):
    return x.detach().float().clone().contiguous() if x.is_floating_point() else x.detach().clone()


torch.manual_seed(18)
model = MuQ(MuQConfig(**config))
with torch.no_grad():
    for name, x in model.state_dict().items():
        if "running_var" in name:
            x += torch.rand_like(x)
        elif x.is_floating_point() and "inv_freq" not in name:
            x += 0.1 * torch.randn_like(x)

time = torch.arange(12_100) / 24_000
chord = sum(torch.sin(2 * torch.pi * f * time) for f in [220, 277.2, 329.6]) / 8
waveform = torch.stack([chord * torch.exp(-3 * time), chord.flip(0)]) + 0.01 * torch.randn(2, 12_100)
mel = model.model.normalize(model.model.preprocessing(waveform, ["melspec_2048"]))["melspec_2048"]
golden = {"waveform": stored(waveform), "mel": stored(mel.transpose(1, 2))}


def states(model):
    return model.model.encoder(mel.double())[1]


(here / "muq").mkdir(parents=True, exist_ok=True)
(here / "musicfm").mkdir(exist_ok=True)
weights = {name: stored(x) for name, x in model.state_dict().items()}
save_file(weights, here / "muq/model.safetensors")
(here / "muq/config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
slow = config | dict(label_rate=50)
torch.save({"state_dict": weights}, here / "musicfm/pretrained_tiny.pt")
(here / "musicfm/tiny_stats.json").write_text(json.dumps(STAT | {"cqt_mean": 0.5}) + "\n")

fast = MuQ(MuQConfig(**slow))
fast.load_state_dict({n: x for n, x in weights.items() if "quantizer" not in n}, strict=False)
golden["states-50"] = stored(torch.stack(states(fast.double().eval())))

model = model.double()
for mode in ["evaluating", "training"]:
    model.load_state_dict(weights)
    model.train(mode == "training")
    model.zero_grad()
    all_states = states(model)
    if mode == "evaluating":
        golden["states"] = stored(torch.stack(all_states))
        golden["dy"] = stored(torch.randn(all_states[-1].shape))
    (all_states[-1] * golden["dy"].double()).sum().backward()
    for name, x in model.state_dict().items():
        golden[f"{mode}.{name}"] = stored(x)
    for name, parameter in model.named_parameters():
        if parameter.grad is not None:
            golden[f"{mode}.{name}"] = stored(parameter.grad)
save_file(golden, here / "muq/golden.safetensors")
