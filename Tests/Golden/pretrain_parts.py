"""Writes the golden values of masks', clusters' and teachers' tests: pretrain_parts.json.

Run: python Tests/Golden/pretrain_parts.py   (NumPy, scikit-learn, PyTorch)
"""

import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F
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


def normalised(x, how):
    """data2vec's parameter-free normalisations of [B, T, D], by PyTorch's own functions."""
    x_BCT = x.transpose(1, 2)
    return {
        "none": lambda: x,
        "instance": lambda: F.instance_norm(x_BCT).transpose(1, 2),
        "batch": lambda: F.batch_norm(x_BCT, None, None, training=True).transpose(1, 2),
        "layer": lambda: F.layer_norm(x, x.shape[-1:]),
    }[how]()


def targets(top, each, mean):
    """The mean of the top layers of five, with a normalisation before and after."""
    outputs = [layer(k) for k in range(5)][-top:]
    y = sum(normalised(x, each) for x in outputs) / top
    return {
        "top": top, "each": each, "mean": mean, "values": normalised(y, mean).flatten().tolist(),
    }


def layer(k):
    """Layer k's output, [2, 7, 3], with a scale and an offset of its own."""
    return torch.from_numpy(noise(42, 20 + k).reshape(2, 7, 3)) * (k + 1) - k


def followed():
    """A teacher after 200 steps behind a moving student."""
    teacher = torch.from_numpy(noise(8, 30)).double()
    for n in range(200):
        decay = 0.9 + (0.99 - 0.9) * n / 100 if n < 100 else 0.99
        student = torch.from_numpy(noise(8, 31 + n)).double()
        teacher.mul_(decay).add_(student, alpha=1 - decay)
    return teacher.tolist()


def deviation():
    frames = torch.from_numpy(noise(42, 20).reshape(14, 3)).double()
    return float(torch.sqrt(frames.var(dim=0) + 1e-6).mean())


HOW = ["none", "instance", "batch", "layer"]
golden = {
    "ema": {
        "targets": [targets(3, each, mean) for each in HOW for mean in HOW]
        + [targets(1, "instance", "none"), targets(5, "instance", "layer")],
        "followed": followed(),
        "deviation": deviation(),
    },
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
