"""Writes the golden values of masks', clusters' and teachers' tests: pretrain_parts.json.

Run: python Tests/Golden/pretrain_parts.py   (NumPy, scikit-learn, PyTorch)
"""

import json
import pathlib

import numpy as np
import torch
from sklearn.cluster import MiniBatchKMeans


def noise(count, salt):
    """Uniform numbers in [0, 1) from a hash of the index, the same in any language."""
    h = np.arange(count, dtype=np.uint32) + np.uint32(salt * 0x9E3779B9 & 0xFFFFFFFF)
    h = (h ^ (h >> np.uint32(16))) * np.uint32(0x7FEB352D)
    h = (h ^ (h >> np.uint32(15))) * np.uint32(0x846CA68B)
    h = h ^ (h >> np.uint32(16))
    return (h >> np.uint32(8)).astype(np.float32) / np.float32(1 << 24)


def cloud(frames, width):
    """Correlated features without clusters: uniform noise, channel d scaled by 1 / (1 + d)."""
    x = noise(frames * width, 1).reshape(frames, width)
    return x / (1 + np.arange(width, dtype=np.float32))


def blobs(frames, width, groups):
    """Groups of unequal size around random centres, far from the origin."""
    centres = noise(groups * width, 2).reshape(groups, width) * np.float32(16) + np.float32(200)
    which = (noise(frames, 3) ** 2 * np.float32(groups)).astype(np.int64)
    spread = noise(frames * width, 4) + noise(frames * width, 5) - np.float32(1)
    return centres[which] + spread.reshape(frames, width)


def inertias(x, clusters):
    """scikit-learn's sum of squared distances with fairseq's settings, over five seeds."""
    found = []
    for seed in range(5):
        model = MiniBatchKMeans(
            clusters, init="k-means++", max_iter=100, batch_size=1000, n_init=20, tol=0.0,
            max_no_improvement=100, reassignment_ratio=0.0, compute_labels=False,
            random_state=seed).fit(x)
        c = model.cluster_centers_.astype(np.float64)
        d = ((x.astype(np.float64)[:, None] - c[None]) ** 2).sum(-1)
        found.append(float(d.min(1).sum()))
    return found


golden = {
    "kmeans": {
        "cloud": {
            "checksum": float(cloud(6000, 6).astype(np.float64).sum()),
            "inertias": inertias(cloud(6000, 6), 40),
        },
        "blobs": {
            "checksum": float(blobs(5000, 8, 25).astype(np.float64).sum()),
            "inertias": inertias(blobs(5000, 8, 25), 25),
        },
    },
}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(golden, indent=1) + "\n")
