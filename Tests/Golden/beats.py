"""Golden values of the beat decoder, by madmom, for Tests/EvaluateTests.

Run: python Tests/Golden/beats.py
Needs madmom of commit 27f032e (0.17.dev0), which needs Python 3.11, numpy 1.23, scipy 1.11 and
Cython 0.29, and a folder `models` with an empty `__init__.py` in it if its submodule is not there.
Probabilities are rounded, so that the file stays small, and to float32, which is what is read.
"""

import json
import pathlib
import warnings

import numpy as np
from madmom.features.beats import DBNBeatTrackingProcessor
from madmom.features.beats_hmm import exponential_transition

warnings.simplefilter("ignore")
generator = np.random.default_rng(11)


def decoded(rate, probabilities):
    text = np.round(probabilities, 3)
    beats = DBNBeatTrackingProcessor(fps=rate)(text.astype(np.float32).astype(np.float64))
    return dict(rate=rate, probabilities=text.tolist(), beats=np.round(beats, 9).tolist())


def pulses(rate, seconds, tempi, noise):
    """Peaks at a tempo that changes from `tempi[0]` to `tempi[1]` beats a minute, some missing."""
    frames = int(rate * seconds)
    a, time = noise * generator.random(frames), 0.3
    while time < seconds - 0.1:
        frame = int(rate * (time + generator.normal() * 0.01))
        if generator.random() < 0.85:
            a[frame - 1:frame + 2] = [0.3, 0.5 + 0.4 * generator.random(), 0.25]
        time += 60 / (tempi[0] + (tempi[1] - tempi[0]) * time / seconds)
    return decoded(rate, a)


def space(rate):
    tracker = DBNBeatTrackingProcessor(fps=rate)
    return dict(
        rate=rate, states=int(tracker.st.num_states), transitions=len(tracker.tm.states),
        beatStates=int(tracker.om.pointers.sum()))


certain = np.zeros(200)  # on every 12th frame; at 50 Hz a beat has to last longer
certain[5::12] = 1
golden = dict(
    spaces=[space(rate) for rate in (25, 50, 75, 86.1328125)],
    row=exponential_transition(np.array([25]), np.arange(14, 56), 100)[0].tolist(),
    clips=[
        decoded(50, generator.random(400)), decoded(75, generator.random(600) ** 4),
        decoded(25, generator.random(300) ** 2), decoded(50, np.full(300, 0.5)),
        decoded(25, certain), decoded(50, certain), decoded(50, [0.9]),
        decoded(75, np.round(generator.random(500), 1).clip(0.1, 0.9)), pulses(75, 10, (100, 130), 0.2),
        pulses(50, 12, (180, 90), 0.3), pulses(25, 12, (60, 60), 0.4),
        pulses(86.1328125, 6, (210, 150), 0.5)])
lines = (f'"{name}": [\n' + ",\n".join("  " + json.dumps(case) for case in cases) + "]"
         for name, cases in golden.items())
pathlib.Path(__file__).with_suffix(".json").write_text("{" + ",\n".join(lines) + "}\n")
