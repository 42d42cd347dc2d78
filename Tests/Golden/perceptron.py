"""The probe of MARBLE's constrained track, trained by PyTorch: weights before, losses and answers after.

    python3 perceptron.py     (PyTorch 2)

Writes perceptron.safetensors, which PerceptronTests reads. Features of three layers and classes are drawn here; the
whole training part is one batch, so that no order matters, and nothing is dropped.
"""

import torch
from safetensors.torch import save_file

torch.manual_seed(7)
LAYERS, ITEMS, WIDTH, UNITS, CLASSES, EPOCHS = 3, 60, 12, 16, 4, 40

centres = torch.randn(CLASSES, WIDTH)
classes = torch.arange(2 * ITEMS) % CLASSES
states = torch.stack([
    centres[classes] * scale + torch.randn(2 * ITEMS, WIDTH) for scale in (0.2, 1.2, 0.6)])

logits = torch.nn.Parameter(torch.randn(LAYERS))
hidden, output = torch.nn.Linear(WIDTH, UNITS), torch.nn.Linear(UNITS, CLASSES)
parameters = {
    "layerLogits": logits, "hidden.weight": hidden.weight, "hidden.bias": hidden.bias,
    "output.weight": output.weight, "output.bias": output.bias}
before = {name: p.detach().clone() for name, p in parameters.items()}


def probe(x):
    mean = (torch.softmax(logits, 0)[:, None, None] * x).sum(0)
    return output(torch.relu(hidden(mean)))


optimiser = torch.optim.Adam(list(parameters.values()), lr=1e-2)
losses = []
for _ in range(EPOCHS):
    loss = torch.nn.functional.cross_entropy(probe(states[:, :ITEMS]), classes[:ITEMS])
    losses.append(loss.item())
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()

arrays = {"states": states, "classes": classes.int(), "losses": torch.tensor(losses)}
arrays |= {f"before.{name}": value for name, value in before.items()}
arrays |= {f"after.{name}": value.detach() for name, value in parameters.items()}
arrays["answers"] = probe(states[:, ITEMS:]).detach()
save_file({name: value.contiguous() for name, value in arrays.items()}, "perceptron.safetensors")
