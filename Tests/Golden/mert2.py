"""Writes models_mel/mert2/: a small random encoder of the structure of MERT-v2, by formulas in double precision.

  config.json, model.safetensors      a folder as it is published, with its names
  golden.safetensors:
    waveform [2, samples]             a decaying chord with noise
    states [3, 2, T', 12]             what enters the first block, and what leaves each
    dy [2, T', 12], gradient.NAME     gradients of sum(states[-1] * dy) by the names of the file
    response.x, .weight, .bias, .y    a global response norm by itself

No code of MERT-v2 is used; its structure was read in its published inference code.
Run: python Tests/Golden/mert2.py (torch 2.15, torchaudio 2.11)
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F
import torchaudio
from safetensors.torch import save_file

torch.manual_seed(18)
folder = Path(__file__).parent / "models_mel" / "mert2"
BANDS, CHANNELS, DEPTHS, WIDTH, HEADS, INNER, KERNEL, LAYERS = 8, [8, 10, 12], [1, 2, 1], 12, 3, 20, 5, 2
EPSILON, FRONT_EPSILON, BASE = 1e-5, 1e-6, 10_000.0
config = dict(
    model_type="mert2", sampling_rate=24_000, n_fft=512, win_length=512, hop_length=240, num_mel_bins=BANDS,
    subsampling_channels=CHANNELS, subsampling_depths=DEPTHS, subsampling_layer_norm_eps=FRONT_EPSILON,
    hidden_size=WIDTH, num_hidden_layers=LAYERS, num_attention_heads=HEADS, intermediate_size=INNER,
    conv_depthwise_kernel_size=KERNEL, layer_norm_eps=EPSILON, rotary_embedding_base=BASE)

weights = {}


def draw(name, *shape, around=0.0, deviation=0.3):
    weights[name] = (around + deviation * torch.randn(*shape)).double()


def draw_norm(name, width):
    draw(name + ".weight", width, around=1)
    draw(name + ".bias", width)


def draw_map(name, *shape, bias=True):
    draw(name + ".weight", *shape)
    if bias:
        draw(name + ".bias", shape[0])


draw("feature_extractor.mel_mean", BANDS, around=-20, deviation=3)
weights["feature_extractor.mel_std"] = 10 + torch.rand(BANDS).double()
inputs = [BANDS] + CHANNELS
for s, (depth, width) in enumerate(zip(DEPTHS, CHANNELS)):
    stage = f"subsampling_module.{s}."
    if s > 0:
        draw_norm(stage + "resampling_layer.0", inputs[s])
        draw_map(stage + "resampling_layer.2", width, inputs[s], 2)
    for j in range(depth):
        layer = f"{stage}convnext_layers.{j}."
        draw_map(layer + "depthwise_block.1", width, 1, 7)
        draw_norm(layer + "pointwise_block.0", width)
        draw_map(layer + "pointwise_block.1", 4 * width, width)
        draw(layer + "pointwise_block.3.weight", 1, 1, 4 * width)
        draw(layer + "pointwise_block.3.bias", 1, 1, 4 * width)
        draw_map(layer + "pointwise_block.4", width, 4 * width)
for n in range(LAYERS):
    block = f"layers.{n}."
    for name in ["ffn1_layer_norm", "attn_layer_norm", "ffn2_layer_norm", "final_layer_norm", "conv_module.layer_norm"]:
        draw_norm(block + name, WIDTH)
    for name in ["ffn1", "ffn2"]:
        draw_map(f"{block}{name}.w_1", INNER, WIDTH)
        draw_map(f"{block}{name}.w_2", WIDTH, INNER)
    for name in ["query", "key", "value", "out"]:
        draw_map(f"{block}attn.{name}_proj", WIDTH, WIDTH)
    module = block + "conv_module.conv_block."
    draw_map(module + "1", 2 * WIDTH, WIDTH, 1, bias=False)
    draw_map(module + "3", WIDTH, 1, KERNEL, bias=False)
    draw_norm(module + "4.1", WIDTH)
    draw_map(module + "6", WIDTH, WIDTH, 1, bias=False)
weights = {name: x.float().double().requires_grad_("feature" not in name) for name, x in weights.items()}


def norm(name, x, epsilon=EPSILON):
    return F.layer_norm(x, x.shape[-1:], weights[name + ".weight"], weights[name + ".bias"], epsilon)


def linear(name, x):
    return F.linear(x, weights[name + ".weight"], weights.get(name + ".bias"))


def convolve(name, x, **options):
    """Of frames [B, T, C]."""
    return F.conv1d(x.mT, weights[name + ".weight"], weights.get(name + ".bias"), **options).mT


def respond(x, weight, bias):
    lengths = x.pow(2).sum(1, keepdim=True).sqrt()
    return weight * (x * (lengths / (lengths.mean(2, keepdim=True) + 1e-6))) + bias + x


def turned(x):
    """Halves of a head [B, H, T, d] as complex numbers times e^(i t f)."""
    a, b = x.chunk(2, -1)
    pairs = a.shape[-1]
    frequencies = BASE ** (-torch.arange(pairs).double() / pairs)
    angle = torch.arange(x.shape[2]).double()[:, None] * frequencies
    z = torch.complex(a, b) * torch.polar(torch.ones_like(angle), angle)
    return torch.cat([z.real, z.imag], -1)


def attend(name, x):
    q, k, v = (linear(f"{name}.{part}_proj", x).unflatten(2, (HEADS, -1)).transpose(1, 2) for part in ["query", "key", "value"])
    y = F.scaled_dot_product_attention(turned(q), turned(k), v)
    return linear(f"{name}.out_proj", y.transpose(1, 2).flatten(2))


def feed_forward(name, x):
    return linear(f"{name}.w_2", F.gelu(linear(f"{name}.w_1", x)))


def block(name, x):
    x = x + 0.5 * feed_forward(name + "ffn1", norm(name + "ffn1_layer_norm", x))
    x = x + attend(name + "attn", norm(name + "attn_layer_norm", x))
    module = name + "conv_module.conv_block."
    y = F.glu(convolve(module + "1", norm(name + "conv_module.layer_norm", x)), -1)
    y = F.gelu(norm(module + "4.1", convolve(module + "3", y, padding=KERNEL // 2, groups=WIDTH)))
    x = x + convolve(module + "6", y)
    x = x + 0.5 * feed_forward(name + "ffn2", norm(name + "ffn2_layer_norm", x))
    return norm(name + "final_layer_norm", x)


def front_end(x):
    for s, (depth, width) in enumerate(zip(DEPTHS, CHANNELS)):
        stage = f"subsampling_module.{s}."
        if s > 0:
            x = norm(stage + "resampling_layer.0", x, FRONT_EPSILON)
            x = convolve(stage + "resampling_layer.2", x, stride=2)
        for j in range(depth):
            layer = f"{stage}convnext_layers.{j}."
            y = convolve(layer + "depthwise_block.1", x, padding=3, groups=width)
            y = F.gelu(linear(layer + "pointwise_block.1", norm(layer + "pointwise_block.0", y, FRONT_EPSILON)))
            y = respond(y, weights[layer + "pointwise_block.3.weight"], weights[layer + "pointwise_block.3.bias"])
            x = x + linear(layer + "pointwise_block.4", y)
    return x


def stored(x):
    return x.detach().float().clone().contiguous()


time = torch.arange(12_100) / 24_000
chord = sum(torch.sin(2 * torch.pi * f * time) for f in [220, 277.2, 329.6]) / 8
waveform = torch.stack([chord * torch.exp(-3 * time), chord.flip(0)]) + 0.01 * torch.randn(2, 12_100)
spectrogram = torchaudio.transforms.MelSpectrogram(24_000, n_fft=512, hop_length=240, n_mels=BANDS)
mel = torchaudio.transforms.AmplitudeToDB()(spectrogram(waveform))[..., :-1].mT.double()
mel = (mel - weights["feature_extractor.mel_mean"]) / weights["feature_extractor.mel_std"]

states = [front_end(mel)]
for n in range(LAYERS):
    states.append(block(f"layers.{n}.", states[-1]))
dy = torch.randn(states[-1].shape).double()
(states[-1] * dy).sum().backward()
golden = {"waveform": stored(waveform), "states": stored(torch.stack(states)), "dy": stored(dy)}
golden |= {f"gradient.{name}": stored(x if x.grad is None else x.grad) for name, x in weights.items()}
x, w, b = torch.randn(2, 5, 7).double(), torch.randn(7).double(), torch.randn(7).double()
golden |= {"response.x": stored(x), "response.weight": stored(w), "response.bias": stored(b),
           "response.y": stored(respond(x.float().double(), w.float().double(), b.float().double()))}

weights["feature_extractor.spectrogram.window"] = spectrogram.spectrogram.window
weights["feature_extractor.mel_scale.fb"] = spectrogram.mel_scale.fb
folder.mkdir(parents=True, exist_ok=True)
(folder / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
save_file({name: stored(x) for name, x in weights.items()}, folder / "model.safetensors")
save_file(golden, folder / "golden.safetensors")
