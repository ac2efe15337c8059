"""How many examples a costly property is tried with: as many as it says, a third of them where CI runs, and more when asked."""

import os

FEWEST = 8


def examples(count: int) -> int:
    """So many; `EXAMPLES=10 make properties` tries ten times as many."""
    times = float(os.environ.get("EXAMPLES") or ("0.34" if os.environ.get("CI") else "1"))
    return max(min(FEWEST, count), round(count * times))
