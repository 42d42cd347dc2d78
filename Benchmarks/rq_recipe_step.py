"""Times steps of rq-nano and rq-small themselves, for `etude benchmark step` with their recipes to be held against: model,
inputs and targets of recipes/nano/rq-nano.yaml in plain PyTorch, the constant-Q spectrum by nnAudio.

Run: python Benchmarks/rq_recipe_step.py --size rq-small --precision bf16   (needs torch, torchaudio, nnAudio)

A step computes a constant-Q and a mel spectrum of each crop once, from which inputs and all targets are made; Etude
computes those of the targets again. nnAudio's cheaper transform is taken, CQT2010v2, which is less exact than Etude's.
Masked frames are replaced by noise. Targets: four streams of random codes, rises of mel bands over four seconds, and
classes of the key.
bf16 is autocast. Prints one JSON object.
"""

import torch
import torch.nn.functional as F
import torchaudio
from nnAudio.features.cqt import CQT2010v2
from torch import nn

from rq_step import BANDS, RATE, encoder, parsed, report, trained

HOP, PITCHES, STACK, CODES, WIDTH = 320, 168, 3, 1024, 256
NANO = dict(front="patches", patches=dict(frames=STACK, bands=PITCHES + BANDS), width=WIDTH, layers=3, heads=4, inner=512,
            kernel=15, norm="layer", place="queriesAndKeys", drop=0, batch=16, seconds=7.68)
SIZES = {"rq-nano": NANO, "rq-small": NANO | dict(layers=6, inner=1024, kernel=31, batch=8, seconds=14.4)}
STREAMS = {"cqt": PITCHES, "mel": BANDS, "chroma": 12, "slow": 12}


def averaged(x, seconds):
    """The mean over a stretch around each frame, [B, T, D]."""
    length = 2 * int(seconds * RATE / HOP / 2) + 1
    y = F.avg_pool1d(x.transpose(1, 2), length, 1, length // 2, count_include_pad=False)
    return y.transpose(1, 2)


class Spectra(nn.Module):
    """Magnitudes of both spectra, [B, T, bands]."""

    def __init__(self):
        super().__init__()
        self.pitch = CQT2010v2(sr=RATE, hop_length=HOP, fmin=32.703, n_bins=PITCHES, bins_per_octave=24, verbose=False)
        self.mel = torchaudio.transforms.MelSpectrogram(RATE, n_fft=2048, hop_length=HOP, n_mels=BANDS, power=1)

    def forward(self, x):
        count = x.shape[1] // HOP
        return tuple(f(x)[..., :count].transpose(1, 2) for f in (self.pitch, self.mel))


class Tokens(nn.Module):
    """The nearest of random vectors to a random projection, of a stack of frames."""

    def __init__(self, bands):
        super().__init__()
        self.register_buffer("map", torch.randn(STACK * bands, 16))
        self.register_buffer("vectors", F.normalize(torch.randn(CODES, 16), dim=-1))

    def forward(self, x):
        rows = x.unflatten(1, (-1, STACK)).flatten(2) @ self.map
        return (F.normalize(rows, dim=-1) @ self.vectors.T).argmax(-1)


class Model(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.encoder = encoder(c)
        self.tokens = nn.ModuleDict({name: nn.Linear(WIDTH, CODES) for name in STREAMS})
        self.rises = nn.ModuleList(nn.Linear(WIDTH, BANDS) for _ in range(2))
        self.key = nn.Linear(WIDTH, 24)


def main():
    a = parsed(SIZES, __doc__)
    samples, window = int(a.seconds * RATE), int(0.4 * RATE) // HOP // STACK
    model, spectra = Model(SIZES[a.size]), Spectra()
    run = torch.compile(model.encoder) if a.compile else model.encoder
    tokens = {name: Tokens(bands) for name, bands in STREAMS.items()}
    keyNet = nn.Sequential(nn.Linear(96, 32), nn.GELU(), nn.Linear(32, 24))

    @torch.no_grad()
    def prepared():
        pitch, mel = spectra(0.2 * (2 * torch.rand(a.batch, samples) - 1))
        logarithms, bands = torch.log1p(10 * pitch), torch.log1p(0.1 * mel)
        inputs = torch.cat([logarithms, mel.clamp(min=1e-10).sqrt()], -1)
        chroma = F.normalize(pitch.unflatten(2, (-1, 12, 2)).sum((2, 4)), dim=-1)
        features = dict(cqt=logarithms, mel=bands, chroma=chroma, slow=averaged(chroma, 2))
        codes = {name: tokens[name](x) for name, x in features.items()}
        steps = F.pad(bands[:, ::STACK].diff(dim=1).clamp(min=0), (0, 0, 1, 0))
        means, squares = averaged(steps, 4 / STACK), averaged(steps * steps, 4 / STACK)
        rises = means, (squares - means * means).clamp(min=0).sqrt()
        halves = torch.cat([f(half, 1) for half in pitch.unflatten(2, (-1, 24)).sum(2).chunk(2, 1)
                            for f in (torch.mean, torch.std)], -1)
        chosen = torch.rand(a.batch, inputs.shape[1] // STACK // window + 1) < 0.6
        mask = chosen.repeat_interleave(window, 1)[:, :inputs.shape[1] // STACK]
        noise = torch.randn_like(inputs)
        masked = torch.where(mask.repeat_interleave(STACK, 1)[..., None], noise, inputs)
        return masked, mask, codes, rises, keyNet(halves).softmax(-1)

    def loss():
        x, mask, codes, rises, key = prepared()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=a.precision == "bf16"):
            hidden = run(x)
            logits = {name: head(hidden) for name, head in model.tokens.items()}
            predicted = [head(hidden) for head in model.rises]
            keyLogits = model.key(hidden.mean(1))
        total = F.cross_entropy(keyLogits.float(), key)
        for frames in (mask, ~mask):
            for name, one in logits.items():
                total = total + F.cross_entropy(one.float()[frames], codes[name][frames]) / len(logits)
            for one, wanted in zip(predicted, rises):
                total = total + F.mse_loss(one.float()[frames], wanted[frames])
        return total

    report(a, model, trained(model, loss))


if __name__ == "__main__":
    main()
