"""Figures: each with its baseline from the same run, printed as a ratio beside its goal."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured thing. `goal` is the largest ratio wanted; None where there is nothing to compare with but `limit` holds."""

    name: str
    ours: float
    unit: str
    baseline: float | None = None
    of: str = ""
    """What the baseline is."""
    goal: float | None = None
    """Largest ratio ours/baseline that is wanted."""
    limit: float | None = None
    """Largest value wanted where there is no baseline."""

    @property
    def ratio(self) -> float | None:
        """Ours over the baseline."""
        return None if self.baseline is None else self.ours / self.baseline

    @property
    def reached(self) -> bool | None:
        """Whether the goal or limit is met; None where there is neither."""
        if self.goal is not None and self.ratio is not None:
            return self.ratio <= self.goal
        return self.ours <= self.limit if self.limit is not None else None


def percentile(values: Sequence[float], percent: int) -> float:
    """The `percent`-th percentile, 1 to 99."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def table(figures: Sequence[Figure]) -> str:
    """The figures as a text table."""
    headings = ("figure", "ours", "baseline", "ratio", "goal", "")
    rows = [headings, *(_row(figure) for figure in figures)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(headings))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def _row(figure: Figure) -> tuple[str, ...]:
    baseline = "" if figure.baseline is None else f"{_number(figure.baseline)} {figure.unit} {figure.of}"
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}x"
    goal = (
        f"<= {figure.goal:g}x"
        if figure.goal is not None
        else f"<= {figure.limit:g} {figure.unit}"
        if figure.limit is not None
        else ""
    )
    verdict = {None: "", True: "reached", False: "missed"}[figure.reached]
    return (figure.name, f"{_number(figure.ours)} {figure.unit}", baseline, ratio, goal, verdict)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"
