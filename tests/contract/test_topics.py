"""The table of topics spells every topic once and reads it back."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract import events, topics, values
from contract.codec import MAX_BYTES, BadMessage, BadTopic, decode, encode
from contract.dispatch import CallNext, DispatchRequest
from contract.events import Event, RoomChecked
from contract.topics import TABLE, Role, find
from contract.values import Text

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
LEVELS = {name: f"{name}-1" for row in TABLE for name in row.levels}


def _levels(row: topics.Topic) -> dict[str, str]:  # type: ignore[type-arg]
    return {name: LEVELS[name] for name in row.levels}


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_every_topic_is_found_again_as_its_own_row(row: topics.Topic) -> None:  # type: ignore[type-arg]
    assert find(row.at(**_levels(row))) == (row, _levels(row))


def test_names_and_paths_stand_once() -> None:
    assert len({row.name for row in TABLE}) == len({row.path for row in TABLE}) == len(TABLE)


def test_nobody_hears_a_private_topic_but_its_owner_the_controller_and_staff() -> None:
    for row in TABLE:
        if row.owner and row.says is Role.CONTROLLER:
            assert row.hears <= {Role.NODE, Role.DISPATCH}


def test_a_call_is_never_retained() -> None:
    assert not topics.CALL.retain


def test_what_may_go_stale_expires_at_the_broker_too() -> None:
    kinds_with_deadline = [row for row in TABLE if any("not_after" in kind.__struct_fields__ for kind in row.types)]
    assert all(row.expiry for row in kinds_with_deadline)


@pytest.mark.parametrize("level", ["", "a/b", "+", "#", "a b", "号"])
def test_a_level_that_would_change_the_topic_is_refused(level: str) -> None:
    with pytest.raises(BadTopic, match="cannot be a topic level"):
        topics.NODE_STATUS.at(hall="centre", node=level)


def test_a_missing_level_is_named() -> None:
    with pytest.raises(BadTopic, match="node-status needs the levels hall, node"):
        topics.NODE_STATUS.at(hall="centre")


def test_a_subscription_leaves_open_levels_to_the_broker() -> None:
    assert topics.DEVICE_STATE.filter(hall="centre") == "hall/v1/centre/node/+/device/+/state"


@given(st.text(max_size=80))
def test_any_text_is_a_topic_of_the_table_or_clearly_none(text: str) -> None:
    try:
        row, levels = find(text)
    except BadTopic:
        return
    assert row.template.format(**levels) == text


def test_a_message_comes_back_as_it_went() -> None:
    event = Event(node="n1", epoch="0123456789abcdef", number=1, device="room-1", at=NOON, fact=RoomChecked(room="r1"))
    assert topics.EVENT.decode(encode(event)) == event


def test_fields_of_a_newer_version_are_tolerated() -> None:
    raw = encode(DispatchRequest(id="abcdefgh", at=NOON, not_after=NOON + timedelta(seconds=5), do=CallNext(window="w1")))
    newer = raw.replace(b'{"id"', b'{"colour":"red","id"')
    assert topics.DISPATCH_REQUEST.decode(newer).do == CallNext(window="w1")


@pytest.mark.parametrize("fact", [b'{"type":"from-the-future","colour":["red"]}', b'{"type":"rating-given","level":9}', b"null"])
def test_an_event_whose_fact_cannot_be_read_keeps_it_as_it_came(fact: bytes) -> None:
    raw = b'{"node":"n1","epoch":"0123456789abcdef","number":3,"device":"room-1","at":"2026-01-05T12:00:00Z","fact":%s}' % fact
    event: events.Envelope = topics.EVENT.decode(raw)
    assert isinstance(event, events.SealedEvent)
    assert (event.node, event.number, encode(event.fact)) == ("n1", 3, fact)


@pytest.mark.parametrize(
    ("payload", "says"),
    [
        (b"", "truncated"),
        (b"\xff\xfe", "malformed"),
        (b'{"node":"N 1"}', r"\$\.node"),
        (b"[" * 5000, "Expected `object`"),
        (b"x" * (MAX_BYTES + 1), "more than the"),
        (b'{"node":"\xe5"}', "utf-8"),
    ],
)
def test_a_broken_payload_is_one_clear_error(payload: bytes, says: str) -> None:
    with pytest.raises(BadMessage, match=says):
        topics.EVENT.decode(payload)


def test_a_moment_without_an_offset_is_refused() -> None:
    with pytest.raises(BadMessage, match="timezone"):
        topics.CONTROLLER_STATUS.decode(b'{"session":"abcdefgh","state":"online","at":"2026-01-05T12:00:00","version":"1"}')


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "1999-12-31T23:59:59Z", "2200-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_moment_outside_the_years_of_messages_is_refused_in_words(at: str) -> None:
    payload = b'{"session":"abcdefgh","state":"online","at":"%s","version":"1"}' % at.encode()
    with pytest.raises(BadMessage, match=r"`at` is .*, outside the years 2000 to 2199"):
        topics.CONTROLLER_STATUS.decode(payload)


def test_a_moment_deep_inside_or_in_a_sealed_event_is_refused_too() -> None:
    line = b'{"notice":"abcdefgh","text":{"zh":"a","en":"b"},"until":"9999-01-01T00:00:00Z"}'
    picture = b'{"board":"b1","version":1,"at":"2026-01-05T12:00:00Z","idle":{"zh":"a","en":"b"},"notices":[%s]}' % line
    with pytest.raises(BadMessage, match=r"`until` is .*\$\.notices"):
        topics.BOARD_PICTURE.decode(picture)
    sealed = b'{"node":"n1","epoch":"abcdefgh","number":3,"device":"r1","at":"%s","fact":{"type":"new"}}'
    assert isinstance(topics.EVENT.decode(sealed % b"2026-01-05T12:00:00Z"), events.SealedEvent)
    with pytest.raises(BadMessage):
        topics.EVENT.decode(sealed % b"0001-01-01T00:00:00Z")


def test_every_moment_and_day_of_every_message_is_looked_at() -> None:
    for kind in {found for row in TABLE for found in _structs(msgspec.inspect.type_info(row.kind))}:
        for field in msgspec.inspect.type_info(kind).fields:  # type: ignore[attr-defined]
            of = field.type.types if isinstance(field.type, msgspec.inspect.UnionType) else (field.type,)
            if any(isinstance(one, DATED) or isinstance(getattr(one, "type", None), DATED) for one in of):
                assert field.name in values._dated(kind), f"{kind.__name__}.{field.name}"


DATED = (msgspec.inspect.DateTimeType, msgspec.inspect.DateType)


def _structs(info: Any) -> Iterator[type[values.Value]]:
    """All message types that a type is made of."""
    if isinstance(info, msgspec.inspect.StructType):
        yield info.cls  # type: ignore[misc]
    inner = [field.type for field in getattr(info, "fields", ())] + [*getattr(info, "types", ())]
    inner += [getattr(info, name) for name in ("item_type", "value_type", "type") if hasattr(info, name)]
    for one in inner:
        yield from _structs(one)


def test_code_cannot_build_a_message_with_such_a_moment() -> None:
    with pytest.raises(ValueError, match="outside the years"):
        DispatchRequest(id="abcdefgh", at=NOON, not_after=NOON.replace(year=9999), do=CallNext(window="w1"))


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"1e999", b"1e308", b"-1", b"0"])
def test_a_heartbeat_of_no_sensible_length_is_refused(number: bytes) -> None:
    payload = b'{"session":"abcdefgh","state":"online","at":"2026-01-05T12:00:00Z","version":"1","every":%s}' % number
    with pytest.raises(BadMessage):
        topics.CONTROLLER_STATUS.decode(payload)


@given(st.sampled_from(TABLE), st.binary(max_size=400))
def test_no_bytes_break_a_decoder(row: topics.Topic, payload: bytes) -> None:  # type: ignore[type-arg]
    with suppress(BadMessage):
        row.decode(payload)


NAMES = [*sorted(LEVELS), "id", "at", "do", "fact", "type"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner),
    max_leaves=8,
)


@given(st.sampled_from(TABLE), JSON)
def test_no_json_breaks_a_decoder(row: topics.Topic, document: object) -> None:  # type: ignore[type-arg]
    with suppress(BadMessage):
        row.decode(msgspec.json.encode(document))


def test_a_text_is_chosen_by_language() -> None:
    text = Text(zh="请取号", en="take a ticket")
    assert [text.within("zh-CN"), text.within("en"), text.within("fr")] == ["请取号", "take a ticket", "take a ticket"]


def test_decode_takes_a_plain_type_too() -> None:
    assert decode(b'{"zh":"a","en":"b"}', Text) == Text(zh="a", en="b")
