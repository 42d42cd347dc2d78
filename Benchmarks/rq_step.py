"""Times steps of masked prediction of tokens with a Conformer over mel frames, for `etude benchmark step` with the recipes
of rq/ to be held against: the same model in plain PyTorch.

Run: python Benchmarks/rq_step.py --size small-patches --precision bf16   (needs torch, torchaudio)

A step masks the waveform in windows, computes mel frames of it and of the clean one, assigns the clean ones to random
codes, and runs front end, Conformer and head, cross-entropy at the masked frames, backward pass, clipping and AdamW.
bf16 is autocast: parameters, norms and optimiser stay in float32. --compile compiles the encoder. Prints one JSON object.
"""

import argparse
import json
import resource
import statistics
import time

import torch
import torch.nn.functional as F
import torchaudio
from torch import nn

NANO = dict(front="patches", width=128, layers=3, heads=4, inner=512, norm="layer", batch=32)
SMALL = NANO | dict(width=256, layers=6, inner=1024, batch=16)
SIZES = {
    "nano": NANO,
    "small-patches": SMALL,
    "small-residual": SMALL | dict(front="residual", channels=64, batch=8),
    "small-convnext": SMALL | dict(front="convnext", stages=[(128, 1, 1), (192, 1, 2), (256, 2, 2)], batch=8),
    "musicfm": dict(front="residual", channels=512, width=1024, layers=12, heads=16, inner=4096, place="input", batch=1),
    "omar-rq": dict(front="samples", width=1024, layers=24, heads=8, inner=4096, act="gelu", factor=4.0, alpha=2.632148,
                    bias=True, pairs="neighbours", causal=True, final=False, drop=0.2, batch=2),
    "mert-v2": dict(front="convnext", stages=[(128, 3, 1), (512, 4, 2), (1024, 5, 2)], width=1024, layers=24, heads=16,
                    inner=4096, act="gelu", norm="layer", final=False, batch=2),
}
RATE, HOP, BANDS, CODES = 24_000, 240, 128, 4096


class Rotary(nn.Module):
    def __init__(self, depth, pairs):
        super().__init__()
        self.pairs = pairs
        self.register_buffer("turns", 10_000 ** (-torch.arange(0, depth, 2) / depth))

    def forward(self, x):  # [B, H, T, d]
        angle = torch.arange(x.shape[2])[:, None] * self.turns
        cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
        if self.pairs == "halves":
            a, b = x.chunk(2, -1)
            return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, b * cos + a * sin], -1).flatten(-2)


class Attention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c, self.rotary = c, Rotary(c["width"] // c["heads"], c["pairs"])
        self.maps = nn.ModuleList(nn.Linear(c["width"], c["width"], bias=c["alpha"] is None) for _ in range(3))
        self.out = nn.Linear(c["width"], c["width"])

    def forward(self, x):
        def split(y):
            return y.unflatten(-1, (self.c["heads"], -1)).transpose(1, 2)
        q, k, v = self.maps
        if self.c["place"] == "input":
            turned = self.rotary(split(x)).transpose(1, 2).flatten(2)
            q, k = split(q(turned)), split(k(turned))
        else:
            q, k = self.rotary(split(q(x))), self.rotary(split(k(x)))
        y = F.scaled_dot_product_attention(
            q, k, split(v(x)), dropout_p=self.c["drop"] if self.training else 0, is_causal=self.c["causal"])
        return self.out(y.transpose(1, 2).flatten(2))


class Convolution(nn.Module):
    def __init__(self, c):
        super().__init__()
        d, bias = c["width"], c["bias"]
        self.expand, self.back = nn.Linear(d, 2 * d, bias=bias), nn.Linear(d, d, bias=bias)
        self.depthwise = nn.Conv1d(d, d, c["kernel"], padding=c["kernel"] // 2, groups=d, bias=bias)
        self.norm = nn.BatchNorm1d(d) if c["norm"] == "batch" else nn.LayerNorm(d)
        self.act, self.over_frames = c["act"], c["norm"] == "layer"

    def forward(self, x):
        x = self.depthwise(F.glu(self.expand(x), -1).transpose(1, 2))
        x = self.norm(x.transpose(1, 2)) if self.over_frames else self.norm(x).transpose(1, 2)
        return self.back(getattr(F, self.act)(x))


class Layer(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c, d = c, c["width"]
        self.norms = nn.ModuleList(nn.LayerNorm(d) for _ in range(5))
        self.inner = nn.ModuleList(nn.Linear(d, c["inner"]) for _ in range(2))
        self.outer = nn.ModuleList(nn.Linear(c["inner"], d) for _ in range(2))
        self.attention, self.convolution = Attention(c), Convolution(c)
        self.drop = nn.Dropout(c["drop"])

    def block(self, i, x):
        return self.outer[i](self.drop(getattr(F, self.c["act"])(self.inner[i](x))))

    def forward(self, x):
        n, factor, alpha = self.norms, self.c["factor"], self.c["alpha"]
        x = x + self.drop(factor * self.block(0, n[0](x)))
        if alpha is None:
            x = x + self.drop(self.attention(n[1](x)))
        else:
            x = n[1](alpha * x + self.attention(x))
        x = x + self.drop(self.convolution(n[2](x)))
        return n[4](x + self.drop(factor * self.block(1, n[3](x))))


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.blocks = nn.ModuleList()
        for inputs in [1, channels]:
            self.blocks.append(nn.ModuleDict({
                "first": nn.Conv2d(inputs, channels, 3, 2, 1), "second": nn.Conv2d(channels, channels, 3, 1, 1),
                "skip": nn.Conv2d(inputs, channels, 3, 2, 1),
                **{f"norm{i}": nn.BatchNorm2d(channels) for i in range(3)}}))
        self.width = channels * BANDS // 4

    def forward(self, mel):  # [B, T, F]
        x = mel.transpose(1, 2)[:, None]
        for b in self.blocks:
            main = b["norm1"](b["second"](F.relu(b["norm0"](b["first"](x)))))
            x = F.relu(main + b["norm2"](b["skip"](x)))
        return x.permute(0, 3, 1, 2).flatten(2)


class ConvNeXtLayer(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.depthwise, self.norm = nn.Conv1d(d, d, 7, padding=3, groups=d), nn.LayerNorm(d)
        self.inner, self.outer = nn.Linear(d, 4 * d), nn.Linear(4 * d, d)
        self.scale, self.shift = nn.Parameter(torch.zeros(4 * d)), nn.Parameter(torch.zeros(4 * d))

    def forward(self, x):
        y = F.gelu(self.inner(self.norm(self.depthwise(x.transpose(1, 2)).transpose(1, 2))))
        n = y.norm(dim=1, keepdim=True)
        y = self.scale * (y * (n / (n.mean(-1, keepdim=True) + 1e-6))) + self.shift + y
        return x + self.outer(y)


class ConvNeXt(nn.Module):
    def __init__(self, stages):
        super().__init__()
        self.norms, self.convolutions, self.stages, inputs = nn.ModuleList(), nn.ModuleList(), nn.ModuleList(), BANDS
        for width, layers, stride in stages:
            same = stride == 1 and width == inputs
            self.norms.append(nn.Identity() if same else nn.LayerNorm(inputs))
            self.convolutions.append(nn.Identity() if same else nn.Conv1d(inputs, width, stride, stride))
            self.stages.append(nn.Sequential(*[ConvNeXtLayer(width) for _ in range(layers)]))
            inputs = width
        self.width = inputs

    def forward(self, x):
        for norm, convolution, stage in zip(self.norms, self.convolutions, self.stages):
            x = stage(convolution(norm(x).transpose(1, 2)).transpose(1, 2))
        return x


class Patches(nn.Module):
    def __init__(self, frames=4, bands=BANDS):
        super().__init__()
        self.frames, self.width = frames, frames * bands

    def forward(self, bands):
        return bands.unflatten(1, (-1, self.frames)).flatten(2)


class Encoder(nn.Module):
    def __init__(self, c):
        super().__init__()
        kinds = {"residual": lambda: Residual(c["channels"]), "convnext": lambda: ConvNeXt(c["stages"]),
                 "patches": lambda: Patches(**c["patches"])}
        self.front = kinds.get(c["front"], nn.Identity)()
        inputs = getattr(self.front, "width", 4 * HOP)
        isMapped = c["front"] != "convnext" or inputs != c["width"]
        self.projection = nn.Linear(inputs, c["width"]) if isMapped else nn.Identity()
        self.layers = nn.Sequential(*[Layer(c) for _ in range(c["layers"])])
        self.norm = nn.LayerNorm(c["width"]) if c["final"] else nn.Identity()

    def forward(self, x):
        return self.norm(self.layers(self.projection(self.front(x))))


DEFAULTS = dict(place="queries", pairs="halves", causal=False, act="silu", norm="batch", factor=0.5, alpha=None, kernel=31,
                bias=False, final=True, drop=0.1, patches={})


def encoder(c):
    return Encoder(DEFAULTS | c).train()


def parsed(sizes, description):
    arguments = argparse.ArgumentParser(description=description, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--size", choices=sizes, required=True)
    arguments.add_argument("--batch", type=int)
    arguments.add_argument("--seconds", type=float)
    arguments.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    arguments.add_argument("--compile", action="store_true")
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--steps", type=int, default=5)
    arguments.add_argument("--warmup", type=int, default=2)
    a = arguments.parse_args()
    c = sizes[a.size]
    a.batch, a.seconds = a.batch or c["batch"], a.seconds or c.get("seconds", 5)
    torch.manual_seed(0)
    torch.set_num_threads(a.threads)
    return a


def trained(model, loss):
    """A step of AdamW along the gradients of a loss, whose norm is clipped."""
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-4)

    def step():
        optimiser.zero_grad()
        loss().backward()
        nn.utils.clip_grad_norm_(model.parameters(), 10)
        optimiser.step()
    return step


def report(a, model, step):
    """Times steps and prints their median."""
    seconds = []
    for _ in range(a.warmup + a.steps):
        start = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - start)
    median = statistics.median(seconds[a.warmup:])
    print(json.dumps({
        "peer": f"torch {torch.__version__}", "size": a.size, "precision": a.precision, "compiled": a.compile,
        "batch": a.batch, "threads": a.threads, "parameters": sum(p.numel() for p in model.parameters()),
        "step_seconds_median": median, "audio_seconds_per_second": a.batch * a.seconds / median,
        "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))


def main():
    a = parsed(SIZES, __doc__)
    c, batch, samples = SIZES[a.size], a.batch, int(a.seconds * RATE)
    model = nn.ModuleDict({"encoder": encoder(c), "head": nn.Linear(c["width"], CODES)})
    run = torch.compile(model["encoder"]) if a.compile else model["encoder"]
    mel = torchaudio.transforms.MelSpectrogram(RATE, n_fft=2048, hop_length=HOP, n_mels=BANDS)
    decibels = torchaudio.transforms.AmplitudeToDB()
    projection, codebook = torch.randn(4 * BANDS, 16), F.normalize(torch.randn(CODES, 16), dim=-1)

    def spectrum(waveform):
        return (decibels(mel(waveform))[..., :-1].transpose(1, 2) - 6.77) / 18.4

    def loss():
        clean = 0.2 * (2 * torch.rand(batch, samples) - 1)
        window = int(0.4 * RATE)
        chosen = torch.rand(batch, samples // window + 1) < 0.6
        chosen[:, samples // window:] = False
        mask = chosen.repeat_interleave(window, 1)[:, :samples]
        noisy = torch.where(mask, 0.1 * torch.randn(batch, samples), clean)
        with torch.no_grad():
            rows = F.normalize(spectrum(clean).unflatten(1, (-1, 4)).flatten(2) @ projection, dim=-1)
            codes = (rows @ codebook.T).argmax(-1)
        x = noisy.unflatten(1, (-1, 4 * HOP)) if c["front"] == "samples" else spectrum(noisy)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=a.precision == "bf16"):
            hidden = run(x)
            frames = mask[:, ::4 * HOP]
            logits = model["head"](hidden[frames])
        return F.cross_entropy(logits.float(), codes[frames])

    report(a, model, trained(model, loss))


if __name__ == "__main__":
    main()
