"""How long programs were kept waiting for a processor: on a crowded machine that is none of their own time."""

from pathlib import Path


def kept_waiting(*pids: int | None) -> float:
    """Seconds for which these processes were ready to run and had no processor, altogether; nothing for one that is gone."""
    return sum(map(_of, pids))


def _of(pid: int | None) -> float:
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    except OSError:
        return 0.0
