"""Telling in the terminal how scenarios go: progress while one plays, its verdict when it is over, the sum at the end."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from hardware_sim.scenario.play import Done, Performance
from hardware_sim.scenario.words import OUTCOMES, in_words

COLOURS = {"passed": "green", "failed": "red", "broken": "yellow"}


class Teller:
    """Tells while it is entered, and remembers what was played."""

    def __init__(self, language: str, scenarios: int, *, quiet: bool = False) -> None:
        self.played: list[Performance] = []
        self._language = language
        self._quiet = quiet
        self._console = Console(highlight=False, soft_wrap=True)
        self._progress = Progress(
            SpinnerColumn(), TextColumn("{task.description}"), BarColumn(20), TextColumn("{task.completed:.0f}/{task.total:.0f}"),
            TimeElapsedColumn(), console=self._console, transient=True, disable=not self._console.is_terminal,
        )  # fmt: skip
        self._sum = self._progress.add_task("scenarios · 场景", total=scenarios)
        self._tasks: dict[str, TaskID] = {}

    def step(self, performance: Performance, number: int) -> None:
        """A step begins."""
        name, of = performance.script.name, performance.script.scenario.step
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(name, total=len(of))
        words = in_words(of[number]).within(self._language)
        self._progress.update(self._tasks[name], completed=number, description=f"{name}: {escape(words[:60])}")

    def over(self, performance: Performance) -> None:
        """A scenario is over."""
        self.played.append(performance)
        if (task := self._tasks.pop(performance.script.name, None)) is not None:
            self._progress.remove_task(task)
        self._progress.advance(self._sum)
        if not self._quiet or performance.outcome != "passed":
            self._verdict(performance)

    def say(self, words: str) -> None:
        """Something about the halls."""
        self._progress.update(self._sum, description=escape(words.splitlines()[0][:70]))
        if "\n" in words or "http" in words:
            self._console.print(words, markup=False)

    def close(self) -> None:
        """Say the sum."""
        counts = {name: sum(one.outcome == name for one in self.played) for name in OUTCOMES}
        parts = [
            f"[{COLOURS[name]}]{count} {OUTCOMES[name].within(self._language)}[/]" for name, count in counts.items() if count
        ]
        self._console.print(f"{', '.join(parts) or '0'}  ({sum(one.took for one in self.played):.1f} s)")

    def _verdict(self, performance: Performance) -> None:
        colour, words = COLOURS[performance.outcome], OUTCOMES[performance.outcome].within(self._language)
        title = performance.script.scenario.title.text.within(self._language)
        self._console.print(
            f"[{colour}]{words:<6}[/] {performance.script.name}: {escape(title)}  [dim]{performance.took:.1f} s[/]"
        )
        for done in performance.done:
            if done.outcome != "passed":
                self._console.print(self._trouble(performance, done), markup=False)
        if performance.untidy:
            self._console.print(f"       it left behind: {performance.untidy}", markup=False, style="dim")

    def _trouble(self, performance: Performance, done: Done) -> str:
        place = f"{performance.script.path}:{done.line}"
        return f"       {place}: {in_words(done.step).within(self._language)}\n         {done.found}"

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._progress.stop()
        if kind is None:
            self.close()
