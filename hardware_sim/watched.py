"""Something that is watched: whoever listens is told of every change, from any thread."""

from collections.abc import Callable
from contextlib import suppress


class Watched:
    """Keeps its listeners; what it is besides says when something has changed."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[], None]] = []

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after every change, from any thread; the answer stops it."""
        self._listeners.append(listener)

        def stop() -> None:
            with suppress(ValueError):
                self._listeners.remove(listener)

        return stop

    def changed(self) -> None:
        """Tell the listeners; far ends call it when something that a person can see has changed."""
        for listener in list(self._listeners):
            listener()
