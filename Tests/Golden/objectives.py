"""Writes objectives.safetensors: tiny pre-trainings of each kind, computed in double precision.

NAME is hubert, tied, mert, data2vec or audioset; encoders are those of `transformers`, heads, losses,
teacher and optimiser are written out below from the papers' formulas. Parameters carry our paths and layouts.
  NAME.audio, NAME.heard [2, B, L]      clean crops and what the model hears, of two batches
  NAME.mask [2, B, T], NAME.codes.SET [2, B, T], NAME.spectrum [2, B, T, bins]
  NAME.initial.PATH, NAME.gradient.PATH parameters, and gradients of batch 0 at them
  NAME.term.TERM                        the unweighted parts of that loss, and `total`
  NAME.losses, NAME.norms [10]          ten steps of AdamW, batch 0 and 1 in turn; norms before clipping
  adamw.gradient.STEP.NAME, adamw.parameter.STEP.NAME  an optimiser alone, 0 being the start

Run: python Tests/Golden/objectives.py (torch 2.11, transformers 5.23)
"""

import copy
import re
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn
from transformers import Data2VecAudioConfig, Data2VecAudioModel, HubertConfig, HubertModel

here = Path(__file__).parent
torch.set_default_dtype(torch.float64)
samples, steps = 331, 10
common = dict(
    conv_dim=[6, 5, 7], conv_kernel=[10, 3, 2], conv_stride=[5, 2, 2], num_feat_extract_layers=3,
    vocab_size=32, attn_implementation="eager",
)


# MARK: Optimiser


class AdamW:
    """Decoupled decay on everything; epsilon beside the uncorrected root."""

    def __init__(self, parameters, beta1=0.9, beta2=0.98, epsilon=1e-6, decay=0.01, clip=10.0):
        self.parameters = dict(parameters)
        self.numbers, self.t = (beta1, beta2, epsilon, decay, clip), 0
        self.m = {n: torch.zeros_like(p) for n, p in self.parameters.items()}
        self.v = {n: torch.zeros_like(p) for n, p in self.parameters.items()}

    @torch.no_grad()
    def step(self, gradients, rate):
        beta1, beta2, epsilon, decay, clip = self.numbers
        self.t += 1
        norm = sum((g**2).sum() for g in gradients.values()).sqrt()
        scale = min(1.0, clip / (norm + 1e-6)) if clip > 0 else 1.0
        size = rate * (1 - beta2**self.t) ** 0.5 / (1 - beta1**self.t)
        for name, p in self.parameters.items():
            g, m, v = gradients[name] * scale, self.m[name], self.v[name]
            m.mul_(beta1).add_((1 - beta1) * g)
            v.mul_(beta2).add_((1 - beta2) * g * g)
            p.mul_(1 - rate * decay).sub_(size * m / (v.sqrt() + epsilon))
        return norm


def schedule(step, peak=5e-3, warmup=4, total=12):
    """The rate of update `step`, the first being 0: up to the peak, then straight to 0."""
    if step < warmup:
        return peak * (step + 1) / warmup
    return peak * (1 - (step - warmup) / (total - warmup))


# MARK: Objectives


class Scaled(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, factor):
        ctx.factor = factor
        return x.view_as(x)

    @staticmethod
    def backward(ctx, gradient):
        return gradient * ctx.factor, None


class CodeHead(nn.Module):
    """`tied`: all label sets share a projection. `special`: a dictionary's symbols before its codes."""

    def __init__(self, hidden, width, codebooks, tied=False, special=0):
        super().__init__()
        self.tied, self.special = tied, special
        self.projection = nn.Linear(hidden, width * (1 if tied else len(codebooks)))
        self.embeddings = nn.ParameterList([torch.rand(special + v, width) for v in codebooks])

    def terms(self, frames, codes):
        """Each candidate against the projection by its cosine; the right one comes first."""
        terms = {}
        projected = self.projection(frames)
        sets = len(self.embeddings)
        parts = [projected] * sets if self.tied else projected.chunk(sets, dim=-1)
        for s, (part, table) in enumerate(zip(parts, self.embeddings)):
            logits = F.cosine_similarity(part[:, None], table[None], dim=-1, eps=1e-8) / 0.1
            symbols = codes[s] + self.special
            right = logits.gather(1, symbols[:, None])
            others = logits.scatter(1, symbols[:, None], -torch.inf)
            candidates = torch.cat([right, others], dim=1)
            terms[f"codes.{s}"] = -candidates.log_softmax(-1)[:, 0].mean()
            chosen = logits.argmax(-1)
            terms[f"accuracy.{s}"] = (chosen == symbols).double().mean()
            shares = chosen.bincount().double() / len(chosen)
            terms[f"perplexity.{s}"] = torch.special.entr(shares).sum().exp()
        return terms


class Head(nn.Module):
    def __init__(self, hidden, out):
        super().__init__()
        self.projection = nn.Linear(hidden, out)


class Pretraining(nn.Module):
    def __init__(self, encoder, gradient_scale, penalty=0.0, codebooks=(), bins=0, top=0,
                 weights=(1.0, 0.0), tied=False, special=0, beta=0.0, audioset=False):
        super().__init__()
        self.weights, self.beta, self.audioset = weights, beta, audioset
        self.encoder, self.gradient_scale, self.penalty = encoder, gradient_scale, penalty
        hidden, self.top = encoder.config.hidden_size, top
        self.codes = CodeHead(hidden, 4, codebooks, tied, special) if codebooks else None
        self.spectrum = Head(hidden, bins) if bins else None
        self.regression = Head(hidden, hidden) if top else None

    def terms(self, batch, teacher):
        features = Scaled.apply(
            self.encoder.feature_extractor(batch["heard"]).transpose(1, 2), self.gradient_scale)
        projected = self.encoder.feature_projection(features)
        projected = projected[0] if isinstance(projected, tuple) else projected
        mask = batch["mask"].bool()
        masked = torch.where(mask[..., None], self.encoder.masked_spec_embed, projected)
        hidden = self.encoder.encoder(masked).last_hidden_state
        frames = hidden[mask]

        terms, total = {}, 0.0
        if self.penalty:
            terms["penalty"] = features.square().mean()
            total = total + self.penalty * terms["penalty"]
        if self.codes:
            terms |= self.codes.terms(frames, [c[mask].long() for c in batch["codes"]])
            terms["codes"] = sum(terms[f"codes.{s}"] for s in range(len(batch["codes"])))
            mixture = self.weights[0] * terms["codes"]
            if self.weights[1] > 0:
                # fairseq's: both sums over the frames of both kinds.
                others = self.codes.terms(hidden[~mask], [c[~mask].long() for c in batch["codes"]])
                others["codes"] = sum(others[f"codes.{s}"] for s in range(len(batch["codes"])))
                summed = mixture * mask.sum() + self.weights[1] * others["codes"] * (~mask).sum()
                mixture = summed / mask.numel()
                terms |= {f"unmasked.{name}": value for name, value in others.items()}
            total = total + mixture
        if self.spectrum:
            error = self.spectrum.projection(frames) - batch["spectrum"][mask]
            terms["cqt"] = error.square().mean()
            total = total + terms["cqt"]
        if self.regression:
            targets = self.targets(teacher, projected.detach())[mask]
            predictions = self.regression.projection(frames)
            width = targets.shape[1]
            if self.beta > 0:
                distances = F.smooth_l1_loss(predictions, targets, beta=self.beta, reduction="none")
            else:
                distances = (predictions - targets).square()
            summed = distances.sum() / width**0.5
            terms["regression"] = summed / len(targets)
            terms["targetSpread"] = spread(targets)
            terms["predictionSpread"] = spread(predictions)
            total = total + terms["regression"]
        return terms | {"total": total}

    @torch.no_grad()
    def targets(self, teacher, projected):
        """What the last linear map of the top layers puts out, each channel normed over time."""
        found = []
        hooks = [
            layer.feed_forward.output_dense.register_forward_hook(lambda _, __, y: found.append(y))
            for layer in teacher.layers]
        teacher(projected.clone())
        for hook in hooks:
            hook.remove()
        normed = [F.instance_norm(y.transpose(1, 2), eps=1e-5) for y in found[-self.top:]]
        mean = (sum(normed) / self.top).transpose(1, 2)
        return F.layer_norm(mean, mean.shape[-1:]) if self.audioset else mean


def spread(frames):
    return (frames.var(0, unbiased=True) + 1e-6).sqrt().mean()


@torch.no_grad()
def follow(teacher, student, n, shares_positions, start=0.9, end=0.99, over=6):
    decay = start + (end - start) * n / over if n < over else end
    for (name, mine), theirs in zip(teacher.named_parameters(), student.parameters()):
        if shares_positions and name.startswith("pos_conv_embed"):
            mine.copy_(theirs)
        else:
            mine.mul_(decay).add_((1 - decay) * theirs)


# MARK: Names

renamings = [
    (r"encoder\.feature_extractor\.conv_layers\.(\d+)\.conv\.", r"encoder.extractor.layers.\1."),
    (r"encoder\.feature_projection\.layer_norm\.", "encoder.projection.norm."),
    (r"encoder\.feature_projection\.projection\.", "encoder.projection.linear."),
    (r"encoder\.masked_spec_embed", "encoder.maskEmbedding"),
    (r"encoder\.encoder\.pos_conv_embed\.conv\.parametrizations\.weight\.original0",
     "encoder.position.gain"),
    (r"encoder\.encoder\.pos_conv_embed\.conv\.parametrizations\.weight\.original1",
     "encoder.position.direction"),
    (r"encoder\.encoder\.pos_conv_embed\.layers\.(\d+)\.conv\.", r"encoder.position.layers.\1."),
    (r"encoder\.encoder\.pos_conv_embed\.conv\.", "encoder.position."),
    (r"encoder\.encoder\.layer_norm\.", "encoder.transformer.norm."),
    (r"encoder\.encoder\.layers\.(\d+)\.", r"encoder.transformer.layers.\1."),
    (r"attention\.q_proj", "attention.query"), (r"attention\.k_proj", "attention.key"),
    (r"attention\.v_proj", "attention.value"), (r"attention\.out_proj", "attention.output"),
    (r"(transformer\.layers\.\d+)\.layer_norm\.", r"\1.attentionNorm."),
    (r"feed_forward\.intermediate_dense", "feedForward.inner"),
    (r"feed_forward\.output_dense", "feedForward.output"),
    (r"(transformer\.layers\.\d+)\.final_layer_norm\.", r"\1.feedForwardNorm."),
]


def ours(name, tensor, norm):
    norm_name = "timeNorm" if norm == "group" else "layerNorm"
    name = re.sub(r"encoder\.feature_extractor\.conv_layers\.(\d+)\.layer_norm\.",
                  rf"encoder.extractor.layers.\1.{norm_name}.", name)
    for theirs, mine in renamings:
        name = re.sub(theirs, mine, name)
    if name == "encoder.position.gain":
        return name, tensor.reshape(-1)
    return name, tensor.permute(0, 2, 1) if tensor.dim() == 3 else tensor


# MARK: Runs


def hubert(**settings):
    return HubertModel(HubertConfig(
        **common, conv_bias=False, hidden_size=12, num_attention_heads=3, intermediate_size=20,
        num_conv_pos_embeddings=8, num_conv_pos_embedding_groups=4, **settings))


def data2vec():
    return Data2VecAudioModel(Data2VecAudioConfig(
        **common, conv_bias=False, hidden_size=12, num_hidden_layers=3, num_attention_heads=2,
        intermediate_size=18, conv_pos_kernel_size=5, num_conv_pos_embeddings=3,
        num_conv_pos_embedding_groups=3))


runs = {
    "hubert": lambda: Pretraining(
        hubert(feat_extract_norm="group", do_stable_layer_norm=False, num_hidden_layers=2),
        gradient_scale=0.1, penalty=10.0, codebooks=[5, 7], weights=(1.5, 0.4)),
    "mert": lambda: Pretraining(
        hubert(feat_extract_norm="group", do_stable_layer_norm=True, num_hidden_layers=2),
        gradient_scale=0.3, penalty=10.0, codebooks=[6, 6, 6], bins=9),
    "data2vec": lambda: Pretraining(data2vec(), gradient_scale=1.0, top=2),
    "tied": lambda: Pretraining(
        hubert(feat_extract_norm="group", do_stable_layer_norm=False, num_hidden_layers=1),
        gradient_scale=1.0, codebooks=[5, 7], tied=True, special=4),
    "audioset": lambda: Pretraining(
        data2vec(), gradient_scale=1.0, top=3, beta=0.5, audioset=True),
}


def batches(model, frames):
    """Two batches of two crops; masks of the rows differ, their counts too."""
    made = []
    for _ in range(2):
        audio = torch.randn(2, samples)
        heard = audio.clone()
        heard[0, 50:150] += audio[1, 100:200]
        mask = torch.rand(2, frames) < 0.45
        mask[0, 0], mask[1, 3], mask[0, 5] = False, True, True
        codes = [torch.randint(len(t) - model.codes.special, (2, frames))
                 for t in (model.codes.embeddings if model.codes else [])]
        bins = model.spectrum.projection.out_features if model.spectrum else 0
        made.append({"audio": audio, "heard": heard if bins else audio, "mask": mask.int(),
                     "codes": codes, "spectrum": torch.rand(2, frames, bins) * 3})
    return made


def record(name, tensors):
    torch.manual_seed(len(name))
    model = runs[name]().double().eval()
    with torch.no_grad():
        # Norms and biases start at 1 and 0, where many mistakes do not show.
        for parameter in model.parameters():
            parameter += 0.1 * torch.randn_like(parameter)
            parameter.copy_(parameter.float().double())
    norm = getattr(model.encoder.config, "feat_extract_norm", "layer")
    frames = int(model.encoder._get_feat_extract_output_lengths(torch.tensor(samples)))
    data = [{k: [c for c in v] if k == "codes" else (v.float().double() if v.is_floating_point() else v)
             for k, v in batch.items()} for batch in batches(model, frames)]
    for key in ["audio", "heard", "mask", "spectrum"]:
        if data[0][key].numel():
            tensors[f"{name}.{key}"] = torch.stack([batch[key] for batch in data])
    for s in range(len(data[0]["codes"])):
        tensors[f"{name}.codes.{s}"] = torch.stack([batch["codes"][s] for batch in data]).int()

    teacher = copy.deepcopy(model.encoder.encoder) if model.top else None
    parameters = dict(model.named_parameters())
    optimizer = AdamW(parameters, clip=0.8)
    losses, norms = [], []
    for step in range(steps):
        terms = model.terms(data[step % 2], teacher)
        found = torch.autograd.grad(terms["total"], list(parameters.values()))
        gradients = dict(zip(parameters, found))
        if step == 0:
            for path, parameter in parameters.items():
                for kind, tensor in [("initial", parameter), ("gradient", gradients[path])]:
                    own, laid = ours(path, tensor, norm)
                    tensors[f"{name}.{kind}.{own}"] = laid.detach().clone()
            for term, value in terms.items():
                tensors[f"{name}.term.{term}"] = value.detach()
        losses.append(terms["total"].detach())
        norms.append(optimizer.step(gradients, schedule(step)))
        if teacher is not None:
            follow(teacher, model.encoder.encoder, step + 1, shares_positions=not model.audioset)
    assert sum(n > 0.8 for n in norms) >= 3, f"{name}: clipping hardly acts, {norms}"
    assert abs(losses[8] / losses[0] - 1) > 0.05, f"{name}: hardly trains, {losses}"
    tensors[f"{name}.losses"], tensors[f"{name}.norms"] = torch.stack(losses), torch.stack(norms)
    print(name, [round(float(x), 4) for x in losses], [round(float(x), 3) for x in norms])


def record_optimizer(tensors):
    """Seven updates of two parameters, the second of them far beyond the clip norm."""
    torch.manual_seed(3)
    mine = {"a": torch.randn(3, 4), "b": torch.randn(5)}
    mine = {n: p.float().double() for n, p in mine.items()}
    theirs = {n: nn.Parameter(p.clone()) for n, p in mine.items()}
    for n, p in mine.items():
        tensors[f"adamw.parameter.0.{n}"] = p.clone()
    optimizer = AdamW(mine, epsilon=1e-3, decay=0.1, clip=2.0)
    reference = torch.optim.AdamW(theirs.values(), betas=(0.9, 0.98), weight_decay=0.1)
    for t in range(1, 8):
        size = {2: 100.0, 5: 1e-4}.get(t, 0.3)
        gradients = {n: (size * torch.randn_like(p)).float().double() for n, p in mine.items()}
        optimizer.step(gradients, 0.05 / t)
        # PyTorch adds epsilon to the corrected root: this one makes both the same.
        group = reference.param_groups[0]
        group["lr"], group["eps"] = 0.05 / t, 1e-3 / (1 - 0.98**t) ** 0.5
        for n, p in theirs.items():
            p.grad = gradients[n].clone()
        nn.utils.clip_grad_norm_(theirs.values(), 2.0)
        reference.step()
        for n, p in mine.items():
            assert torch.allclose(p, theirs[n], rtol=1e-10), (t, n)
            tensors[f"adamw.gradient.{t}.{n}"] = gradients[n]
            tensors[f"adamw.parameter.{t}.{n}"] = p.clone()


if __name__ == "__main__":
    tensors = {}
    for name in runs:
        record(name, tensors)
    record_optimizer(tensors)
    save_file(
        {n: (t.float() if t.is_floating_point() else t.int()).contiguous()
         for n, t in tensors.items()},
        here / "objectives.safetensors")
