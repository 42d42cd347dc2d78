"""Opens the events of runs with TensorBoard and compares every number with log.jsonl.

Run: python Tests/Golden/check_tensorboard.py [ETUDE]
Needs tensorboard (2.21 was tried). ETUDE is .build/release/etude unless given. One run trains at once; another is
killed between two checkpoints, in the middle of a record, and goes on. Both readers of TensorBoard are asked: that of
Python and the data server, which is the default.
"""

import json
import math
import pathlib
import signal
import struct
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

import tensorboard.version

ROOT = pathlib.Path(__file__).resolve().parents[2]
ETUDE = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / ".build/release/etude")
RECIPE = str(ROOT / "recipes/nano/musichubert-nano.yaml")
LAST = 60


def pretrain(work, name, *more):
    """A run of LAST steps with a line every two and a checkpoint every ten."""
    settings = ["training.logEvery=2", "training.checkpointEvery=10", "training.batchSize=2"]
    command = [ETUDE, "pretrain", RECIPE, "--data", str(work / "corpus"), "--run", str(work / "runs" / name)]
    command += ["--labels", str(work / "labels"), "--max-steps", str(LAST), *more]
    for setting in settings:
        command += ["--set", setting]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL)


def lines(run):
    """The steps of a log."""
    text = (run / "log.jsonl").read_text() if (run / "log.jsonl").exists() else ""
    records = [json.loads(line) for line in text.split("\n")[:-1]]
    return [record for record in records if "loss" in record]


def kill_between_checkpoints(work, name):
    """Kills a run that has a checkpoint and lines after it, and cuts the last record of its events in two."""
    process = pretrain(work, name)
    run = work / "runs" / name
    while not ((run / "checkpoints/step-10").exists() and lines(run)[-1]["step"] % 10 in (4, 6, 8)):
        assert process.poll() is None, "it ended before it was killed"
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    (events,) = run.glob("events.out.tfevents.*")
    events.write_bytes(events.read_bytes()[:-9])


def expected(run):
    """Tag by tag the steps and numbers of a log."""
    names = {"loss": "loss", "gradientNorm": "gradient/norm", "learningRate": "schedule/learningRate"}
    names |= {name: f"speed/{name}" for name in ("secondsPerStep", "cpuSecondsPerStep", "audioSecondsPerSecond", "shareOutsideSteps")}
    names |= {name: f"progress/{name}" for name in ("epoch", "hoursHeard", "updatesLeftOut")}
    tags = {}
    for record in lines(run):
        numbers = {tag: record[name] for name, tag in names.items()}
        numbers["progress/memoryGB"] = record["memoryBytes"] / 1e9
        numbers |= {name.replace(".", "/"): value for name, value in record["terms"].items()}
        for tag, number in numbers.items():
            tags.setdefault(tag, []).append([record["step"], struct.unpack("f", struct.pack("f", float(number)))[0]])
    return tags


def ask(port, path):
    """An answer of TensorBoard as JSON."""
    with urllib.request.urlopen(f"http://localhost:{port}/data/{path}") as answer:
        return json.load(answer)


def shown(work, load_fast, port):
    """What TensorBoard shows: run by run and tag by tag, steps and numbers."""
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(work / "runs"), "--port", str(port)]
    command += ["--load_fast", load_fast, "--samples_per_plugin", "scalars=100000"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        before = None
        while True:
            time.sleep(2)
            try:
                tags = ask(port, "plugin/scalars/tags")
            except OSError:
                continue
            if tags and tags == before:
                break
            before = tags
        result = {}
        for run, names in tags.items():
            for tag in names:
                query = urllib.parse.urlencode({"run": run, "tag": tag})
                points = ask(port, f"plugin/scalars/scalars?{query}")
                result.setdefault(run, {})[tag] = [[step, value] for _, step, value in points]
        return result
    finally:
        server.terminate()
        server.wait()


def check(work):
    corpus = [ETUDE, "synth", "--out", str(work / "corpus"), "--minutes", "1", "--seed", "3"]
    subprocess.run(corpus, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert pretrain(work, "whole").wait() == 0
    kill_between_checkpoints(work, "killed")
    assert pretrain(work, "killed", "--resume").wait() == 0
    print(f"TensorBoard {tensorboard.version.VERSION}")
    for load_fast, port in (("false", 16417), ("true", 16418)):
        found = shown(work, load_fast, port)
        assert sorted(found) == ["killed", "whole"], sorted(found)
        for run, tags in found.items():
            wanted = expected(work / "runs" / run)
            assert sorted(tags) == sorted(wanted), set(tags) ^ set(wanted)
            for tag, points in wanted.items():
                assert [step for step, _ in points] == list(range(2, LAST + 1, 2)), (run, tag, points)
                same = [
                    a[0] == b[0] and (math.isclose(a[1], b[1], rel_tol=1e-6) or a[1] == b[1])
                    for a, b in zip(points, tags[tag], strict=True)
                ]
                assert all(same), (load_fast, run, tag, points, tags[tag])
            count = sum(len(points) for points in wanted.values())
            reader = "the data server" if load_fast == "true" else "the reader in Python"
            print(f"{run}, {reader}: {len(wanted)} tags, {count} numbers as in log.jsonl, no step twice")


with tempfile.TemporaryDirectory() as folder:
    check(pathlib.Path(folder))
