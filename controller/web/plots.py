"""Plots: columns over a scale with round figures, as the geometry of an SVG. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

LEFT, RIGHT, TOP, BOTTOM = 40, 4, 14, 26
"""Room for the scale, the edge, the highest figure and the labels."""
LABEL = 30
"""Units that one label below takes."""
SIZES = (("desk", 620, 210), ("phone", 330, 190))


@dataclass(frozen=True)
class Column:
    """One place on the axis below; of its values each is one bar, None is none."""

    label: str
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class Bar:
    """A rectangle; `series` says which of the column's values it is."""

    x: float
    y: float
    width: float
    height: float
    series: int


@dataclass(frozen=True)
class Mark:
    """A figure on the scale, or a label below."""

    at: float
    text: str


@dataclass(frozen=True)
class Plot:
    """Everything that is drawn."""

    width: int
    height: int
    bars: tuple[Bar, ...]
    scale: tuple[Mark, ...]
    labels: tuple[Mark, ...]


@dataclass(frozen=True)
class Drawing:
    """A plot as a page has it: what it shows, its title, and what is drawn at each size."""

    name: str
    title: str
    sizes: tuple[tuple[str, Plot], ...]


def drawing(name: str, title: str, columns: Sequence[Column]) -> Drawing:
    """The columns at both sizes."""
    return Drawing(name, title, tuple((size, plot(columns, *shape)) for size, *shape in SIZES))


def plot(columns: Sequence[Column], width: int, height: int) -> Plot:
    """The columns side by side, from nothing up to a round figure."""
    most = max((value for column in columns for value in column.values if value is not None), default=0.0)
    step = round_step(most)
    top = max(step, step * ceil(most / step))
    floor_, room = height - BOTTOM, height - BOTTOM - TOP
    slot = (width - LEFT - RIGHT) / max(1, len(columns))
    bars = [bar for n, column in enumerate(columns) for bar in _bars(column, LEFT + n * slot, slot, floor_, room / top)]
    every = max(1, ceil(LABEL / slot))
    return Plot(
        width=width,
        height=height,
        bars=tuple(bars),
        scale=tuple(Mark(round(floor_ - n * step * room / top, 1), f"{n * step:g}") for n in range(round(top / step) + 1)),
        labels=tuple(Mark(round(LEFT + (n + 0.5) * slot, 1), column.label) for n, column in enumerate(columns) if n % every == 0),
    )


def _bars(column: Column, left: float, slot: float, floor_: float, unit: float) -> list[Bar]:
    gap = max(1.0, slot * 0.16)
    width = min(34.0, (slot - 2 * gap) / len(column.values))
    left += (slot - width * len(column.values)) / 2
    return [
        Bar(round(left + n * width, 2), round(floor_ - value * unit, 2), round(width * 0.94, 2), round(value * unit, 2), n)
        for n, value in enumerate(column.values)
        if value
    ]


def round_step(most: float) -> float:
    """1, 2 or 5 times a power of ten, so that at most five steps reach `most`."""
    if most < 1e-9:
        return 1.0
    power = 10.0 ** floor(log10(most / 5))
    return next(step for step in (power, 2 * power, 5 * power, 10 * power) if step * 5 >= most)
