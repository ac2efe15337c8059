"""A trusted hall, and one with a registrar, for every test here that asks for one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.trust.registry import Registry, registry
from tests.trust.stage import TrustedHall, trusted_hall


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[TrustedHall]:
    async with trusted_hall(tmp_path) as opened:
        yield opened


@pytest.fixture
async def desk(hall: TrustedHall) -> AsyncIterator[Registry]:
    async with registry(hall) as opened:
        yield opened
