"""Holds `etude embed` against the formulas of MERT-v2 with a random model of full size, on real audio, and opens what
`etude convert --to mert-v2` writes.

  python check_mert2_full_size.py song.wav [--etude .build/release/etude] [--seconds 7.3 13.1]

Makes a MERT-v2 of 632 million parameters in a temporary folder of 5 GB, takes so many seconds from the middle of the file
at 24 kHz, and prints the relative RMS of the hidden states of every layer. Fails if one is 1e-4 or more, or if a tensor
that is written has another name, shape or value. The modules here have the names of the published files; no code of
MERT-v2 is used.

Needs torch 2.15, torchaudio 2.11, soundfile, soxr, and 8 GB of memory.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import torch
import torch.nn.functional as F
import torchaudio
from full_size import crop, relative
from safetensors.torch import load_file, save_file
from torch import nn

RATE, BOUND, WIDTH, HEADS, INNER, LAYERS, EPSILON = 24_000, 1e-4, 1024, 16, 4096, 24, 1e-5
STAGES = [(128, 128, 3, 1), (128, 512, 4, 2), (512, 1024, 5, 2)]


class Flip(nn.Module):
    def forward(self, x):
        return x.mT


class Response(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.zeros(1, 1, width)), nn.Parameter(torch.zeros(1, 1, width))

    def forward(self, x):
        lengths = x.pow(2).sum(1, keepdim=True).sqrt()
        return self.weight * (x * (lengths / (lengths.mean(2, keepdim=True) + 1e-6))) + self.bias + x


class ConvNeXt(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.depthwise_block = nn.Sequential(Flip(), nn.Conv1d(width, width, 7, padding=3, groups=width), Flip())
        self.pointwise_block = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.GELU(), Response(4 * width), nn.Linear(4 * width, width))

    def forward(self, x):
        return x + self.pointwise_block(self.depthwise_block(x))


class Stage(nn.Module):
    def __init__(self, inputs, width, layers, stride):
        super().__init__()
        self.resampling_layer = nn.Identity() if stride == 1 else nn.Sequential(
            nn.LayerNorm(inputs), Flip(), nn.Conv1d(inputs, width, stride, stride), Flip())
        self.convnext_layers = nn.Sequential(*[ConvNeXt(width) for _ in range(layers)])

    def forward(self, x):
        return self.convnext_layers(self.resampling_layer(x))


class FeedForward(nn.Module):
    def __init__(self):
        super().__init__()
        self.w_1, self.w_2 = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)

    def forward(self, x):
        return self.w_2(F.gelu(self.w_1(x)))


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        for name in ["query", "key", "value", "out"]:
            setattr(self, f"{name}_proj", nn.Linear(WIDTH, WIDTH))

    def forward(self, x):
        q, k, v = (m(x).unflatten(2, (HEADS, -1)).transpose(1, 2) for m in [self.query_proj, self.key_proj, self.value_proj])
        return self.out_proj(F.scaled_dot_product_attention(turned(q), turned(k), v).transpose(1, 2).flatten(2))


def turned(x):
    """Halves of a head [B, H, T, d] as complex numbers times e^(i t f)."""
    a, b = x.chunk(2, -1)
    pairs = a.shape[-1]
    angle = torch.arange(x.shape[2])[:, None] * 10_000 ** (-torch.arange(pairs).double() / pairs)
    z = torch.complex(a.double(), b.double()) * torch.polar(torch.ones_like(angle), angle)
    return torch.cat([z.real, z.imag], -1).float()


class Convolution(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer_norm = nn.LayerNorm(WIDTH)
        self.conv_block = nn.Sequential(
            Flip(), nn.Conv1d(WIDTH, 2 * WIDTH, 1, bias=False), nn.GLU(1),
            nn.Conv1d(WIDTH, WIDTH, 31, padding=15, groups=WIDTH, bias=False),
            nn.Sequential(Flip(), nn.LayerNorm(WIDTH), Flip()), nn.GELU(), nn.Conv1d(WIDTH, WIDTH, 1, bias=False), Flip())

    def forward(self, x):
        return self.conv_block(self.layer_norm(x))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        for name in ["ffn1", "attn", "ffn2", "final"]:
            setattr(self, f"{name}_layer_norm", nn.LayerNorm(WIDTH))
        self.ffn1, self.attn, self.conv_module, self.ffn2 = FeedForward(), Attention(), Convolution(), FeedForward()

    def forward(self, x):
        x = x + 0.5 * self.ffn1(self.ffn1_layer_norm(x))
        x = x + self.attn(self.attn_layer_norm(x))
        x = x + self.conv_module(x)
        return self.final_layer_norm(x + 0.5 * self.ffn2(self.ffn2_layer_norm(x)))


class Mel(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("mel_mean", torch.zeros(128))
        self.register_buffer("mel_std", torch.ones(128))
        self.spectrogram = torchaudio.transforms.Spectrogram(2048, hop_length=240)
        self.mel_scale = torchaudio.transforms.MelScale(128, RATE, n_stft=1025)

    def forward(self, x):
        mel = torchaudio.functional.amplitude_to_DB(self.mel_scale(self.spectrogram(x)), 10, 1e-10, 0)
        return (mel[..., :-1].mT - self.mel_mean) / self.mel_std


class MERT2(nn.Module):
    def __init__(self):
        super().__init__()
        self.feature_extractor = Mel()
        self.subsampling_module = nn.Sequential(*[Stage(*stage) for stage in STAGES])
        self.layers = nn.ModuleList(Block() for _ in range(LAYERS))

    def forward(self, x):
        states = [self.subsampling_module(self.feature_extractor(x))]
        for layer in self.layers:
            states.append(layer(states[-1]))
        return torch.stack(states)[:, 0]


def make(folder):
    config = dict(
        model_type="mert2", sampling_rate=RATE, n_fft=2048, win_length=2048, hop_length=240, num_mel_bins=128,
        subsampling_channels=[s[1] for s in STAGES], subsampling_depths=[s[2] for s in STAGES],
        subsampling_layer_norm_eps=EPSILON, hidden_size=WIDTH, num_hidden_layers=LAYERS, num_attention_heads=HEADS,
        intermediate_size=INNER, conv_depthwise_kernel_size=31, layer_norm_eps=EPSILON, rotary_embedding_base=10_000.0)
    torch.manual_seed(1)
    model = MERT2().eval()
    with torch.no_grad():
        model.feature_extractor.mel_mean += -20 + torch.rand(128)
        model.feature_extractor.mel_std += 10 + torch.rand(128)
        for name, x in model.named_parameters():
            # Norms and biases start at 1 and 0, where many mistakes do not show.
            if x.ndim == 1 or ".pointwise_block.3." in name:
                x += 0.02 * torch.rand_like(x)
    count = sum(p.numel() for p in model.parameters())
    print(f"{count} parameters")
    assert count == 632_295_808
    save_file({n: x.contiguous() for n, x in model.state_dict().items()}, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(config))
    return model


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
parser.add_argument("audio")
parser.add_argument("--etude", default=".build/release/etude")
parser.add_argument("--seconds", nargs="+", type=float, default=[7.3, 13.1])
arguments = parser.parse_args()
with tempfile.TemporaryDirectory() as root, torch.no_grad():
    root = Path(root)
    model = make(root)
    clip, out, written = root / "clip.wav", root / "states.safetensors", root / "written"
    for seconds in arguments.seconds:
        theirs = model(torch.from_numpy(crop(arguments.audio, seconds, RATE, clip))[None])
        subprocess.run(
            [arguments.etude, "embed", "--model", root, clip, "--out", out], check=True, stdout=subprocess.DEVNULL)
        ours = load_file(out)["hidden_states"]
        assert ours.shape == theirs.shape, (ours.shape, theirs.shape)
        layers = relative(ours, theirs)
        print(f"mert-v2 {seconds:5} s  worst {layers.max():.1e}  layers " + " ".join(f"{x:.0e}" for x in layers))
        assert layers.max() < BOUND, f"not below {BOUND}"
    subprocess.run([arguments.etude, "convert", "--to", "mert-v2", root, written], check=True)
    tensors = load_file(written / "model.safetensors")
    weights = {n: x for n, x in model.state_dict().items() if not n.startswith("feature_extractor.")}
    worst = max((tensors[n] - x).abs().max().item() for n, x in weights.items())
    model.load_state_dict(tensors, strict=True)
    assert worst == 0
    print(f"opened what is written: {len(tensors)} tensors, largest difference of a weight {worst}")
