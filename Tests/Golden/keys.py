"""Golden values of the weighted key score, by mir_eval, for Tests/EvaluateTests.

Run: python Tests/Golden/keys.py
Needs mir_eval (0.8.2 wrote the file). Keys that sound the same have two names here.
"""

import json
import pathlib
import warnings

import mir_eval

TONICS = ["C", "C#", "Db", "D", "Eb", "E", "F", "F#", "Gb", "G", "Ab", "A", "A#", "Bb", "B"]
names = [f"{tonic} {mode}" for mode in ("major", "minor") for tonic in TONICS]

warnings.simplefilter("ignore")  # that MIREX counts a fifth below as well since 2017
rows = [[mir_eval.key.weighted_score(truth, answer) for answer in names] for truth in names]
lines = ",\n".join("  " + json.dumps(row) for row in rows)
pathlib.Path(__file__).with_suffix(".json").write_text(
    f'{{"names": {json.dumps(names)},\n"scores": [\n{lines}\n]}}\n')
