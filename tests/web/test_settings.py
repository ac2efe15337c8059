"""Settings as one may read them: what is in force and whence, no secrets, a new file checked in words."""

import pytest

from controller.config import parse_hall
from controller.web.settings_shown import HIDDEN, check, tables
from tests.web.scene import HALL_TOML

SECRET = "hush-9f3c"


def test_each_setting_says_whether_the_file_has_it() -> None:
    shown = {row.key: row for rows in tables(parse_hall(HALL_TOML, name="hall.toml"), HALL_TOML).values() for row in rows}
    assert (shown["hall.timezone"].value, shown["hall.timezone"].written) == ("UTC", True)
    assert (shown["calling.times"].value, shown["calling.times"].written) == ("3", False)
    assert (shown["service[property].prefix"].value, shown["service[property].prefix"].written) == ("C", True)
    assert not shown["service[property].daily_quota"].written


def test_no_secret_is_shown_wherever_it_stands() -> None:
    text = (
        HALL_TOML.replace("[hall]", f'store = "postgresql+psycopg://hall:{SECRET}@db/hallware"\n\n[hall]', 1)
        + f"""
[[node]]
id = "somewhere"
[[node.device]]
kind = "kiosk"
id = "kiosk-x"
token = "{SECRET}"
nested = {{ password = "{SECRET}" }}
"""
    )
    config = parse_hall(text, name="hall.toml")
    shown = [row.value for rows in tables(config, text).values() for row in rows]
    assert not [value for value in shown if SECRET in value]
    assert f"postgresql+psycopg://hall:{HIDDEN}@db/hallware" in shown
    changed = check(config, text.replace(SECRET, "another-one"))
    assert {one.key for one in changed.changes} >= {"store", "node[somewhere].device"}
    assert SECRET not in str(changed)
    assert "another-one" not in str(changed)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('prefix = "C"', 'prefix = "A"', "A"),
        ("timezone", "timezon", "did you mean `timezone`?"),
        ('zone = "b"', 'zone = "z"', "there is no zone `z`"),
        ("[hall]", "[hall", "hall.toml"),
    ],
)
def test_what_is_wrong_with_a_new_file_is_said_in_words(before: str, after: str, says: str) -> None:
    found = check(parse_hall(HALL_TOML, name="hall.toml"), HALL_TOML.replace(before, after, 1))
    assert found.problem is not None
    assert says in found.problem


def test_what_would_change_is_told_key_by_key() -> None:
    new = HALL_TOML.replace('prefix = "C"', 'prefix = "K"', 1) + "\n[calling]\ntimes = 2\n"
    found = {one.key: (one.now, one.then) for one in check(parse_hall(HALL_TOML, name="hall.toml"), new).changes}
    assert found == {"calling.times": ("3", "2"), "service[property].prefix": ("C", "K")}
    assert check(parse_hall(HALL_TOML, name="hall.toml"), HALL_TOML).changes == ()
