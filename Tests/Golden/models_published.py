"""Writes models_published/NAME/: small random models of the structure of published ones, as they are published.

All have the seven convolutions of the originals, odd widths and odd numbers of heads. Weights are rounded
to 16 bits and stored so.

  mert-95m       config.json of m-a-p's `mert_model`; pytorch_model.bin with weight_g, weight_v
  mert-330m      the same, pre-norm over a group-normed front end, attention_relax 32; model.safetensors
  hubert-large   pre-norm, layer norm and bias in the convolutions; model.safetensors, weight norm parametrised
  hubert-layer   post-norm, layer norm without bias; pytorch_model.bin
  data2vec       five positional convolutions of 19 taps; model.safetensors

waveform.safetensors holds `waveform` [samples]: a decaying chord with noise, in 16 bits.
states.safetensors of each model holds, computed in double precision:
  SAMPLES.hidden_states [layers+1, T, D]    of the waveform's first SAMPLES samples, prepared as the model asks
  padded.samples [B], padded.lengths [B]    rows with its last so many samples, so many frames
  padded.hidden_states [layers+1, B, T, D]  of them, zeros behind each, with the attention mask that says so

Run: python models_published.py (transformers 5.23, torch 2.11).
"""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import (
    Data2VecAudioConfig,
    Data2VecAudioModel,
    HubertConfig,
    HubertModel,
    Wav2Vec2FeatureExtractor,
)

here = Path(__file__).parent / "models_published"
LENGTHS = [400, 1999, 6401]
PADDED = [4001, 2600, 719]
front_end = dict(
    conv_dim=[16] * 7,
    conv_kernel=[10, 3, 3, 3, 3, 2, 2],
    conv_stride=[5, 2, 2, 2, 2, 2, 2],
    num_feat_extract_layers=7,
)


def sizes(width, heads, inner, layers=2):
    return front_end | dict(
        hidden_size=width, num_attention_heads=heads, intermediate_size=inner,
        num_hidden_layers=layers, attn_implementation="eager",
    )


def hubert(width, heads, inner, norm, bias, stable, kernel, groups):
    return HubertModel(HubertConfig(
        **sizes(width, heads, inner), feat_extract_norm=norm, conv_bias=bias,
        do_stable_layer_norm=stable, num_conv_pos_embeddings=kernel,
        num_conv_pos_embedding_groups=groups,
    ))


# Name: model, Hz, whether waveforms are normalised, file of weights, attention_relax of MERT's.
models = {
    "mert-95m": (hubert(36, 3, 21, "group", False, False, 16, 12), 24000, False, "bin", -1.0),
    "mert-330m": (hubert(20, 5, 30, "group", False, True, 16, 10), 24000, False, "safetensors", 32.0),
    "hubert-large": (hubert(36, 9, 21, "layer", True, True, 15, 12), 16000, True, "safetensors", None),
    "hubert-layer": (hubert(20, 5, 30, "layer", False, False, 16, 10), 16000, True, "bin", None),
    "data2vec": (
        Data2VecAudioModel(Data2VecAudioConfig(
            **sizes(60, 5, 10, layers=1), conv_bias=False, conv_pos_kernel_size=19,
            num_conv_pos_embeddings=5, num_conv_pos_embedding_groups=60,
        )),
        16000, True, "safetensors", None,
    ),
}


def chord():
    """At 24 kHz, in 16 bits."""
    time = torch.arange(max(LENGTHS), dtype=torch.float64) / 24000
    tone = sum(torch.sin(2 * torch.pi * f * time) / n for n, f in enumerate([220, 277.2, 329.6, 554.4], 1))
    noise = torch.randn(len(time), generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    return (0.3 * tone * torch.exp(-3 * time) + 0.02 * noise + 0.01).half()


def spelled(name):
    return name.replace("parametrizations.weight.original0", "weight_g").replace(
        "parametrizations.weight.original1", "weight_v")


def save(folder, model, rate, normalised, kind, relax):
    model.half().save_pretrained(folder)
    weights = folder / "model.safetensors"
    if kind == "bin":
        weights.unlink()
        torch.save({spelled(k): v for k, v in model.state_dict().items()}, folder / "pytorch_model.bin")
    if relax is not None:
        path = folder / "config.json"
        config = json.loads(path.read_text())
        config |= dict(
            model_type="mert_model", architectures=["MERTModel"], sample_rate=rate,
            attention_relax=relax, deepnorm=False, feature_extractor_cqt=False,
            feature_extractor_cqt_bins=336, feat_extract_dropout=0.0, hidden_dropout_prob=0.1,
            torch_dtype="float16",
            auto_map={"AutoConfig": "configuration_MERT.MERTConfig",
                      "AutoModel": "modeling_MERT.MERTModel"},
        )
        for key in ["dtype", "conv_pos_batch_norm", "transformers_version"]:
            config.pop(key, None)
        path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    Wav2Vec2FeatureExtractor(
        sampling_rate=rate, do_normalize=normalised, return_attention_mask=True
    ).save_pretrained(folder)


def prepared(waveform, normalised):
    if not normalised:
        return waveform
    return (waveform - waveform.mean()) / torch.sqrt(waveform.var(unbiased=False) + 1e-7)


def states(model, values, mask=None):
    with torch.no_grad():
        return torch.stack(model(values, attention_mask=mask, output_hidden_states=True).hidden_states)


def golden(model, waveform, normalised):
    model = model.double().eval()
    waveform64 = waveform.double()
    tensors = {}
    for samples in LENGTHS:
        values = prepared(waveform64[:samples], normalised)
        tensors[f"{samples}.hidden_states"] = states(model, values[None])[:, 0].float()
    values = torch.zeros(len(PADDED), PADDED[0], dtype=torch.float64)
    mask = torch.zeros(values.shape, dtype=torch.long)
    for row, samples in enumerate(PADDED):
        values[row, :samples] = prepared(waveform64[-samples:], normalised)
        mask[row, :samples] = 1
    tensors["padded.samples"] = torch.tensor(PADDED, dtype=torch.int32)
    tensors["padded.lengths"] = model._get_feat_extract_output_lengths(mask.sum(-1)).to(torch.int32)
    tensors["padded.hidden_states"] = states(model, values, mask).float()
    return {name: tensor.contiguous() for name, tensor in tensors.items()}


here.mkdir(exist_ok=True)
save_file({"waveform": chord()}, here / "waveform.safetensors")
for seed, (name, (model, rate, normalised, kind, relax)) in enumerate(models.items()):
    torch.manual_seed(seed)
    with torch.no_grad():
        # Norms and biases start at 1 and 0, where many mistakes do not show.
        for parameter in model.parameters():
            parameter += 0.1 * torch.randn_like(parameter)
    folder = here / name
    save(folder, model, rate, normalised, kind, relax)
    save_file(golden(model, chord(), normalised), folder / "states.safetensors")
