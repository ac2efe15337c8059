"""Fixtures: a real Mosquitto for each test that asks for one."""

from collections.abc import AsyncIterator

import pytest

from broker_config.access import access_list
from broker_config.process import MosquittoProcess

HALL = "centre"
"""The hall of the secured broker's access list."""

USERS = ("controller", "kiosk-node", "board-node", "dispatch", "viewer")
"""Who gets into the secured broker: the controller, two nodes, a dispatcher and a viewer; the password is the name reversed."""


@pytest.fixture
async def broker() -> AsyncIterator[MosquittoProcess]:
    """A broker that lets everybody in and keeps nothing."""
    async with MosquittoProcess() as process:
        yield process


@pytest.fixture
async def secured_broker() -> AsyncIterator[MosquittoProcess]:
    """A broker with the contract's access list for hall `centre` and the users of `USERS`: `secured_broker.address("viewer")`."""
    access = access_list(HALL, dispatchers=["dispatch"], viewers=["viewer"])
    async with MosquittoProcess(passwords={user: user[::-1] for user in USERS}, access=access) as process:
        yield process
