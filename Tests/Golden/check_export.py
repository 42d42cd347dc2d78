"""Opens folders that Etude wrote with `transformers` and compares hidden states.

  ETUDE_EXPORT=/some/folder swift test -c release --filter ExportTests
  python check_export.py /some/folder

Fails if AutoModel warns or misses a tensor, or if a state differs by 1e-4 relative RMS or more.
"""

import logging
import sys
import warnings
from pathlib import Path

import torch
from safetensors.torch import load_file
from transformers import AutoFeatureExtractor, AutoModel


class Refusal(logging.Handler):
    """Makes a logged warning an error."""

    def emit(self, record):
        if record.levelno >= logging.WARNING:
            raise SystemExit(f"transformers warns: {record.getMessage()}")


warnings.simplefilter("error")
logging.getLogger("transformers").addHandler(Refusal())
worst = 0.0
folders = sorted(path.parent for path in Path(sys.argv[1]).glob("*/config.json"))
assert folders, f"no model folder in {sys.argv[1]}"
for folder in folders:
    model, loading = AutoModel.from_pretrained(folder, output_loading_info=True)
    assert not any(loading.values()), f"{folder}: {loading}"
    ours = load_file(folder / "states.safetensors")
    prepare = AutoFeatureExtractor.from_pretrained(folder)
    rate = prepare.sampling_rate
    values = prepare(ours["samples"].numpy(), sampling_rate=rate, return_tensors="pt").input_values
    with torch.no_grad():
        states = model.eval()(values, output_hidden_states=True).hidden_states
    theirs = torch.stack(states)[:, 0].double()
    difference = (ours["hidden_states"].double() - theirs).pow(2).mean((1, 2)).sqrt()
    relative = (difference / theirs.pow(2).mean((1, 2)).sqrt()).max().item()
    worst = max(worst, relative)
    print(f"{folder.name}: {type(model).__name__}, {rate} Hz, relative RMS {relative:.2e}")
    assert relative < 1e-4, folder
print(f"worst {worst:.2e}")
