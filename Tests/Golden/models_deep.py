"""Writes models/mert-deep/: a tiny random encoder with MERT's options that `transformers` has not.

config.json is of m-a-p's `mert_model` with `deepnorm`. golden.safetensors holds, computed in double precision by
`forward` below from the formulas:
  waveform [B, samples]
  hidden_states [layers+1, B, T, D]         x = norm(α x + block(x)), α = (2 layers)^(1/4)
  stable.hidden_states [layers+1, B, T, D]  the same, and the projection between two norms without parameters
                                            (fairseq's do_cnn_feat_stable_layernorm)

Run: python models_deep.py (transformers 5.23, torch 2.11).
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from transformers import HubertConfig, HubertModel, Wav2Vec2FeatureExtractor

folder = Path(__file__).parent / "models" / "mert-deep"
torch.manual_seed(7)
model = HubertModel(HubertConfig(
    conv_dim=[6, 5, 7], conv_kernel=[10, 3, 2], conv_stride=[5, 2, 2], num_feat_extract_layers=3,
    feat_extract_norm="group", hidden_size=12, num_hidden_layers=3, num_attention_heads=3,
    intermediate_size=14, num_conv_pos_embeddings=8, num_conv_pos_embedding_groups=4,
    attn_implementation="eager",
))
with torch.no_grad():
    for parameter in model.parameters():
        parameter += 0.1 * torch.randn_like(parameter)


def forward(waveform, stable):
    features = model.feature_extractor(waveform).transpose(1, 2)
    projection, encoder = model.feature_projection, model.encoder
    if stable:
        x = F.layer_norm(features, features.shape[-1:])
        x = projection.projection(x)
        x = F.layer_norm(x, x.shape[-1:])
    else:
        x = projection.projection(projection.layer_norm(features))
    x = encoder.layer_norm(x + encoder.pos_conv_embed(x))
    states = [x]
    alpha = (2 * len(encoder.layers)) ** 0.25
    for layer in encoder.layers:
        x = layer.layer_norm(alpha * x + layer.attention(x)[0])
        x = layer.final_layer_norm(alpha * x + layer.feed_forward(x))
        states.append(x)
    return torch.stack(states)


model.save_pretrained(folder)
path = folder / "config.json"
config = json.loads(path.read_text())
config |= dict(
    model_type="mert_model", architectures=["MERTModel"], sample_rate=24000, deepnorm=True,
    attention_relax=32.0, feature_extractor_cqt=False, feature_extractor_cqt_bins=336,
)
path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
Wav2Vec2FeatureExtractor(
    sampling_rate=24000, do_normalize=False, return_attention_mask=False
).save_pretrained(folder)

model.double().eval()
waveform = torch.randn(2, 331, dtype=torch.float64)
with torch.no_grad():
    tensors = {
        "waveform": waveform,
        "hidden_states": forward(waveform, stable=False),
        "stable.hidden_states": forward(waveform, stable=True),
    }
save_file({k: v.float().contiguous() for k, v in tensors.items()}, folder / "golden.safetensors")
