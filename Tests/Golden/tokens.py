"""Writes tokens.safetensors: quantisers of tokens, and the masked prediction of their codes by a tiny Conformer, by
formulas in double precision.

  projection.{frames [40, 12], projection, vectors, codes}     random projection: the vector with the greatest cosine
  scalar.{frames, weight, bias, codes}                         rounded levels 4, 3 and 5
  audio [2, 2, L]                                              two batches of clean crops
  mask [2, 2, T], features [2, 2, T, 14]                       masked frames; features of the streams, side by side
  initial.PATH, gradient.PATH                                  by our paths; gradients of batch 0
  term.TERM, losses [10], norms [10]                           terms of batch 0; ten steps of AdamW, batch 0 and 1 in turn

Masked samples are 0, as noise without deviation makes them. No code of MusicFM, MuQ or OMAR-RQ is used; the formulas
of losses and quantisers are those of their publications.
Run: python Tests/Golden/tokens.py (torch 2.15, torchaudio 2.11)
"""

from pathlib import Path

import torch
import torch.nn.functional as F
import torchaudio
from safetensors.torch import save_file

torch.manual_seed(18)
RATE, HOP, FFT, BANDS, PATCH, WINDOW, SAMPLES = 2_000, 20, 64, 8, 4, 2, 960
WIDTH, HEADS, INNER, KERNEL, LAYERS = 12, 3, 20, 5, 2
LEVELS, WEIGHTS, UNMASKED = [4, 3, 5], {"mel": 1.0, "chroma": 0.5}, 0.4
tensors = {}


def draw(*shape, deviation=0.3, around=0.0):
    return (around + deviation * torch.randn(*shape)).float().double()


# MARK: Quantisers


def projected(x, projection, vectors):
    cosines = F.normalize(x @ projection, dim=1) @ F.normalize(vectors, dim=1).T
    best = cosines.topk(2, dim=1)
    assert (best.values[:, 0] - best.values[:, 1]).min() > 1e-5, "codes hang on rounding"
    return best.indices[:, 0]


def rounded(x, weight, bias):
    codes, place = torch.zeros(len(x), dtype=torch.long), 1
    for z, levels in zip((x @ weight.T + bias).T, LEVELS):
        level = (levels - 1) * (z.tanh() + 1) / 2 + 0.5
        assert (level - level.round()).abs().min() > 1e-5, "codes hang on rounding"
        codes, place = codes + place * level.floor().long(), place * levels
    return codes


def random_projection(width, codes, channels):
    return draw(width, channels, deviation=(2 / (width + channels)) ** 0.5), F.normalize(draw(codes, channels, deviation=1), dim=1).float().double()


def scalar(width):
    return F.normalize(draw(len(LEVELS), width), dim=1).float().double(), draw(len(LEVELS))


frames = draw(40, 12, deviation=1)
projection, vectors = random_projection(12, 16, 4)
weight, bias = scalar(12)
tensors |= {
    "projection.frames": frames, "projection.projection": projection, "projection.vectors": vectors,
    "projection.codes": projected(frames, projection, vectors), "scalar.frames": frames, "scalar.weight": weight,
    "scalar.bias": bias, "scalar.codes": rounded(frames, weight, bias)}

# MARK: The model

weights, buffers = {}, {}


def draw_norm(name):
    weights[name + ".weight"], weights[name + ".bias"] = draw(WIDTH, around=1), draw(WIDTH)


def draw_map(name, out, into, bias=True):
    weights[name + ".weight"] = draw(out, into)
    if bias:
        weights[name + ".bias"] = draw(out)


buffers["encoder.input.mean"], buffers["encoder.input.deviation"] = draw(BANDS, around=-20, deviation=3), 10 + draw(BANDS).abs()
draw_map("encoder.projection", WIDTH, BANDS * PATCH)
for n in range(LAYERS):
    layer = f"encoder.conformer.layers.{n}."
    for name in ["firstNorm", "attentionNorm", "convolutionNorm", "lastNorm", "norm", "convolution.norm"]:
        draw_norm(layer + name)
    for name in ["first", "last"]:
        draw_map(f"{layer}{name}.inner", INNER, WIDTH)
        draw_map(f"{layer}{name}.output", WIDTH, INNER)
    for name in ["query", "key", "value", "output"]:
        draw_map(f"{layer}attention.{name}", WIDTH, WIDTH)
    draw_map(layer + "convolution.expansion", 2 * WIDTH, WIDTH, bias=False)
    weights[layer + "convolution.depthwise.weight"] = draw(WIDTH, KERNEL, 1)
    draw_map(layer + "convolution.output", WIDTH, WIDTH, bias=False)

# Stream "mel": ten channels, two random projections of 16 codes. Stream "chroma": four channels, levels.
for book in range(2):
    name = f"tokens.mel.tokens.tokenizer.books.{book}."
    buffers[name + "projection"], buffers[name + "vectors"] = random_projection(10, 16, 4)
    draw_map(f"tokens.mel.projections.{book}", 16, WIDTH)
buffers["tokens.mel.tokens.whitening.mean"], buffers["tokens.mel.tokens.whitening.deviation"] = draw(10), 1 + draw(10).abs()
buffers["tokens.chroma.tokens.whitening.mean"], buffers["tokens.chroma.tokens.whitening.matrix"] = draw(4), draw(4, 4, deviation=1).tril()
name = "tokens.chroma.tokens.tokenizer.books.0."
buffers[name + "weight"], buffers[name + "bias"] = scalar(4)
draw_map("tokens.chroma.projections.0", 60, WIDTH)
for x in weights.values():
    x.requires_grad_()


def norm(name, x):
    return F.layer_norm(x, x.shape[-1:], weights[name + ".weight"], weights[name + ".bias"], 1e-5)


def linear(name, x):
    return F.linear(x, weights[name + ".weight"], weights.get(name + ".bias"))


def turned(x):
    """Halves of a head [B, H, T, d] as complex numbers times e^(i t f)."""
    a, b = x.chunk(2, -1)
    pairs = a.shape[-1]
    angle = torch.arange(x.shape[2]).double()[:, None] * 10_000.0 ** (-torch.arange(pairs).double() / pairs)
    z = torch.complex(a, b) * torch.polar(torch.ones_like(angle), angle)
    return torch.cat([z.real, z.imag], -1)


def attend(name, x):
    q, k, v = (linear(f"{name}.{part}", x).unflatten(2, (HEADS, -1)).transpose(1, 2) for part in ["query", "key", "value"])
    return linear(f"{name}.output", F.scaled_dot_product_attention(turned(q), turned(k), v).transpose(1, 2).flatten(2))


def feed_forward(name, x):
    return linear(f"{name}.output", F.gelu(linear(f"{name}.inner", x)))


def layer(name, x):
    x = x + 0.5 * feed_forward(name + "first", norm(name + "firstNorm", x))
    x = x + attend(name + "attention", norm(name + "attentionNorm", x))
    y = F.glu(linear(name + "convolution.expansion", norm(name + "convolutionNorm", x)), -1)
    y = F.conv1d(y.mT, weights[name + "convolution.depthwise.weight"].mT, padding=KERNEL // 2, groups=WIDTH).mT
    x = x + linear(name + "convolution.output", F.gelu(norm(name + "convolution.norm", y)))
    x = x + 0.5 * feed_forward(name + "last", norm(name + "lastNorm", x))
    return norm(name + "norm", x)


spectrogram = torchaudio.transforms.MelSpectrogram(RATE, n_fft=FFT, hop_length=HOP, n_mels=BANDS).double()


def encoded(audio, mask):
    heard = audio * (~mask).repeat_interleave(PATCH * HOP, dim=1)
    mel = 10 * spectrogram(heard).clamp(min=1e-10).log10()[..., :-1].mT
    mel = (mel - buffers["encoder.input.mean"]) / buffers["encoder.input.deviation"]
    count = mel.shape[1] // PATCH
    x = linear("encoder.projection", mel[:, :count * PATCH].reshape(len(mel), count, PATCH * BANDS))
    for n in range(LAYERS):
        x = layer(f"encoder.conformer.layers.{n}.", x)
    return x


# MARK: The objective


def codes(stream, x):
    name = f"tokens.{stream}.tokens."
    x = x - buffers[name + "whitening.mean"]
    if stream == "mel":
        x = x / buffers[name + "whitening.deviation"]
        return [projected(x, *(buffers[f"{name}tokenizer.books.{b}.{part}"] for part in ["projection", "vectors"])) for b in range(2)]
    x = x @ buffers[name + "whitening.matrix"].T
    return [rounded(x, buffers[name + "tokenizer.books.0.weight"], buffers[name + "tokenizer.books.0.bias"])]


def token_terms(outputs, features):
    terms, total, weight = {}, 0.0, 0.0
    for stream, columns in [("mel", slice(0, 10)), ("chroma", slice(10, 14))]:
        for book, targets in enumerate(codes(stream, features[:, columns])):
            logits = linear(f"tokens.{stream}.projections.{book}", outputs)
            name, shares = f"tokens.{stream}.{book}.", targets.bincount().double() / len(targets)
            terms[name + "loss"] = F.cross_entropy(logits, targets)
            terms[name + "accuracy"] = (logits.argmax(1) == targets).double().mean()
            terms[name + "perplexity"] = torch.special.entr(shares).sum().exp()
            terms[name + "usage"] = (shares > 0).sum().double() / logits.shape[1]
            total, weight = total + WEIGHTS[stream] * terms[name + "loss"], weight + WEIGHTS[stream]
    terms["tokens"] = total / weight
    return terms


def all_terms(batch):
    hidden, mask = encoded(batch["audio"], batch["mask"]), batch["mask"]
    terms = token_terms(hidden[mask], batch["features"][mask])
    others = token_terms(hidden[~mask], batch["features"][~mask])
    total = (terms["tokens"] * mask.sum() + UNMASKED * others["tokens"] * (~mask).sum()) / mask.numel()
    return terms | {"unmasked." + name: value for name, value in others.items()} | {"total": total}


class AdamW:
    """Decoupled decay on everything; epsilon beside the uncorrected root."""

    def __init__(self, rate=5e-3, beta1=0.9, beta2=0.98, epsilon=1e-6, decay=0.01, clip=0.8):
        self.numbers, self.t = (rate, beta1, beta2, epsilon, decay, clip), 0
        self.m = {n: torch.zeros_like(p) for n, p in weights.items()}
        self.v = {n: torch.zeros_like(p) for n, p in weights.items()}

    @torch.no_grad()
    def step(self, gradients):
        rate, beta1, beta2, epsilon, decay, clip = self.numbers
        self.t += 1
        length = sum((g**2).sum() for g in gradients.values()).sqrt()
        size = rate * (1 - beta2**self.t) ** 0.5 / (1 - beta1**self.t)
        for name, p in weights.items():
            g, m, v = gradients[name] * min(1.0, clip / (length + 1e-6)), self.m[name], self.v[name]
            m.mul_(beta1).add_((1 - beta1) * g)
            v.mul_(beta2).add_((1 - beta2) * g * g)
            p.mul_(1 - rate * decay).sub_(size * m / (v.sqrt() + epsilon))
        return length


count = SAMPLES // HOP // PATCH
batches = []
for _ in range(2):
    mask = (torch.rand(2, count // WINDOW) < 0.6).repeat_interleave(WINDOW, dim=1)
    mask[0, :2], mask[1, :2] = True, False
    batches.append({"audio": draw(2, SAMPLES), "mask": mask, "features": draw(2, count, 14, deviation=1)})
for key in batches[0]:
    tensors[key] = torch.stack([batch[key] for batch in batches])
tensors |= {f"initial.{name}": x.detach().clone() for name, x in (weights | buffers).items()}
tensors["initial.encoder.maskEmbedding"] = torch.zeros(WIDTH)

optimizer, losses, norms = AdamW(), [], []
for step in range(10):
    terms = all_terms(batches[step % 2])
    gradients = dict(zip(weights, torch.autograd.grad(terms["total"], list(weights.values()))))
    if step == 0:
        tensors |= {f"gradient.{name}": x for name, x in gradients.items()}
        tensors |= {f"term.{name}": value.detach() for name, value in terms.items()}
    losses.append(terms["total"].detach())
    norms.append(optimizer.step(gradients))
tensors["losses"], tensors["norms"] = torch.stack(losses), torch.stack(norms)
print([round(float(x), 4) for x in losses], [round(float(x), 3) for x in norms])
assert losses[8] < 0.95 * losses[0], "hardly trains"
save_file(
    {n: (t.detach().float() if t.is_floating_point() else t.int()).contiguous() for n, t in tensors.items()},
    Path(__file__).with_suffix(".safetensors"))
