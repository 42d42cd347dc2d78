"""Golden values of MARBLE's metrics and of the Wiener filter, for Tests/EvaluateTests.

Run: python Tests/Golden/marble.py
Needs numpy, scikit-learn (1.9.1 wrote the file), mir_eval (0.8.2), torch and openunmix (1.3.0,
`pip install --no-deps` is enough). Inputs are rounded, so that the file stays small, and to
float32, so that both sides compute from the same numbers.
"""

import json
import pathlib
import warnings

import mir_eval
import numpy as np
import torch
from openunmix.filtering import wiener
from sklearn.metrics import average_precision_score, r2_score, roc_auc_score

generator = np.random.default_rng(7)


def rounded(x, digits):
    """As decimals for JSON, and as the float32 that they are read as, in float64."""
    x = np.round(x, digits)
    return x.tolist(), x.astype(np.float32).astype(np.float64)


def class_scores(examples, classes, digits, shift):
    """Scores [N, C] of which true ones are higher by `shift`; class 1 has no positive, 2 no negative."""
    truth = generator.random((examples, classes)) < 0.3
    if classes > 3:
        truth[:, 1], truth[:, 2] = False, True
    text, scores = rounded(generator.normal(size=truth.shape) + shift * truth, digits)
    judged = [c for c in range(classes) if 0 < truth[:, c].sum() < examples]
    return dict(
        classes=classes, skipped=classes - len(judged), scores=sum(text, []),
        truth=truth.ravel().tolist(),
        rocAUC=float(np.mean([roc_auc_score(truth[:, c], scores[:, c]) for c in judged])),
        averagePrecision=float(
            np.mean([average_precision_score(truth[:, c], scores[:, c]) for c in judged])))


def regression(examples, quantities, noise):
    """Quantity 1, if there are three, does not vary, and the last one is predicted without error."""
    truth = generator.normal(size=(examples, quantities))
    predictions = truth + noise * generator.normal(size=truth.shape)
    if quantities > 2:
        truth[:, 1] = 0.7
        predictions[:, -1] = truth[:, -1]
    (truth_text, truth), (text, predictions) = rounded(truth, 3), rounded(predictions, 3)
    values = r2_score(truth, predictions, multioutput="raw_values")
    return dict(
        quantities=quantities, predictions=sum(text, []), truth=sum(truth_text, []),
        r2=values.tolist())


def beats(references, estimates, seconds):
    """Times so dense that which beat is matched with which matters."""
    reference = np.sort(np.round(generator.random(references) * seconds, 3))
    estimated = np.sort(np.round(generator.random(estimates) * seconds, 3))
    trimmed = [mir_eval.beat.trim_beats(times) for times in (reference, estimated)]
    return dict(
        reference=reference.tolist(), estimated=estimated.tolist(),
        matches=len(mir_eval.util.match_events(reference, estimated, 0.07)),
        f=float(mir_eval.beat.f_measure(reference, estimated)),
        fAfterTrim=float(mir_eval.beat.f_measure(*trimmed)))


def spectrum(frames, bins, window, loudness):
    """A stereo mixture, an estimate of a source's magnitudes, and open-unmix's spectrum of it."""
    text, mixture = rounded(loudness * generator.normal(size=(2, 2, frames, bins)), 3)
    share = generator.random((frames, bins)).clip(0.1) - 0.1  # a tenth of the bins is 0
    magnitude_text, magnitudes = rounded(share * np.abs(mixture[0, 0] + 1j * mixture[0, 1]), 3)
    x = torch.tensor(mixture).permute(2, 3, 0, 1)  # [T, F, channels, parts]
    v = torch.tensor(magnitudes)[:, :, None, None]
    windows = [
        wiener(v[i:i + window], x[i:i + window].clone(), iterations=1, residual=True)
        for i in range(0, frames, window)]
    target = torch.cat(windows)[..., 0].permute(2, 3, 0, 1).numpy()
    flat = lambda parts: [[sum(part, []) for part in channel] for channel in parts]
    return dict(
        bins=bins, window=window, magnitudes=sum(magnitude_text, []), mixture=flat(text),
        target=flat(np.vectorize(lambda value: float(f"{value:.7g}"))(target).tolist()))


warnings.simplefilter("ignore")  # that a clip has no beats
golden = dict(
    classScores=[
        class_scores(60, 5, 3, 1), class_scores(80, 6, 1, 0.5), class_scores(50, 4, 0, 0.3),
        class_scores(40, 2, 3, -1)],
    regressions=[regression(30, 2, 0.4), regression(25, 4, 1.5)],
    beats=[
        beats(60, 60, 30), beats(70, 60, 10), beats(50, 90, 6), beats(120, 20, 12), beats(20, 20, 4),
        beats(0, 12, 10), beats(12, 0, 10), beats(0, 0, 10)],
    spectra=[
        spectrum(17, 7, 6, 1), spectrum(12, 5, 12, 40), spectrum(9, 4, 4, 0.01),
        spectrum(5, 3, 600, 2)])
lines = (f'"{name}": [\n' + ",\n".join("  " + json.dumps(case) for case in cases) + "]"
         for name, cases in golden.items())
pathlib.Path(__file__).with_suffix(".json").write_text("{" + ",\n".join(lines) + "}\n")
