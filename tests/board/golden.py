"""Golden frames of text boards, computed from the layouts, not captured from hardware; driver and simulator are held to them."""

from typing import NamedTuple


class Golden(NamedTuple):
    """What one frame shows."""

    dialect: str
    address: int
    text: str
    frame: bytes
    stacked: bool = False
    columns: int = 16


FRAMES = {
    "strip-aa": Golden(
        "strip-aa", 3, "请A012号办理", bytes.fromhex("AA 03 BB 51 54 4A 01 00 99 00 63 C7 EB 41 30 31 32 BA C5 B0 EC C0 ED FF")
    ),
    "strip-aa stacked": Golden("strip-aa", 3, "A012", bytes.fromhex("AA 03 BB 51 54 D9 08 02 99 00 63 41 30 31 32 FF"), True),
    "strip-a0": Golden("strip-a0", 3, "A012", bytes.fromhex("A0 90 03 A5 00 08 41 00 30 00 31 00 32 00 DC")),
    "strip-a0 hanzi": Golden("strip-a0", 3, "请1", bytes.fromhex("A0 90 03 A5 00 05 C7 EB 00 31 00 BE")),
    "strip-fe": Golden("strip-fe", 3, "A012", bytes.fromhex("03 FE 10 01 86 3C 00 05 00 41 30 31 32 00 9B AB")),
    "strip-fe stacked": Golden("strip-fe", 3, "A012", bytes.fromhex("03 FE 0D 01 8C 00 41 30 31 32 00 9C 7B"), True),
    "queue": Golden("queue", 0x20, "A135>72", bytes.fromhex("01 20 20 41 31 33 35 3E 37 32 07"), columns=7),
    "queue padded": Golden("queue", 0x21, "A1", bytes.fromhex("01 21 20 41 31 20 20 07"), columns=4),
    "udp-card": Golden("udp-card", 0, "A012", bytes.fromhex("21 21 55 AA 00 01 00 00 28 00 00 00 04 00 41 30 31 32")),
    "digits": Golden("digits", 5, "999", bytes.fromhex("05 03 E7 EF"), columns=3),
    "digits-colour": Golden("digits-colour", 0, "999", bytes.fromhex("3A 02 E7 03 00 26 0A"), columns=3),
}
