"""Writes conformer.safetensors: two Conformer layers of `transformers` in double precision.

  x [2, 9, 12], dy, PATH                  the input, and parameters and buffers by our paths
  MODE.states [3, 2, 9, 12]               what enters each layer, and the normed output
  MODE.gradient.PATH, MODE.gradient.x     gradients of sum(output * dy)
  training.after.PATH                     running averages after one training pass

MODE is `evaluating` or `training`, the latter with batch statistics and without dropout.
Run: python Tests/Golden/conformer.py (torch 2.15, transformers 5.24)
"""

from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import Wav2Vec2ConformerConfig
from transformers.models.wav2vec2_conformer.modeling_wav2vec2_conformer import Wav2Vec2ConformerEncoder

parts = {
    "ffn1_layer_norm": "firstNorm", "ffn1.intermediate_dense": "first.inner", "ffn1.output_dense": "first.output",
    "self_attn_layer_norm": "attentionNorm", "self_attn.linear_q": "attention.query",
    "self_attn.linear_k": "attention.key", "self_attn.linear_v": "attention.value",
    "self_attn.linear_out": "attention.output", "conv_module.layer_norm": "convolutionNorm",
    "conv_module.pointwise_conv1": "convolution.expansion", "conv_module.depthwise_conv": "convolution.depthwise",
    "conv_module.batch_norm": "convolution.norm", "conv_module.pointwise_conv2": "convolution.output",
    "ffn2_layer_norm": "lastNorm", "ffn2.intermediate_dense": "last.inner", "ffn2.output_dense": "last.output",
    "final_layer_norm": "norm",
}
buffers = {"running_mean": "mean", "running_var": "variance"}


def ours(name):
    if name.startswith("layer_norm."):
        return name.replace("layer_norm", "norm")
    layer, rest = name.split(".", 2)[1], name.split(".", 2)[2]
    part, leaf = rest.rsplit(".", 1)
    return f"layers.{layer}.{parts[part]}.{buffers.get(leaf, leaf)}"


def laid_out(name, x):
    if "pointwise" in name:
        return x.squeeze(2)
    return x.permute(0, 2, 1) if "depthwise" in name else x


def stored(x):
    return x.detach().float().clone().contiguous()


def unused(name):
    return "pos_conv_embed" in name or "num_batches_tracked" in name or "inv_freq" in name


torch.manual_seed(18)
model = Wav2Vec2ConformerEncoder(
    Wav2Vec2ConformerConfig(
        hidden_size=12, num_attention_heads=3, intermediate_size=20, num_hidden_layers=2, hidden_act="swish",
        conv_depthwise_kernel_size=5, position_embeddings_type="rotary", hidden_dropout=0, activation_dropout=0,
        attention_dropout=0, conformer_conv_dropout=0, layerdrop=0, num_conv_pos_embeddings=4,
        num_conv_pos_embedding_groups=2, attn_implementation="eager"))
with torch.no_grad():
    for name, x in model.state_dict().items():
        if not unused(name):
            x += 0.3 * torch.randn_like(x).abs() if "running_var" in name else 0.3 * torch.randn_like(x)
model = model.double()
state = {name: x for name, x in model.state_dict().items() if not unused(name)}
tensors = {ours(name): stored(laid_out(name, x)) for name, x in state.items()}

x = torch.randn(2, 9, 12).double().requires_grad_()
dy = torch.randn(2, 9, 12).double()
tensors |= {"x": stored(x), "dy": stored(dy)}
for mode in ["evaluating", "training"]:
    model.train(mode == "training")
    model.zero_grad()
    x.grad = None
    states = []
    hooks = [layer.register_forward_pre_hook(lambda _, inputs: states.append(inputs[0])) for layer in model.layers]
    y = model(x).last_hidden_state
    for hook in hooks:
        hook.remove()
    (y * dy).sum().backward()
    tensors[f"{mode}.states"] = stored(torch.stack(states + [y]))
    tensors[f"{mode}.gradient.x"] = stored(x.grad)
    for name, parameter in model.named_parameters():
        if not unused(name):
            tensors[f"{mode}.gradient.{ours(name)}"] = stored(laid_out(name, parameter.grad))
for name, value in model.state_dict().items():
    if "running" in name:
        tensors[f"training.after.{ours(name)}"] = stored(value)
save_file(tensors, Path(__file__).with_suffix(".safetensors"))
