"""The question of ../question.ts with Bytewax's sliding windows. Usage: peer.py EVENTS ANSWERS

Its clock moves with the wall as well as with events, so that it waits ten minutes instead of one and loses none.
"""

import json
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import bytewax.operators as op
import bytewax.operators.windowing as win
from bytewax.connectors.files import FileSource
from bytewax.dataflow import Dataflow
from bytewax.operators.windowing import EventClock, SlidingWindower
from bytewax.testing import run_main

HOP_MS, WINDOW_MS, FRESH_MS = 10_000, 600_000, 7 * 86_400_000
START = datetime(1970, 1, 1, tzinfo=timezone.utc)


def parse(line):
    event = json.loads(line)
    time_ms = event["occurredAt"]
    created_ms = event.get("actorCreatedAt")
    fresh = created_ms is not None and time_ms - created_ms // 1000 * 1000 < FRESH_MS
    key = f"{event['accountId']}\t{event['kind']}"
    return key, (START + timedelta(milliseconds=time_ms), event["actorId"], fresh)


def fold(tally, event):
    tally[0] += 1
    tally[1] += event[2]
    tally[2].add(event[1])
    return tally


def merge(one, other):
    return [one[0] + other[0], one[1] + other[1], one[2] | other[2]]


def main(events, answers):
    out = open(answers, "w")

    def tell(keyed):
        key, (window, (count, fresh, actors)) = keyed
        end_ms = window * HOP_MS + WINDOW_MS
        rest = f"{key}\t{end_ms}\t{count}\t{len(actors)}\t{fresh}\n"
        if count >= 30 and fresh * 5 > count:
            out.write("alert\t" + rest)
        if end_ms % 600_000 == 0:
            out.write("sample\t" + rest)
        return None

    flow = Dataflow("peer")
    parsed = op.map("parse", op.input("lines", flow, FileSource(Path(events))), parse)
    clock = EventClock(ts_getter=lambda event: event[0], wait_for_system_duration=timedelta(minutes=10))
    windower = SlidingWindower(
        length=timedelta(milliseconds=WINDOW_MS), offset=timedelta(milliseconds=HOP_MS), align_to=START
    )
    windows = win.fold_window("fold", parsed, clock, windower, lambda: [0, 0, set()], fold, merge)
    told = op.filter_map("tell", windows.down, tell)
    op.inspect("none", told)
    run_main(flow)
    out.close()


main(*sys.argv[1:])
