"""What all tests share."""

import pytest
from hypothesis import settings

settings.register_profile("hall", deadline=None)  # how long an example takes says more of the machine than of what is tried
settings.load_profile("hall")

pytest_plugins = ["tests.broker", "tests.postgres"]

SLOWEST = (
    "scenarios/test_library.py", "trust/test_whole_way.py", "controller/test_crash.py", "demo/test_demo_run.py",
    "scenarios/test_serial_keys.py", "end_to_end/", "controller/test_backup.py", "keys/test_room_stuck.py",
)  # fmt: skip
"""Where a single test takes longest; these begin first, or one runs alone at the end while other workers do nothing."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the slowest first, and leave the others as they are."""
    items.sort(key=lambda item: next((n for n, where in enumerate(SLOWEST) if f"tests/{where}" in item.nodeid), len(SLOWEST)))
