"""A hall.toml with a few nodes, for commands of the hall's machine."""

import tomllib
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import tomli_w

from contract.settings import parse
from controller.config import HallConfig


def hall_toml(folder: Path, trust: Path, nodes: Sequence[str], port: int = 1) -> str:
    """The demo's hall, with these nodes, a CA in `trust`, and its broker at `port`."""
    raw = tomllib.loads((files("hallware.demo") / "hall.toml").read_text(encoding="utf-8"))
    raw["store"] = f"sqlite:///{folder / 'hall.db'}"
    raw["node"] = [{"id": name} for name in nodes]
    raw["broker"] = {"host": "127.0.0.1", "port": port}
    raw["trust"] = {
        "host": "127.0.0.1", "ca": str(trust), "certificate": str(folder / "r.crt"), "key": str(folder / "r.key"),
        "loopback": {"host": "127.0.0.1", "port": port, "username": "registrar"},
    }  # fmt: skip
    text = tomli_w.dumps(raw)
    parse(text, HallConfig, name="hall.toml")
    return text
