"""An example of a receiver: verifies each message, keeps what it has seen, and prints what it would send by SMS.

    WEBHOOK_SECRET=whsec_… python3 receiver.py 9000

It needs Python alone. A real one stands behind HTTPS and keeps the names it has seen in its database.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"))
OLDEST = 300
"""Seconds: what is older may be a copy that somebody sends once more."""
LONGEST = 64 * 1024
seen: set[str] = set()


def is_genuine(headers: dict[str, str], body: bytes, now: float) -> bool:
    """Whether the hall has sent this, whole, and lately."""
    name, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not at.isdecimal() or abs(now - int(at)) > OLDEST:
        return False
    expected = base64.b64encode(hmac.new(KEY, f"{name}.{at}.".encode() + body, hashlib.sha256).digest())
    given = (each.partition(",") for each in headers.get("webhook-signature", "").split())
    return any(version == "v1" and hmac.compare_digest(value.encode(), expected) for version, _, value in given)


class Receiver(BaseHTTPRequestHandler):
    """Answers quickly; what takes long belongs into a queue of one's own."""

    def do_POST(self) -> None:
        """Take one message."""
        length = int(self.headers.get("content-length", 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(length) if 0 <= length <= LONGEST else b""
        if not is_genuine(headers, body, time.time()):
            self.send_response(401)
        elif headers["webhook-id"] in seen:
            self.send_response(204)  # it came before: it comes again when our answer was lost
        else:
            self.take(json.loads(body))
            seen.add(headers["webhook-id"])
            self.send_response(204)
        self.send_header("content-length", "0")
        self.end_headers()

    def take(self, message: dict) -> None:
        """Send it on to the person whom `contact` means; a new event of a later version is passed over."""
        data = message.get("data", {})
        to = data.get("contact") or data.get("ticket") or "-"
        text = data.get("text") or message.get("text") or {}
        print(f"{message['type']} to {to}: {text.get('zh', '')} {text.get('en', '')}", flush=True)

    def log_message(self, *_: object) -> None:
        """No line for each request."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver)
    print(f"listening on port {server.server_port}", flush=True)
    server.serve_forever()
