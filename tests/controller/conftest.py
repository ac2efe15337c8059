"""Who listens in the tests of the running controller."""

from collections.abc import AsyncIterator

import pytest

from broker_config.process import MosquittoProcess
from tests.controller.play import Client


@pytest.fixture
async def client(broker: MosquittoProcess) -> AsyncIterator[Client]:
    """Somebody who hears everything."""
    async with Client(broker) as client:
        yield client
