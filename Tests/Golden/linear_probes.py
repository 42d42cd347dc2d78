"""Golden values of logistic regression of labels and ridge regression, by scikit-learn, for Tests/EvaluateTests.

Run: python Tests/Golden/linear_probes.py
Needs numpy and scikit-learn. The features are given by a formula that the Swift test repeats.
"""

import json
import pathlib

import numpy as np
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler


def features(examples, width):
    i = np.arange(1, examples + 1, dtype=np.float64)[:, None]
    j = np.arange(1, width + 1, dtype=np.float64)[None, :]
    return (j + (0.5 + 0.1 * j) * np.sin(0.37 * i * j + 0.011 * i * i)).astype(np.float32)


def truth(examples, outputs):
    """Numbers [N, K] by formula; a label applies where the number is above 0.3."""
    i = np.arange(1, examples + 1, dtype=np.float64)[:, None]
    k = np.arange(1, outputs + 1, dtype=np.float64)[None, :]
    return (np.sin(0.37 * i * k + 0.011 * i * i) + 0.5 * np.sin(11.0 * i + k)).astype(np.float32)


def logistic(x, y, penalty):
    rows = []
    for column in (y > 0.3).T.astype(int):
        model = LogisticRegression(C=1 / (penalty * len(x)), tol=1e-10, max_iter=100000)
        model.fit(x, column)
        rows.append(np.concatenate([model.coef_[0], model.intercept_]))
    return np.stack(rows)


def ridge(x, y, penalty):
    model = Ridge(alpha=penalty * len(x)).fit(x, y)
    return np.concatenate([np.atleast_2d(model.coef_), np.reshape(model.intercept_, (-1, 1))], axis=1)


def answer(kind, examples, width, outputs, penalty):
    x = StandardScaler().fit_transform(features(examples, width).astype(np.float64))
    y = truth(examples, outputs).astype(np.float64)
    weights = {"logistic": logistic, "ridge": ridge}[kind](x, y, penalty)
    return dict(
        kind=kind, examples=examples, features=width, outputs=outputs, penalty=penalty,
        weights=weights.round(6).tolist())


CASES = [
    answer("logistic", 200, 9, 5, 0.1), answer("logistic", 301, 17, 3, 0.001),
    answer("ridge", 200, 9, 2, 0.1), answer("ridge", 60, 40, 3, 0.01),
    answer("ridge", 301, 17, 1, 10.0),
]
path = pathlib.Path(__file__).with_name("linear_probes.json")
path.write_text(json.dumps(CASES) + "\n")
