"""The mask network of source separation in PyTorch, after MARBLE and open-unmix: output, loss and gradients.

    python3 mask_network.py     (PyTorch 2)

Writes mask_network.safetensors, which SeparationTests reads. Two layers, weights and norms that are not at their
start, no dropout.
"""

import torch
from safetensors.torch import save_file

torch.manual_seed(11)
B, T, D, BINS, UNITS, LAYERS = 2, 7, 5, 9, 6, 2
nn, F = torch.nn, torch.nn.functional


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.layerLogits = nn.Parameter(torch.randn(LAYERS))
        self.inputShift, self.inputScale = nn.Parameter(torch.randn(D)), nn.Parameter(torch.rand(D) + 0.5)
        self.input, self.inputNorm = nn.Linear(D, UNITS, bias=False), nn.BatchNorm1d(UNITS)
        self.recurrent = nn.LSTM(UNITS, UNITS, num_layers=3, batch_first=True)
        self.middle, self.middleNorm = nn.Linear(2 * UNITS, UNITS, bias=False), nn.BatchNorm1d(UNITS)
        self.output, self.outputNorm = nn.Linear(UNITS, BINS, bias=False), nn.BatchNorm1d(BINS)
        self.outputScale, self.outputShift = nn.Parameter(torch.rand(BINS) + 0.5), nn.Parameter(torch.rand(BINS))

    def forward(self, states, mixture):
        def normed(norm, x):
            return norm(x.reshape(-1, x.shape[-1])).reshape(x.shape)
        h = (torch.softmax(self.layerLogits, 0)[:, None, None, None] * states).sum(0)
        u = torch.tanh(normed(self.inputNorm, self.input((h + self.inputShift) * self.inputScale)))
        v, _ = self.recurrent(u)
        y = torch.relu(normed(self.middleNorm, self.middle(torch.cat([u, v], -1))))
        y = normed(self.outputNorm, self.output(y))
        return torch.relu(y * self.outputScale + self.outputShift) * mixture


network = Network().double()
for norm in (network.inputNorm, network.middleNorm, network.outputNorm):
    norm.weight.data.uniform_(0.5, 1.5)
    norm.bias.data.normal_()
    norm.running_mean.normal_()
    norm.running_var.uniform_(0.5, 2)
    norm.momentum = 0.1


def ours(name):
    """PyTorch's name as ours."""
    for number in range(3):
        for theirs, own in (("weight_ih", "inputWeight"), ("weight_hh", "hiddenWeight"),
                            ("bias_ih", "inputBias"), ("bias_hh", "hiddenBias")):
            name = name.replace(f"recurrent.{theirs}_l{number}", f"recurrent.{number}.{own}")
    return name.replace("running_mean", "mean").replace("running_var", "variance")


arrays = {}
for name, value in network.state_dict().items():
    if "num_batches" not in name:
        value.copy_(value.float().double())
        arrays["weights." + ours(name)] = value.clone()
states, mixture, target = torch.randn(LAYERS, B, T, D), torch.rand(B, T, BINS), torch.rand(B, T, BINS)
arrays |= {"states": states, "mixture": mixture, "target": target}
states, mixture, target = states.double(), mixture.double(), target.double()
arrays["evaluated"] = network.eval()(states, mixture)
trained = network.train()(states, mixture)
loss = F.mse_loss(trained, target)
loss.backward()
arrays |= {"trained": trained, "loss": loss[None]}
arrays |= {"gradients." + ours(n): p.grad for n, p in network.named_parameters()}
for name, value in network.state_dict().items():
    if "running" in name:
        arrays["after." + ours(name)] = value
save_file({n: v.detach().float().contiguous() for n, v in arrays.items()}, "mask_network.safetensors")
