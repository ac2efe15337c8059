"""The page's own files, and what it has to know once: settings, words, and which version of it this is."""

import hashlib
from importlib.resources import files
from typing import Any

import msgspec

from firmware.config_kiosk import TouchConfig
from firmware.touch.asked import Answer

KINDS = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


class Pages:
    """All that does not change while the node runs."""

    def __init__(self, config: TouchConfig, timezone: str) -> None:
        """Reads the files."""
        found = {file.name: file.read_bytes() for file in (files("firmware.touch") / "static").iterdir() if file.is_file()}
        self.version = hashlib.sha256(b"".join(found[name] for name in sorted(found))).hexdigest()[:12]
        words = msgspec.json.decode(found.pop("words.json"))
        pages = {name: Answer(body=body, kind=KINDS[name.rpartition(".")[2]]) for name, body in found.items()}
        setup = Answer(body=msgspec.json.encode(self._setup(config, timezone, words)), kind="application/json")
        self.answers = {f"/{name}": page for name, page in pages.items()} | {"/": pages["kiosk.html"], "/setup": setup}
        """By path."""

    def _setup(self, config: TouchConfig, timezone: str, words: Any) -> dict[str, Any]:
        settings = ("languages", "idle", "priority", "several", "check_in", "welcome", "desk", "entitled")
        return {
            **{name: getattr(config, name) for name in settings},
            "scanner": config.scanner is not None,
            "help": config.help is not None,
            "timezone": timezone,
            "version": self.version,
            "words": words,
        }
