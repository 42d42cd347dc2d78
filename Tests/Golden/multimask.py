"""Writes multimask.safetensors: data2vec 2.0's several masks of a crop, computed in double precision.

The encoder is `transformers`' Data2VecAudioModel, run by hand so that masked frames are left out; masks, decoder and loss
are written out below from the paper's description. Parameters carry our paths and layouts.
  audio [2, B, L], mask [2, B M, T]     crops and the masks of their views, of two batches
  filling [2, B M, masked, D]           what stands in the places of the masked frames
  initial.PATH, gradient.PATH           parameters, and gradients of batch 0 at them
  term.TERM                             the unweighted parts of that loss, and `total`
  losses, norms [10]                    ten steps of AdamW, batch 0 and 1 in turn; norms before clipping
  blocks.T.{run,edge}                   of random masks of T frames: the mean length of a run of masked frames, and the share
                                        of masks that have the first frame

Run: python Tests/Golden/multimask.py (torch 2.15, transformers 5.24)
"""

import copy
import random

import torch
import torch.nn.functional as F
from objectives import (
    AdamW, Pretraining, data2vec, follow, here, ours, samples, schedule, spread, steps,
)
from safetensors.torch import save_file
from torch import nn

torch.set_default_dtype(torch.float64)
crops, views, masked = 2, 3, 7


# MARK: Masks


def block_mask(frames, share, adjustment, length, generator):
    """The masked frames of one view, exactly `int(frames * share)` of them."""
    count = int(frames * share)
    hidden = set()
    for _ in range(max(1, int(frames * (share + adjustment) / length))):
        centre = generator.randrange(frames)
        around = range(centre - length // 2, centre - length // 2 + length)
        hidden |= {min(max(frame, 0), frames - 1) for frame in around}
    while len(hidden) > count:
        hidden.remove(generator.choice(sorted(hidden)))
    while len(hidden) < count:
        hidden.add(generator.choice(sorted(set(range(frames)) - hidden)))
    return sorted(hidden)


def statistics(frames, draws=20_000):
    """The mean length of a run, and how often the first frame is masked."""
    generator = random.Random(frames)
    lengths = runs = edges = 0
    for _ in range(draws):
        mask = block_mask(frames, 0.5, 0.05, 5, generator)
        lengths += len(mask)
        runs += sum(1 for frame in mask if frame - 1 not in mask)
        edges += mask[0] == 0
    return lengths / runs, edges / draws


# MARK: Model


class Decoder(nn.Module):
    def __init__(self, hidden, width, layers, kernel, groups):
        super().__init__()
        self.layers = nn.ModuleList(
            nn.Conv1d(hidden if i == 0 else width, width, kernel, padding=kernel // 2, groups=groups)
            for i in range(layers))

    def forward(self, x):
        """`[V, T, D]` to `[V, T, width]`."""
        for layer in self.layers:
            y = layer(x.transpose(1, 2)).transpose(1, 2)
            y = F.gelu(F.layer_norm(y, y.shape[-1:]))
            x = x + y if x.shape == y.shape else y
        return x


class Views(Pretraining):
    """`Pretraining` whose transformer gets kept frames only."""

    def __init__(self):
        super().__init__(data2vec(), gradient_scale=1.0, top=2)
        hidden = self.encoder.config.hidden_size
        self.regression.decoder = Decoder(hidden, width=8, layers=3, kernel=3, groups=2)
        self.regression.projection = nn.Linear(8, hidden)

    def kept(self, projected, keep):
        """The last hidden state of the kept frames, `[V, kept, D]`."""
        encoder = self.encoder.encoder
        x = projected.repeat_interleave(views, dim=0)
        x = x + encoder.pos_conv_embed(x * keep[..., None])
        x = encoder.layer_norm(x[keep].view(len(keep), -1, x.shape[-1]))
        for layer in encoder.layers:
            x = layer(x)
            x = x[0] if isinstance(x, tuple) else x
        return x

    def terms(self, batch, teacher):
        features = self.encoder.feature_extractor(batch["audio"]).transpose(1, 2)
        projected = self.encoder.feature_projection(features)
        projected = projected[0] if isinstance(projected, tuple) else projected
        mask = batch["mask"].bool()
        whole = torch.zeros(*mask.shape, projected.shape[-1])
        whole[~mask] = self.kept(projected, ~mask).flatten(0, 1)
        whole[mask] = batch["filling"].flatten(0, 1)
        predictions = self.regression.projection(self.regression.decoder(whole)[mask])
        targets = self.targets(teacher, projected.detach()).repeat_interleave(views, dim=0)[mask]
        loss = (predictions - targets).square().sum() / targets.shape[1] ** 0.5 / len(targets)
        return {
            "regression": loss, "targetSpread": spread(targets),
            "predictionSpread": spread(predictions), "total": loss,
        }


def batches(frames, hidden):
    made = []
    for _ in range(2):
        mask = torch.zeros(crops * views, frames, dtype=torch.int32)
        for row in mask:
            row[torch.randperm(frames)[:masked]] = 1
        made.append({
            "audio": torch.randn(crops, samples).float().double(), "mask": mask,
            "filling": (0.5 * torch.randn(crops * views, masked, hidden)).float().double()})
    return made


def record(tensors):
    torch.manual_seed(17)
    model = Views().double().eval()
    with torch.no_grad():
        # Norms and biases start at 1 and 0, where many mistakes do not show.
        for parameter in model.parameters():
            parameter += 0.1 * torch.randn_like(parameter)
            parameter.copy_(parameter.float().double())
    frames = int(model.encoder._get_feat_extract_output_lengths(torch.tensor(samples)))
    data = batches(frames, model.encoder.config.hidden_size)
    for key in data[0]:
        tensors[key] = torch.stack([batch[key] for batch in data])

    teacher = copy.deepcopy(model.encoder.encoder)
    # Nothing is replaced by a mask embedding, so it has no gradient.
    parameters = {n: p for n, p in model.named_parameters() if "masked_spec_embed" not in n}
    for path, parameter in model.named_parameters():
        own, laid = ours(path, parameter, "layer")
        tensors[f"initial.{own}"] = laid.detach().clone()
    optimizer = AdamW(parameters, clip=0.8)
    losses, norms = [], []
    for step in range(steps):
        terms = model.terms(data[step % 2], teacher)
        found = torch.autograd.grad(terms["total"], list(parameters.values()))
        gradients = dict(zip(parameters, found))
        if step == 0:
            for path in parameters:
                own, laid = ours(path, gradients[path], "layer")
                tensors[f"gradient.{own}"] = laid.detach().clone()
            for term, value in terms.items():
                tensors[f"term.{term}"] = value.detach()
        losses.append(terms["total"].detach())
        norms.append(optimizer.step(gradients, schedule(step)))
        follow(teacher, model.encoder.encoder, step + 1, shares_positions=False)
    assert sum(n > 0.8 for n in norms) >= 3, f"clipping hardly acts, {norms}"
    assert abs(losses[8] / losses[0] - 1) > 0.05, f"hardly trains, {losses}"
    tensors["losses"], tensors["norms"] = torch.stack(losses), torch.stack(norms)
    print([round(float(x), 4) for x in losses], [round(float(x), 3) for x in norms])


tensors = {}
record(tensors)
for frames in (40, 249):
    run, edge = statistics(frames, draws=4_000_000 // frames)
    print(frames, run, edge)
    tensors[f"blocks.{frames}.run"], tensors[f"blocks.{frames}.edge"] = (
        torch.tensor(run), torch.tensor(edge))
save_file(
    {n: (t.float() if t.is_floating_point() else t.int()).contiguous() for n, t in tensors.items()},
    here / "multimask.safetensors")
