"""Every message that the contract allows goes through JSON and back, and everybody can reckon with its moments."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.codec import BadMessage, encode
from contract.topics import TABLE, Topic
from tests.contract.messages import messages
from tests.examples import examples


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
@given(st.data())
@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_every_valid_message_comes_back_as_it_went(row: Topic[Any], data: st.DataObject) -> None:
    message = data.draw(messages(row))
    again = row.decode(encode(message))
    assert again == message
    for name in ("at", "not_after", "since"):
        if (moment := getattr(again, name, None)) is not None:
            assert moment - timedelta(days=3660) < moment < moment + timedelta(days=3660)


def test_a_surrogate_in_a_text_is_refused() -> None:
    with pytest.raises(BadMessage):
        TABLE[1].decode(b'{"what":{"zh":"\\ud800","en":""}}')
