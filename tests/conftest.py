"""What all tests share."""

import pytest
from hypothesis import settings

settings.register_profile("hall", deadline=None)  # how long an example takes says more of the machine than of what is tried
settings.load_profile("hall")

pytest_plugins = ["tests.broker", "tests.postgres"]

SLOWEST = (
    "web/test_accessible.py", "scenarios/test_library.py", "web/test_browser.py", "kiosk/test_faults.py",
    "update/test_apply.py", "board/test_strip_faults.py",
    "controller/test_crash.py", "touch/test_touch_page.py", "keys/test_serial_rater.py", "demo/test_demo_run.py",
    "trust/test_access.py", "trust/test_whole_way.py", "update/test_cut.py", "scenarios/test_serial_keys.py", "end_to_end/",
    "demo/test_page.py", "controller/test_backup.py",
)  # fmt: skip
"""Files that take longest, what starts whole halls between what mostly waits; these begin first, or one runs alone at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the slowest first, and leave the others as they are."""
    items.sort(key=lambda item: next((n for n, where in enumerate(SLOWEST) if f"tests/{where}" in item.nodeid), len(SLOWEST)))
