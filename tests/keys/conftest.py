"""What the tests of keys, contacts and lamps share."""

from collections.abc import Iterator
from typing import Any

import pytest
from gpiozero.pins.mock import MockFactory


@pytest.fixture
def pins() -> Iterator[Any]:
    """A pin factory of gpiozero's own."""
    factory = MockFactory()
    yield factory
    factory.close()
