"""An events file as TensorBoard's own code writes it: EventTests expects the same bytes of ours.

Requires tensorboard 2.21 (pip install tensorboard). Writes tensorboard_events.tfevents beside this script.
"""

import math
from pathlib import Path

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter


def scalars(time, step, values):
    parts = [summary_pb2.Summary.Value(tag=tag, simple_value=value) for tag, value in values]
    return event_pb2.Event(wall_time=time, step=step, summary=summary_pb2.Summary(value=parts))


events = [
    event_pb2.Event(wall_time=1700000000.25, file_version="brain.Event:2"),
    event_pb2.Event(
        wall_time=1700000000.25,
        step=7,
        session_log=event_pb2.SessionLog(status=event_pb2.SessionLog.START),
    ),
    scalars(1700000001.5, 10, [("loss", 2.75), ("gradient/frontEnd", 0.1), ("Übung/ξ", -1e-30)]),
    scalars(1700000002.0, 0, [("zero", 0.0)]),
    scalars(1700000003.0, 5_000_000_000, [("nan", math.nan), ("inf", math.inf), ("-inf", -math.inf)]),
    scalars(1700000004.0, 300, [(f"term/{number}", number / 3) for number in range(20)]),
]

with open(Path(__file__).with_suffix(".tfevents"), "wb") as file:
    writer = RecordWriter(file)
    for event in events:
        writer.write(event.SerializeToString(deterministic=True))
