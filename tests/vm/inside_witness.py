"""Reads a node's outbox as it lies on the disk and tells every event that the node has accepted: what can be seen is committed.

Usage, in the machine: inside_witness.py OUTBOX. Prints a JSON object a line. It never writes; what is not there is waited for.
"""

import json
import sqlite3
import sys
import time

last = 0
while True:
    try:
        with sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True, timeout=1) as outbox:
            while True:
                epoch, newest = outbox.execute("select epoch, last from stream").fetchone()
                found = outbox.execute("select number, device, fact from event where number > ? order by number", (last,))
                for number, device, fact in found.fetchall():
                    last = number
                    print(
                        json.dumps({"epoch": epoch, "number": number, "device": device, "fact": bytes(fact).decode()}), flush=True
                    )
                time.sleep(0.01)
    except (sqlite3.Error, TypeError):
        time.sleep(0.05)
