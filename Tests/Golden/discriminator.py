"""Golden values of the multi-scale spectrogram discriminator and its losses, from encodec's in float64.

Run: python Tests/Golden/discriminator.py   (needs torch, torchaudio, encodec, safetensors)

Two small scales of random weights. Weights are stored channels last, as [out, time, frequency, in], under the names of
the state that the tests load.
"""

from pathlib import Path

import torch
from encodec.msstftd import MultiScaleSTFTDiscriminator
from safetensors.torch import save_file

torch.manual_seed(43)
windows = [64, 32]
model = MultiScaleSTFTDiscriminator(
    filters=4, n_ffts=windows, hop_lengths=[w // 4 for w in windows], win_lengths=windows,
    activation_params={"negative_slope": 0.3}).double()
tensors = {}


def keep(name, value):
    tensors[name] = value.detach().float().clone().contiguous()


def swift(name):
    """discriminators.0.convs.1.conv.weight_v -> scales.0.convolutions.1.weight"""
    name = name.replace("discriminators", "scales").replace("convs", "convolutions")
    name = name.replace("conv_post", "output").replace(".conv.", ".").replace("weight_v", "weight")
    return name.replace("weight_g", "gain")


def laid_out(name, value):
    if name.endswith("weight_g"):
        return value.flatten()
    return value.permute(0, 2, 3, 1) if value.dim() == 4 else value


for name, parameter in model.named_parameters():
    if name.endswith("weight_g"):  # so that it is not the length of its weight
        parameter.data *= 0.5 + torch.rand_like(parameter)
    parameter.data = parameter.data.float().double()
    keep("state." + swift(name), laid_out(name, parameter))

original = torch.randn(2, 200)
reconstruction = (0.7 * original + 0.3 * torch.randn(2, 200)).requires_grad_()
keep("original", original)
keep("reconstruction", reconstruction)


def outputs(x):
    return model(x.double()[:, None])


for name, x in (("original", original), ("reconstruction", reconstruction)):
    logits, features = outputs(x)
    for k, logit in enumerate(logits):
        keep(f"{name}.logits.{k}", logit.permute(0, 2, 3, 1))
        for layer, feature in enumerate(features[k]):
            keep(f"{name}.features.{k}.{layer}", feature.permute(0, 2, 3, 1))

scales = len(windows)
real, _ = outputs(original)
fake, _ = outputs(reconstruction.detach())
hinge = sum((1 - r).relu().mean() + (1 + f).relu().mean() for r, f in zip(real, fake)) / scales
hinge.backward()
keep("discriminator.loss", hinge)
for name, parameter in model.named_parameters():
    keep("discriminator.gradient." + swift(name), laid_out(name, parameter.grad))

for name in ("generator", "features"):
    reconstruction.grad = None
    fake, fake_features = outputs(reconstruction)
    _, real_features = outputs(original)
    if name == "generator":
        loss = sum((1 - f).relu().mean() for f in fake) / scales
    else:
        terms = [
            (r.detach() - f).abs().mean() / r.detach().abs().mean()
            for rs, fs in zip(real_features, fake_features) for r, f in zip(rs, fs)]
        loss = sum(terms) / len(terms)
    loss.backward()
    keep(f"{name}.loss", loss)
    keep(f"{name}.gradient", reconstruction.grad)

save_file(tensors, Path(__file__).with_suffix(".safetensors"))
