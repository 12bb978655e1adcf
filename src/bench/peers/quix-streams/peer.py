"""The question of ../question.ts with Quix Streams' hopping windows, from a topic that is keyed by account and kind and
dated by event time. Usage: peer.py BROKERS TOPIC EVENTS ANSWERS STATE-FOLDER
"""

import sys
from pathlib import Path

from quixstreams import Application

HOP_MS, WINDOW_MS, DISORDER_MS, FRESH_MS = 10_000, 600_000, 60_000, 7 * 86_400_000


def is_fresh(event):
    created_ms = event.get("actorCreatedAt")
    return created_ms is not None and event["occurredAt"] - created_ms // 1000 * 1000 < FRESH_MS


def begin(event):
    return {"count": 1, "fresh": int(is_fresh(event)), "actors": {event["actorId"]: 1}}


def add(tally, event):
    tally["count"] += 1
    tally["fresh"] += is_fresh(event)
    tally["actors"][event["actorId"]] = 1
    return tally


def main(brokers, topic, events, answers, state_dir):
    out = open(answers, "w")

    def tell(window, key, timestamp, headers):
        tally = window["value"]
        count, fresh = tally["count"], tally["fresh"]
        rest = f"{key}\t{window['end']}\t{count}\t{len(tally['actors'])}\t{fresh}\n"
        if count >= 30 and fresh * 5 > count:
            out.write("alert\t" + rest)
        if window["end"] % 600_000 == 0:
            out.write("sample\t" + rest)

    app = Application(
        broker_address=brokers,
        consumer_group=Path(state_dir).name,
        auto_offset_reset="earliest",
        state_dir=state_dir,
        loglevel="WARNING",
    )
    frame = app.dataframe(app.topic(topic, key_deserializer="str", value_deserializer="json"))
    windows = frame.hopping_window(WINDOW_MS, HOP_MS, grace_ms=DISORDER_MS).reduce(add, begin)
    windows.final(closing_strategy="partition").update(tell, metadata=True)
    app.run(count=int(events))
    out.close()


main(*sys.argv[1:])
