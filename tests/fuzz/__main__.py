"""Fuzzes every parser of a wire, one after the other: `python -m tests.fuzz --for 300 [TARGET …]`."""

import argparse
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.targets import TARGETS

BUILD = Path("build/fuzz")
LONGEST = 400
"""Bytes of a stream; longer than any frame and a half."""
SLOW = 10
"""Seconds after which one stream has taken too long."""


@dataclass(frozen=True)
class Outcome:
    """What fuzzing one target came to."""

    runs: int
    covered: int
    """Edges of our code that were reached, as atheris counts them."""
    found: str = ""
    """What was wrong, and the file with the bytes that show it."""


def fuzz(name: str, seconds: int) -> Outcome:
    """Fuzz one target in a process of its own."""
    corpus = BUILD / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(TARGETS[name].seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    options = [f"-max_total_time={seconds}", f"-max_len={LONGEST}", f"-timeout={SLOW}", "-rss_limit_mb=1024"]
    options += ["-print_final_stats=1", f"-artifact_prefix={BUILD}/found-{name}-", str(corpus)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.one", name, *options], capture_output=True, text=True, errors="replace"
    )
    return outcome(done.returncode, done.stdout + done.stderr)


def outcome(code: int, said: str) -> Outcome:
    """What libFuzzer's words mean."""
    runs = re.findall(r"stat::number_of_executed_units: (\d+)", said)
    covered = re.findall(r"cov: (\d+)", said)
    found = "" if code == 0 and runs else said[-2500:]
    return Outcome(int(runs[-1]) if runs else 0, int(covered[-1]) if covered else 0, found)


def main() -> int:
    """Say what each target came to; 1 when something was found."""
    options = argparse.ArgumentParser(prog="python -m tests.fuzz")
    options.add_argument("--for", dest="seconds", type=int, default=300, help="seconds in all (default 300)")
    options.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    asked = options.parse_args()
    if unknown := set(asked.targets) - set(TARGETS):
        options.error(f"there is no target {min(unknown)}; there are {', '.join(TARGETS)}")
    names = asked.targets or list(TARGETS)
    outcomes = [report(name, fuzz(name, max(1, asked.seconds // len(names)))) for name in names]
    wrong = sum(bool(each.found) for each in outcomes)
    print(f"{sum(each.runs for each in outcomes):,} streams through {len(names)} parsers; {wrong or 'nothing'} wrong")
    return 1 if wrong else 0


def report(name: str, result: Outcome) -> Outcome:
    """One line for one target."""
    print(f"  {name:22}{result.runs:>10,} streams {result.covered:>6,} edges  {'WRONG' if result.found else 'ok'}", flush=True)
    if result.found:
        print(result.found)
    return result


if __name__ == "__main__":
    sys.exit(main())
