"""Trains on a collection of many hours and on a small one, and compares start-up, memory and time per step.

  python3 Benchmarks/large_collection.py [--hours 1000] [--steps 20] [--work FOLDER] [--etude .build/release/etude]

Needs h5py and numpy, and a release build. The audio is sparse: each file of four minutes has a second of noise of its own
and then zeros, so that 1,000 hours take 1 GB of disk. Labels of eight codebooks at 75 a second are written directly,
4.3 GB per 1,000 hours; the teacher's description is copied from a store that 'etude teach' makes of the small collection.
Crops are decoded on demand. The cache makes the second start of each collection one at which nothing has changed.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy

RATE, SECONDS, BOOKS, CODES = 24_000, 240, 8, 1024
RECIPE = "recipes/nano/mert/random-projection-cqt.yaml"
# The level of each file would be measured once by decoding it, which takes an hour at 1,000 hours of audio.
SETTINGS = [
    "--set", "data.decoding=onDemand", "--set", "encoder.normalizesWaveform=false"]
TEACHER = ["--set", f"teacher.randomProjection.codebooks={BOOKS}"]


def parsed():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hours", type=float, default=1000)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--work", type=Path, default=Path("large-collection"))
    parser.add_argument("--etude", default=".build/release/etude")
    return parser.parse_args()


def write_audio(folder, files):
    """Sparse wav files of 16 bits."""
    frames = RATE * SECONDS
    header = b"".join([
        b"RIFF", (36 + 2 * frames).to_bytes(4, "little"), b"WAVEfmt ", (16).to_bytes(4, "little"),
        (1).to_bytes(2, "little"), (1).to_bytes(2, "little"), RATE.to_bytes(4, "little"),
        (2 * RATE).to_bytes(4, "little"), (2).to_bytes(2, "little"), (16).to_bytes(2, "little"),
        b"data", (2 * frames).to_bytes(4, "little")])
    for number in range(files):
        path = folder / f"{number // 1000:03}" / f"{number:06}.wav"
        if path.exists():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        noise = numpy.random.default_rng(number).integers(-9000, 9000, RATE, "<i2")
        with open(path, "wb") as file:
            file.write(header + noise.tobytes())
            file.truncate(len(header) + 2 * frames)


def write_labels(path, model, data):
    """A store with the description of `model` and labels of the files of `data`, a run's data.tsv."""
    rows = [line.split("\t") for line in data.read_text().splitlines()[1:]]
    names = [row[0].encode() for row in rows]
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(model) as like, h5py.File(path, "w", libver=("v110", "v110")) as store:
        for key in like.attrs:
            value, kind = like.attrs.get_id(key), like.attrs.get_id(key).dtype
            attribute = h5py.h5a.create(
                store.id, key.encode(), value.get_type(), value.get_space())
            buffer = numpy.empty(value.shape, kind)
            value.read(buffer)
            attribute.write(buffer)
        hop = int(like.attrs["hop"][0])
        frames = [int(row[1]) // hop for row in rows]

        def table(name, shape, kind, chunk):
            return store.create_dataset(
                name, shape, kind, chunks=(shape[0], min(chunk, max(1, shape[1]))),
                maxshape=(shape[0], None), fletcher32=True)

        codes = table("codes", (BOOKS, sum(frames)), "<u2", 16_384 // BOOKS)
        generator, start = numpy.random.default_rng(0), 0
        for count in frames:
            codes[:, start:start + count] = generator.integers(0, CODES, (BOOKS, count), "<u2")
            start += count
        index = numpy.array([
            numpy.cumsum(frames), numpy.cumsum([len(name) for name in names]),
            [int(row[1]) for row in rows],
            numpy.array([int(row[2], 16) for row in rows], "<u8").view("<i8")], "<i8")
        table("files", index.shape, "<i8", 1024)[:] = index
        text = numpy.frombuffer(b"".join(names), "u1").reshape(1, -1)
        table("names", text.shape, "u1", 1 << 16)[:] = text
        # The hashes only have to differ: the codes are read by crop and checked by their own sums.
        hashes = generator.integers(-2**62, 2**62, (1, len(rows)), "<i8")
        table("hashes", hashes.shape, "<i8", 1024)[:] = hashes


def train(options, name, data, labels, steps):
    """Trains in a new folder. Returns seconds until the first step, seconds per step, and the most memory, GB."""
    run = options.work / "runs" / name
    subprocess.run(["rm", "-rf", run], check=True)
    command = [
        options.etude, "pretrain", RECIPE, "--data", data, "--run", run, "--labels", labels,
        "--cache", options.work / "cache", "--max-steps", str(steps), "--set", "training.logEvery=1",
        *SETTINGS, *TEACHER]
    start = time.time()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    whole = time.time() - start
    if status:
        sys.exit(f"failed: {' '.join(map(str, command))}")
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    seconds = sorted(line["secondsPerStep"] for line in lines if "secondsPerStep" in line)
    middle = seconds[len(seconds) // 2]
    return whole - sum(seconds), middle, usage.ru_maxrss / 1e6


def main():
    options = parsed()
    small, large = options.work / "small", options.work / "large"
    write_audio(small, 15)
    write_audio(large, int(options.hours * 3600 / SECONDS))
    taught = options.work / "labels-small"
    if not (taught / "labels-0.h5").exists():
        subprocess.run([
            options.etude, "teach", RECIPE, "--data", small, "--out", taught, *SETTINGS, *TEACHER],
            check=True, stderr=subprocess.DEVNULL)
    print(f"{'collection':<12} {'start':<8} {'before training, s':>19} {'s/step':>8} {'memory, GB':>11}")
    for name, data in [("small", small), ("large", large)]:
        labels = options.work / f"labels-{name}"
        if not (labels / "labels-0.h5").exists():
            # A run without labels fills the cache and lists the files with their hashes.
            first = options.work / "runs" / "list"
            subprocess.run(["rm", "-rf", first], check=True)
            start = time.time()
            subprocess.run([
                options.etude, "pretrain", "recipes/nano/music2vec-nano.yaml", "--data", data,
                "--run", first, "--cache", options.work / "cache", "--max-steps", "1", *SETTINGS],
                check=True, stderr=subprocess.DEVNULL)
            print(f"{name:<12} {'first':<8} {time.time() - start:>19.1f}")
            write_labels(labels / "labels-0.h5", taught / "labels-0.h5", first / "data.tsv")
        for start in ["second", "third"]:
            before, step, memory = train(options, name, data, labels, options.steps)
            print(f"{name:<12} {start:<8} {before:>19.1f} {step:>8.3f} {memory:>11.2f}")


if __name__ == "__main__":
    main()
