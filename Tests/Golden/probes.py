"""Golden values of the logistic regression, by scikit-learn, for Tests/EvaluateTests.

Run: python Tests/Golden/probes.py
Needs numpy and scikit-learn. The data are given by formulas that the Swift test repeats, so that
the file holds only the answers.
"""

import json
import pathlib

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.preprocessing import StandardScaler

CASES = [
    dict(examples=200, features=5, classes=3, penalty=0.1),
    dict(examples=200, features=5, classes=3, penalty=0.001),
    dict(examples=301, features=17, classes=7, penalty=0.01),
    dict(examples=60, features=40, classes=4, penalty=0.01),
]


def data(examples, features, classes):
    """Features [N, D] and classes [N] by formula; column j has mean near j and its own scale."""
    i = np.arange(1, examples + 1, dtype=np.float64)[:, None]
    j = np.arange(1, features + 1, dtype=np.float64)[None, :]
    x = (j + (0.5 + 0.1 * j) * np.sin(0.37 * i * j + 0.011 * i * i)).astype(np.float32)
    i = i[:, 0]
    score = np.sin(0.37 * i + 0.011 * i * i) + 0.6 * np.sin(0.74 * i + 0.011 * i * i)
    score = score + 0.5 * np.sin(11.0 * i)
    y = np.floor((score + 2.1) / 4.2 * classes).astype(int).clip(0, classes - 1)
    return x, y


def answer(case):
    x, y = data(case["examples"], case["features"], case["classes"])
    train = np.arange(len(y)) % 4 != 3
    scaler = StandardScaler().fit(x[train].astype(np.float64))
    a, b = scaler.transform(x[train].astype(np.float64)), scaler.transform(x[~train].astype(np.float64))
    assert len(set(y[train])) == case["classes"]
    model = LogisticRegression(C=1 / (case["penalty"] * len(a)), tol=1e-10, max_iter=100000)
    model.fit(a, y[train])
    labels = range(case["classes"])
    loss = log_loss(y[train], model.predict_proba(a), labels=labels)
    weights = np.concatenate([model.coef_, model.intercept_[:, None]], axis=1)
    return dict(
        case,
        classSum=int((y * (np.arange(len(y)) + 1)).sum()),
        loss=loss + case["penalty"] / 2 * (model.coef_**2).sum(),
        weights=weights.round(6).tolist(),
        testAccuracy=(model.predict(b) == y[~train]).mean(),
        testLoss=log_loss(y[~train], model.predict_proba(b), labels=labels),
    )


path = pathlib.Path(__file__).with_name("probes.json")
path.write_text(json.dumps([answer(case) for case in CASES]) + "\n")
