"""The wheels that a card carries: this checkout's own, and what it needs, fetched once."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from hardware_sim.machine.recipe import cache_folder

ROOT = Path(__file__).parents[2]
ONLY_ON_A_PI = ("lgpio", "spidev")
"""What the extra `node` asks for on aarch64 alone; the machine has their wires too."""


def wheelhouse(folder: Path) -> Path:
    """A folder of wheels for the machine's Python 3.11."""
    if sys.version_info[:2] != (3, 11):
        raise RuntimeError(
            "the machine has Debian's Python 3.11 and its wheels are compiled here: run make vm-test with Python 3.11"
        )
    house = folder / "wheels"
    shutil.copytree(_foreign(), house)
    _pip("wheel", "-qq", "--no-deps", "--wheel-dir", str(house), str(ROOT))
    return house


def _foreign() -> Path:
    """The wheels of others, kept as long as what is asked for is the same."""
    digest = hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + repr(ONLY_ON_A_PI).encode()).hexdigest()[:12]
    kept = cache_folder() / f"wheels-{digest}"
    if not kept.exists():
        fresh = cache_folder() / f"wheels-{digest}.new"
        shutil.rmtree(fresh, ignore_errors=True)
        _pip("wheel", "-qq", "--wheel-dir", str(fresh), "pip", f"{ROOT}[node,input,enrol]", *ONLY_ON_A_PI)
        for own in fresh.glob("hallware-*.whl"):
            own.unlink()
        fresh.rename(kept)
    return kept


def _pip(*words: str) -> None:
    subprocess.run([ROOT / ".tools" / "bin" / "pip", "--disable-pip-version-check", *words], check=True)
