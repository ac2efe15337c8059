"""A text board in node.toml: what does not go together is refused with its remedy."""

from typing import Any

import pytest

from contract.settings import BadSettings, parse
from firmware.config import NodeConfig

NODE = '[node]\nid = "n"\nhall = "h"\n'
STRIP = '[[device]]\nkind = "strip"\nid = "s"\nwindow = "w1"\n'
SERIAL = 'wire = "/dev/ttyUSB0"\n'


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (SERIAL + 'dialect = "strip-aa"\naddress = 0', "board of dialect `strip-aa` and 1 rows has addresses from 1 to 255"),
        (SERIAL + 'dialect = "queue"\naddress = 3', "addresses from 32 to 127, not 3"),
        ('wire = "udp://card:8453"\ndialect = "udp-card"\naddress = 14\nrows = 4', "addresses from 0 to 15, not 14"),
        ('wire = "/dev/ttyUSB0"\ndialect = "udp-card"', "`wire`: `/dev/ttyUSB0` is not of dialect `udp-card`; write udp://host:8453"),
        ('wire = "udp://card:8453"\ndialect = "digits"', "write /dev/serial/by-id/…"),
        (SERIAL + 'dialect = "strip-aa"\nbaud = 57600', "`baud`: dialect `strip-aa` has 9600, not 57600"),
        (SERIAL + 'dialect = "digits"\nstacked = true', "`stacked`: dialect `digits` has no form for stacked boards"),
        (SERIAL + 'dialect = "digits"\nrows = 2\naddress = 1', "a board of digits has one row of numbers and no notices"),
        (SERIAL + 'dialect = "queue"\nrows = 16\npage = 1.0', "`page`: this board needs 4.3 s for a whole page"),
        (SERIAL + 'dialect = "digits"\ncolumns = 8', "`columns`: dialect `digits` has at most 5"),
        (SERIAL + 'dialect = "strip-bb"', "is none of digits, digits-colour, queue, strip-a0"),
    ],
)  # fmt: skip
def test_a_mistake_in_node_toml_is_named_with_its_remedy(table: str, words: str) -> None:
    with pytest.raises(BadSettings) as caught:
        parse(NODE + STRIP + table, NodeConfig, name="node.toml")
    assert words in str(caught.value)


def test_two_strips_on_one_line_need_two_addresses() -> None:
    both = STRIP + SERIAL + 'dialect = "strip-aa"\naddress = 3\n'
    second = both.replace('"s"', '"s2"')
    with pytest.raises(BadSettings, match="place on a bus `/dev/ttyUSB0, strip-aa, address 3` is used more than once"):
        parse(NODE + both + second, NodeConfig, name="node.toml")
    other: Any = parse(NODE + both + second.replace("= 3", "= 4"), NodeConfig, name="node.toml")
    assert [device.first for device in other.device] == [3, 4]


def test_the_rows_of_a_board_have_places_of_their_own() -> None:
    rows = STRIP + SERIAL + 'dialect = "strip-aa"\nrows = 4\n'
    other = STRIP.replace('"s"', '"s2"') + SERIAL + 'dialect = "strip-aa"\naddress = 4\n'
    with pytest.raises(BadSettings, match="place on a bus `/dev/ttyUSB0, strip-aa, address 4` is used more than once"):
        parse(NODE + rows + other, NodeConfig, name="node.toml")
