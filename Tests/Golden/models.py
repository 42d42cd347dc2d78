"""Writes models/NAME/: tiny random encoders as `transformers` saves them, each with golden.safetensors.

golden.safetensors holds, computed in double precision:
  waveform [B, samples]            the input
  hidden_states [layers+1, B, T, D], last_hidden_state [B, T, D]
  padded.lengths [B], padded.hidden_states    the same with the ends of rows marked as padding
  masked.mask [B, T], masked.weight [B, T, D]
  masked.loss                      sum of last_hidden_state * weight with the masked frames replaced
  gradient.NAME                    of masked.loss, for every parameter by its `transformers` name

Run: python models.py (transformers 5.23, torch 2.11).
"""

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

here = Path(__file__).parent / "models"
common = dict(
    conv_dim=[6, 5, 7],
    conv_kernel=[10, 3, 2],
    conv_stride=[5, 2, 2],
    num_feat_extract_layers=3,
    vocab_size=32,
    layerdrop=0.05,
    attn_implementation="eager",
)
models = {
    # The base family: group norm, post-norm, an even positional kernel.
    "hubert-post": HubertModel(
        HubertConfig(
            **common, feat_extract_norm="group", conv_bias=False, do_stable_layer_norm=False,
            hidden_size=12, num_hidden_layers=2, num_attention_heads=3, intermediate_size=22,
            num_conv_pos_embeddings=8, num_conv_pos_embedding_groups=4,
        )
    ),
    # The large family: layer norm and bias in the convolutions, pre-norm, an odd positional kernel.
    "hubert-pre": HubertModel(
        HubertConfig(
            **common, feat_extract_norm="layer", conv_bias=True, do_stable_layer_norm=True,
            hidden_size=10, num_hidden_layers=3, num_attention_heads=5, intermediate_size=17,
            num_conv_pos_embeddings=7, num_conv_pos_embedding_groups=2,
        )
    ),
    "data2vec": Data2VecAudioModel(
        Data2VecAudioConfig(
            **common, conv_bias=False, hidden_size=12, num_hidden_layers=2, num_attention_heads=2,
            intermediate_size=19, conv_pos_kernel_size=5, num_conv_pos_embeddings=3,
            num_conv_pos_embedding_groups=3,
        )
    ),
}


def golden(model):
    waveform = torch.randn(2, 331, dtype=torch.float64)
    out = model(waveform, output_hidden_states=True)
    states = torch.stack(out.hidden_states)
    batch, time, width = out.last_hidden_state.shape

    valid = torch.ones(2, 331, dtype=torch.long)
    valid[1, 220:] = 0
    padded = model(waveform, attention_mask=valid, output_hidden_states=True)
    lengths = model._get_feat_extract_output_lengths(valid.sum(-1))

    mask = torch.rand(batch, time) < 0.4
    weight = torch.randn(batch, time, width, dtype=torch.float64)
    masked = model(waveform, mask_time_indices=mask)
    loss = (masked.last_hidden_state * weight).sum()
    loss.backward()
    tensors = {
        "waveform": waveform,
        "hidden_states": states,
        "last_hidden_state": out.last_hidden_state,
        "padded.lengths": lengths,
        "padded.hidden_states": torch.stack(padded.hidden_states),
        "masked.mask": mask.int(),
        "masked.weight": weight,
        "masked.loss": loss,
    }
    for name, parameter in model.named_parameters():
        tensors[f"gradient.{name}"] = parameter.grad
    return {
        name: (t.detach().float() if t.is_floating_point() else t.to(torch.int32)).contiguous()
        for name, t in tensors.items()
    }


for seed, (name, model) in enumerate(models.items()):
    torch.manual_seed(seed)
    with torch.no_grad():
        # Norms and biases start at 1 and 0, where many mistakes do not show.
        for parameter in model.parameters():
            parameter += 0.1 * torch.randn_like(parameter)
    model.float().save_pretrained(here / name)
    layered = getattr(model.config, "feat_extract_norm", "layer") == "layer"
    Wav2Vec2FeatureExtractor(
        sampling_rate=24000, do_normalize=layered, return_attention_mask=layered
    ).save_pretrained(here / name)
    save_file(golden(model.double().eval()), here / name / "golden.safetensors")
