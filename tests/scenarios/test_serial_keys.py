"""Scenarios of serial callers and raters are played for real, three windows on one node."""

from pathlib import Path

import pytest

from tests.scenarios.test_library import sim

PLAYED = ("serial_caller_visit", "serial_caller_unplugged", "serial_caller_blocked", "rater_reasons_and_complaint")


@pytest.mark.timeout(240)
async def test_stories_of_serial_callers_and_raters_come_true(tmp_path: Path) -> None:
    code, said = await sim("run", *PLAYED, "--keep", str(tmp_path))
    assert code == 0, said
    assert f"{len(PLAYED)} passed" in said
