"""The hand in the machine: carries out what whoever started it asks for on a serial line, one JSON object a line.

`{"id": 1, "run": "systemctl is-active dbus"}` is answered `{"id": 1, "status": 3, "said": "inactive\\n"}` when it is done;
`{"id": 3, "follow": "journalctl -f"}` is answered by `{"id": 3, "line": "…"}` for each line, until it ends;
`{"id": 2, "tell": "/run/far-end.sock", "line": {…}}` gives a request to a control socket and is answered with what that says.
"""

import json
import os
import socket
import subprocess
import sys
import termios
import threading
import tty

LONGEST = 400_000
"""Characters of an answer; the middle of a longer one is left out."""


class Hand:
    """Works on one line."""

    def __init__(self, path):
        self.line = os.open(path, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.line, termios.TCSANOW)
        self.lock = threading.Lock()

    def serve(self):
        self.answer({"hello": open("/proc/uptime").read().split()[0]})
        rest = b""
        while True:
            data = os.read(self.line, 4096)
            if not data:
                return
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                self.take(line)

    def take(self, line):
        try:
            asked = json.loads(line)
        except ValueError:
            return
        threading.Thread(target=self.do, args=(asked,), daemon=True).start()

    def do(self, asked):
        try:
            if "follow" in asked:
                done = self.follow(asked["id"], asked["follow"])
            else:
                done = run(asked["run"]) if "run" in asked else tell(asked["tell"], asked["line"])
        except Exception as error:  # whatever it is, whoever asked waits for an answer
            done = {"status": -1, "said": repr(error)}
        self.answer({"id": asked.get("id")} | done)

    def follow(self, number, command):
        with subprocess.Popen(["/bin/sh", "-c", command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as running:
            for line in running.stdout:
                self.answer({"id": number, "line": line.decode(errors="replace").rstrip("\n")})
        return {"status": running.returncode, "said": ""}

    def answer(self, what):
        data = json.dumps(what).encode() + b"\n"
        with self.lock:
            while data:
                data = data[os.write(self.line, data) :]


def run(command):
    ran = subprocess.run(["/bin/sh", "-c", command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = ran.stdout.decode(errors="replace")
    if len(said) > LONGEST:
        said = said[: LONGEST // 2] + "\n[...]\n" + said[-LONGEST // 2 :]
    return {"status": ran.returncode, "said": said}


def tell(path, request):
    """Ask a control socket (hardware_sim/control.py); without a hand to move, give what is seen of the device."""
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(30)
        peer.connect(path)
        if "hand" in request:
            peer.sendall(json.dumps({"id": 1} | request).encode() + b"\n")
        for line in peer.makefile("rb"):
            heard = json.loads(line)
            if "answer" in heard and "hand" in request:
                return {"status": 0 if heard["ok"] else 1, "said": heard.get("error", "")}
            if "view" in heard and "hand" not in request and heard["view"]["device"] == request["device"]:
                return {"status": 0, "said": json.dumps(heard["view"])}
    return {"status": 1, "said": f"{path}: said nothing of {request['device']}"}


Hand(sys.argv[1]).serve()
