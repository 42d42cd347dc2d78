"""Clusters frames with scikit-learn's MiniBatchKMeans, for `etude benchmark kmeans` to be held against.

Run: python Benchmarks/kmeans.py frames.safetensors --clusters 500   (needs scikit-learn, safetensors)

The file is what `etude features mfcc39 song.ogg --out frames.safetensors` writes. The settings are those of
fairseq's learn_kmeans.py, and Etude's defaults. Prints one JSON object; the inertia is over all frames, in double
precision.
"""

import argparse
import json
import time

import numpy as np
import sklearn
from safetensors.numpy import load_file
from sklearn.cluster import MiniBatchKMeans
from threadpoolctl import threadpool_limits

arguments = argparse.ArgumentParser()
arguments.add_argument("frames")
arguments.add_argument("--clusters", type=int, default=500)
arguments.add_argument("--restarts", type=int, default=20)
arguments.add_argument("--batch", type=int, default=10_000)
arguments.add_argument("--passes", type=int, default=100)
arguments.add_argument("--patience", type=int, default=100)
arguments.add_argument("--seed", type=int, default=0)
arguments.add_argument("--threads", type=int, default=2)
a = arguments.parse_args()

x = load_file(a.frames)["features"]
with threadpool_limits(a.threads):
    model = MiniBatchKMeans(
        n_clusters=a.clusters, init="k-means++", n_init=a.restarts, batch_size=a.batch, max_iter=a.passes,
        max_no_improvement=a.patience, tol=0.0, reassignment_ratio=0.0, random_state=a.seed, compute_labels=False)
    start = time.perf_counter()
    model.fit(x)
    fitted = time.perf_counter() - start
    start = time.perf_counter()
    labels = model.predict(x)
    assigned = time.perf_counter() - start
inertia = float(((x.astype(np.float64) - model.cluster_centers_[labels]) ** 2).sum())
print(json.dumps({
    "peer": f"scikit-learn {sklearn.__version__}", "frames": x.shape[0], "width": x.shape[1],
    "clusters": a.clusters, "batches": int(model.n_steps_), "fit_seconds": fitted, "assign_seconds": assigned,
    "inertia": inertia, "threads": a.threads}))
