"""One device of every kind and dialect, as it stands in node.toml."""

from collections.abc import Mapping

from contract.settings import parse
from firmware.config import NodeConfig

_LINE, _KEYS = "/dev/serial/by-id/usb-x", "/dev/input/by-id/x-event-kbd"
_ON_THE_LINE = f'wire = "{_LINE}"\naddress = 5\nwindow = "w1"'
_RATES = 'codes = { "01" = "5", "02" = "1" }'

DEVICES: Mapping[tuple[str, str], str] = {
    ("board", "–"): "",
    **{("strip", name): _ON_THE_LINE for name in ("strip-aa", "strip-a0", "strip-fe")},
    ("strip", "queue"): f'wire = "{_LINE}"\naddress = 32\nwindow = "w1"',
    ("strip", "udp-card"): 'wire = "udp://192.0.2.7:8453"\nwindow = "w1"',
    ("strip", "digits"): _ON_THE_LINE,
    ("strip", "digits-colour"): f'wire = "{_LINE}"\nwindow = "w1"',
    ("kiosk", "–"): f'printer = {{ wire = "{_LINE}" }}\nkeys = [{{ line = 4, service = "s" }}]',
    ("rater", "gpio"): 'window = "w1"\nkeys = [{ level = 5, line = 5, lamp = 6 }]',
    ("rater", "keypad"): f'window = "w1"\nwire = "{_KEYS}"\ncodes = {{ KEY_KP5 = "5" }}',
    ("rater", "ff68"): f"{_ON_THE_LINE}\n{_RATES}",
    ("rater", "jtt905"): f'window = "w1"\nwire = "{_LINE}"\nrating_command = 17\ninvite_command = 16\n{_RATES}',
    ("caller", "keypad"): f'window = "w1"\nwire = "{_KEYS}"',
    **{("caller", name): _ON_THE_LINE for name in ("ff68", "four-key")},
    ("room", "–"): 'room = "r1"\ncubicles = [{ id = "c1", door = 12, motion = 13, help = 17 }]',
    ("help", "–"): 'place = "w1"\nline = 5\nlamp = 16',
    ("scanner", "keys"): f'wire = "{_KEYS}"',
    ("scanner", "serial"): f'wire = "{_LINE}"',
    ("announcer", "–"): "",
}
"""By kind and dialect; a kind without dialects has a dash."""


def config_of(kind: str, dialect: str) -> NodeConfig:
    """A node with that device alone, called `it`."""
    named = "" if dialect == "–" else f'{"speaks" if kind == "scanner" else "dialect"} = "{dialect}"\n'
    table = f'[[device]]\nid = "it"\nkind = "{kind}"\n{named}{DEVICES[kind, dialect]}\n'
    return parse(f'[node]\nid = "node-1"\nhall = "centre"\n{table}', NodeConfig, name="node.toml")
