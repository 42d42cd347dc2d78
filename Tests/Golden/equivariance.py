"""Writes equivariance.safetensors: losses of keys and pitches under transposition, in double precision.

  key.LOGITS [3, S, 12]                 logits of a stretch, of another in the same key, of the first transposed
  key.steps [S]                         by how many semitones the first lies above its transposition
  key.CIRCLE.loss, key.CIRCLE.gradient  STONE's loss for the circles `fifths` and `semitones`, its gradient by the logits
  mode.logits [3, S, 24], mode.chroma [S, 12]   the same for keys of two modes, and mean spectra by pitch class
  mode.loss, mode.gradient              S-KEY's loss of modes, cross-entropy and balance with their weights
  pitch.logits [2, N, C], pitch.steps [N]   logits of frames, and of copies transposed up by so many classes
  pitch.LOSS.loss, pitch.LOSS.gradient  PESTO's `invariance`, `shift` and `ratio`; an octave has `pitch.octave` classes

Run: python Tests/Golden/equivariance.py (torch 2.15)
"""

from pathlib import Path

import torch
from safetensors.torch import save_file

torch.set_default_dtype(torch.float64)
here = Path(__file__).parent
tensors = {}


def graded(name, loss, logits):
    (gradient,) = torch.autograd.grad(loss, logits)
    tensors[f"{name}.loss"], tensors[f"{name}.gradient"] = loss.detach(), gradient


def key_loss(logits, steps, turns):
    """Points of a disc by complex numbers."""
    angles = 2j * torch.pi * turns * torch.arange(12) / 12
    a, b, c = (logits.softmax(-1).to(torch.complex128) @ torch.exp(angles))
    wanted = torch.exp(2j * torch.pi * turns * steps / 12)

    def distance(target, product):
        return (target - product).abs().square().mean()

    return (distance(1, a * b.conj()) + distance(wanted, a * c.conj())
            + distance(wanted, b * c.conj()))


def mode_loss(logits, chroma):
    """Labels from the louder tonic of the likelier signature; the balance as the product of two lacks."""
    y = logits.softmax(-1)
    first = y[..., :12].sum(-1)
    signature = (y[0] + y[1]).unflatten(-1, (2, 12)).sum(-2).argmax(-1)
    rows = torch.arange(len(signature))
    label = (chroma[rows, signature] > chroma[rows, (signature + 3) % 12]).double()
    entropy = sum(
        torch.nn.functional.binary_cross_entropy(m, label) for m in first)
    balance = (first[:2].mean() - 0.5) * (0.5 - y[:2, :, 12:].sum(-1).mean())
    return 1.5 * entropy + 20 * balance


def entropy(distributions, targets):
    return -(targets.detach() * distributions.log()).sum(-1).mean()


def shifted(y, steps):
    """Rows moved up by some columns."""
    moved = torch.zeros_like(y)
    for row, step in enumerate(steps.tolist()):
        for column in range(y.shape[1]):
            if 0 <= column - step < y.shape[1]:
                moved[row, column] = y[row, column - step]
    return moved


def huber(x):
    return torch.nn.functional.huber_loss(
        x, torch.zeros_like(x), delta=2 ** (1 / 6) - 1, reduction="none")


def ratio(a, b, steps, octave):
    series = 2 ** (torch.arange(a.shape[1]) / octave)
    s, t, wanted = a @ series, b @ series, 2 ** (steps / octave)
    return ((huber(t / s - wanted) + huber(s / t - 1 / wanted)) / 2).mean()


torch.manual_seed(1)
logits = (2 * torch.randn(3, 5, 12)).float().double().requires_grad_()
steps = torch.tensor([-11, 4, 7, -1, 10])
tensors |= {"key.logits": logits.detach().clone(), "key.steps": steps}
for circle, turns in [("fifths", 7), ("semitones", 1)]:
    graded(f"key.{circle}", key_loss(logits, steps, turns), logits)

octave = 6
logits = (1.5 * torch.randn(2, 7, 20)).float().double().requires_grad_()
steps = torch.tensor([0, 3, -3, 1, 19, -2, 2])
tensors |= {
    "pitch.logits": logits.detach().clone(), "pitch.steps": steps,
    "pitch.octave": torch.tensor(octave)}
a, b = logits.softmax(-1)
graded("pitch.invariance", (entropy(a, b) + entropy(b, a)) / 2, logits)
a, b = logits.softmax(-1)
graded(
    "pitch.shift", (entropy(a, shifted(b, -steps)) + entropy(b, shifted(a, steps))) / 2, logits)
a, b = logits.softmax(-1)
graded("pitch.ratio", ratio(a, b, steps, octave), logits)

logits = (2 * torch.randn(3, 7, 24)).float().double().requires_grad_()
chroma = torch.rand(7, 12).float().double()
tensors |= {"mode.logits": logits.detach().clone(), "mode.chroma": chroma}
graded("mode", mode_loss(logits, chroma), logits)

save_file(
    {n: (t.float() if t.is_floating_point() else t.int()).contiguous() for n, t in tensors.items()},
    here / "equivariance.safetensors")
print({n: float(t) for n, t in tensors.items() if n.endswith("loss")})
