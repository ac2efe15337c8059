"""`hallware rollup` counts the days that are over, and those again whose rows are still there."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from controller.store import tables
from controller.store.store import Store
from hallware.main import main
from tests.controller.halls import NOON, text


def test_days_are_counted_once_and_again_when_asked(database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "hall.toml"
    config.write_text(text(database))
    store = Store(database, "centre")
    store.open()
    assert store._connection is not None
    day = datetime.now(UTC).date() - timedelta(days=9)
    row = {"hall": "centre", "day": day, "number": "A001", "service": "social", "priority": "ordinary", "state": "done"}
    with store._connection.begin():
        store._connection.execute(tables.tickets.insert(), [{**row, "ticket": "one", "issued": NOON, "calls": 0}])
    assert main(["rollup", str(config)]) == 1, "another one keeps the hall"
    assert "another controller" in capsys.readouterr().err
    store.close()
    assert main(["rollup", str(config)]) == 0
    first = capsys.readouterr().out.splitlines()
    assert first[0] == day.isoformat()
    assert main(["rollup", str(config)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1
    assert main(["rollup", str(config), "--again"]) == 0
    assert capsys.readouterr().out.splitlines() == first
