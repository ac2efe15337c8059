"""Whatever stands in a configuration file: it is in force, or one sentence says what, where and what may stand there."""

from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.settings import BadSettings, convert, parse, read
from controller.config import HallConfig
from firmware.config import DeviceConfig, NodeConfig

NODE = '[node]\nid = "n"\nhall = "h"\n'
KINDS = ", ".join(sorted(str(kind.__struct_config__.tag) for kind in get_args(DeviceConfig)))
BOARD = '[[device]]\nkind = "board"\nid = "b"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "`node` is missing"),
        (NODE, "`device` is missing"),
        (
            NODE + '[[device]]\nkind = "bord"\nid = "b"',
            f"`device[0].kind`: 'bord' is none of {KINDS}; did you mean `board`?",
        ),
        (
            NODE + '[[device]]\nid = "b"',
            f"`device[0]`: `kind` is missing; give one of {KINDS}",
        ),
        (NODE + BOARD + "widht = 8", "unknown field `widht` at `device[0]`; did you mean `width`?"),
        (NODE + BOARD + "keys = 1", "field `keys` does not belong at `device[0]`; is it under the wrong heading?"),
        (NODE + "device = []", "field `device` does not belong at `node`; is it under the wrong heading?"),
        (NODE + BOARD + "xyzzy = 1", "unknown field `xyzzy` at `device[0]`; remove it, or take one of blink, brightness"),
        (NODE + BOARD + "width = 130", "`device[0].width`: Expected `int` that's a multiple of 8, but it is 130"),
        (
            NODE + BOARD + 'layout = "calsl"',
            "`device[0].layout`: 'calsl' is none of calls, main, notices, spoken, window; did you mean `calls`?",
        ),
        (NODE + BOARD + 'languages = ["zh", "fr"]', "`device[0].languages[1]`: 'fr' is none of en, zh"),
        (NODE + '[[device]]\nkind = "board"\nid = "B 1"', "`device[0].id`: 'B 1' does not fit: Lower-case letters"),
        (NODE + BOARD + BOARD, "device id `b` is used more than once"),
        (NODE + BOARD + "[broker]\nprot = 1", "unknown field `prot` at `broker`; did you mean `port`?"),
        ("[node", "is not TOML"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_its_remedy(text: str, words: str) -> None:
    with pytest.raises(BadSettings) as caught:
        parse(text, NodeConfig, name="node.toml")
    assert str(caught.value).startswith(f"node.toml: {words}")


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="there is no such file"):
        read(tmp_path / "none.toml", NodeConfig)
    with pytest.raises(BadSettings, match="cannot be read"):
        read(tmp_path, NodeConfig)
    (tmp_path / "gbk.toml").write_bytes("名称".encode("gbk"))
    with pytest.raises(BadSettings, match="is not UTF-8 at byte 0"):
        read(tmp_path / "gbk.toml", NodeConfig)


WHOLE = NODE + BOARD + '[[device]]\nkind = "rater"\nid = "r"\nwindow = "w1"\nkeys = [{ level = 5, line = 4, lamp = 5 }]\n'


@given(at=st.integers(0, len(WHOLE)), away=st.integers(0, 12), put=st.text(max_size=12))
@settings(max_examples=400, deadline=None)
def test_a_garbled_file_is_right_or_refused_in_words(at: int, away: int, put: str) -> None:
    text = WHOLE[:at] + put + WHOLE[at + away :]
    for kind in (NodeConfig, HallConfig):
        assert refusal(text, kind).startswith(("file.toml: ", "in force"))


def refusal(text: str, kind: type[NodeConfig | HallConfig]) -> str:
    try:
        parse(text, kind, name="file.toml")
    except BadSettings as error:
        return str(error)
    return "in force"


@given(
    raw=st.recursive(
        st.integers() | st.text(max_size=8) | st.booleans() | st.floats(allow_nan=False),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["node", "device", "kind", "id", "keys", "broker", "hall", "zone", "x"]), inner, max_size=4
            )
        ),
        max_leaves=12,
    )
)
@settings(max_examples=300, deadline=None)
def test_any_tables_are_right_or_refused_in_words(raw: object) -> None:
    for kind in (NodeConfig, HallConfig):
        with pytest.raises(BadSettings, match=r"^file\.toml: "):
            convert(raw, kind, name="file.toml")
