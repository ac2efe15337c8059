"""Fields of a slip as they are typed: `name=value`, and a name that comes twice is a list."""

from collections.abc import Iterable, Iterator

from contract.commands import FieldValue
from hallware.main import UsageProblem


def from_words(words: Iterable[str]) -> Iterator[tuple[str, FieldValue]]:
    """Each field with its value. Raises `UsageProblem`."""
    found: dict[str, list[str]] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise UsageProblem(f"--field {word}: write NAME=VALUE")
        found.setdefault(name, []).append(value)
    for name, values in found.items():
        yield name, values[0] if len(values) == 1 else tuple(values)
