"""Golden values of fine-tuning a tiny encoder along with a probe, by PyTorch, for Tests/EvaluateTests.

Run: python Tests/Golden/fine_tuning.py
Needs torch, transformers and safetensors. The encoder is models/hubert-post, in double precision and without dropout;
the head is one hidden layer over the mean of the last hidden state; AdamW with rate 1e-2 and weight decay 0.01.

fine_tuning.safetensors holds
  waveform [4, samples], classes [4]
  head.hidden.weight ... head.output.bias    before the first step
  lora.N.down [r, in]                        `A` of queries and values in the order of the layers, query before value
  whole.losses, lora.losses [8]              the loss before each update
  whole.states, lora.states [4, T, D]        the last hidden state after the last update
"""

from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn
from transformers import HubertModel

here = Path(__file__).parent
torch.manual_seed(11)
RANK, ALPHA, STEPS = 2, 8, 8


def encoder():
    return HubertModel.from_pretrained(here / "models" / "hubert-post", attn_implementation="eager").double().eval()


waveform = torch.randn(4, 331, dtype=torch.float64)
classes = torch.tensor([0, 2, 1, 2])
head = nn.Sequential(nn.Linear(12, 6), nn.ReLU(), nn.Linear(6, 3)).double()
before = {name: value.clone() for name, value in head.state_dict().items()}
first = encoder()
downs = [torch.randn(RANK, 12, dtype=torch.float64) / 12**0.5 for _ in range(2 * len(first.encoder.layers))]


class Adapted(nn.Module):
    """A linear map with a low-rank update in two paths."""

    def __init__(self, linear, down):
        super().__init__()
        self.linear = linear.requires_grad_(False)
        self.down = nn.Parameter(down.clone())
        self.up = nn.Parameter(torch.zeros(linear.out_features, RANK, dtype=torch.float64))

    def forward(self, x):
        return self.linear(x) + ALPHA / RANK * (x @ self.down.T) @ self.up.T


def trained(model, parameters):
    head.load_state_dict(before)
    optimizer = torch.optim.AdamW([*parameters, *head.parameters()], lr=1e-2, weight_decay=0.01)
    losses = []
    for _ in range(STEPS):
        loss = nn.functional.cross_entropy(head(model(waveform).last_hidden_state.mean(1)), classes)
        losses.append(loss.detach())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return torch.stack(losses), model(waveform).last_hidden_state.detach()


whole = trained(first, first.parameters())
second = encoder().requires_grad_(False)
added = []
for number, layer in enumerate(second.encoder.layers):
    attention = layer.attention
    attention.q_proj = Adapted(attention.q_proj, downs[2 * number])
    attention.v_proj = Adapted(attention.v_proj, downs[2 * number + 1])
    for map in (attention.q_proj, attention.v_proj):
        added += [map.down, map.up]
lora = trained(second, added)

tensors = {
    "waveform": waveform, "classes": classes.int(),
    "head.hidden.weight": before["0.weight"], "head.hidden.bias": before["0.bias"],
    "head.output.weight": before["2.weight"], "head.output.bias": before["2.bias"],
    "whole.losses": whole[0], "whole.states": whole[1], "lora.losses": lora[0], "lora.states": lora[1],
}
tensors |= {f"lora.{number}.down": down for number, down in enumerate(downs)}
print(whole[0], lora[0])
save_file(
    {name: (t.float() if t.is_floating_point() else t).contiguous() for name, t in tensors.items()},
    here / "fine_tuning.safetensors")
