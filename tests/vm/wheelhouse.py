"""The wheels that a card or an update carries: this checkout's own, and what it needs, fetched once."""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

from hardware_sim.machine.recipe import DEBIANS, cache_folder

ROOT = Path(__file__).parents[2]
ONLY_ON_A_PI = ("lgpio", "spidev")
"""What the extra `node` asks for on aarch64 alone. The machine has their wires too, so its wheel of hallware asks for them."""
Change = Callable[[dict[str, bytes]], None]
"""What somebody does to the files of a wheel."""


def as_it_is(_: dict[str, bytes]) -> None:
    """Nothing."""


def wheelhouse(folder: Path) -> Path:
    """A folder of wheels for the machine's Python."""
    refuse_other_python()
    house = folder / "wheels"
    shutil.copytree(_foreign(), house)
    _pip("wheel", "-qq", "--no-deps", "--wheel-dir", str(house), str(ROOT))
    own = next(house.glob("hallware-*.whl"))
    remade(own, own)
    return house


def refuse_other_python() -> None:
    """What is compiled for the Python that runs this must be for the machine's too."""
    if sys.version_info[:2] not in DEBIANS.values():
        raise RuntimeError("the machine's wheels are compiled here: run this with Python 3.11 (bookworm) or 3.13 (trixie)")


def newer(house: Path, to: Path, version: str, change: Change = as_it_is) -> Path:
    """The same wheels with another version of hallware, in which something is changed."""
    shutil.copytree(house, to)
    old = next(to.glob("hallware-*.whl"))
    before = old.name.split("-")[1]
    remade(old, to / old.name.replace(before, version, 1), before, version, change)
    old.unlink()
    return to


def remade(old: Path, new: Path, before: str = "", version: str = "", change: Change = as_it_is) -> None:
    """A wheel of hallware that asks for all that a Pi has, with another version if one is given."""
    with zipfile.ZipFile(old) as wheel:
        files = {name: wheel.read(name) for name in wheel.namelist()}
    change(files)
    with zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as out:
        record, info = [], ""
        for name, data in files.items():
            if version:
                name = name.replace(f"hallware-{before}.dist-info", f"hallware-{version}.dist-info")
            if name.endswith("/RECORD"):
                info = name
                continue
            if name.endswith("/METADATA"):
                data = data.replace(b"(platform_machine == 'aarch64') and ", b"")
                data = data.replace(f"\nVersion: {before}\n".encode(), f"\nVersion: {version}\n".encode()) if version else data
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            record.append(f"{name},sha256={digest},{len(data)}")
            out.writestr(name, data)
        out.writestr(info, "\n".join([*record, f"{info},,"]) + "\n")


def _foreign() -> Path:
    """The wheels of others, kept as long as what is asked for is the same."""
    asked = (ROOT / "pyproject.toml").read_bytes() + repr((ONLY_ON_A_PI, sys.version_info[:2])).encode()
    digest = hashlib.sha256(asked).hexdigest()[:12]
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
    # PYPI: where lgpio has no wheel, its own library is to be compiled into the one that is made.
    pip = [str(ROOT / ".tools" / "bin" / "pip"), "--disable-pip-version-check", "--python", sys.executable]
    subprocess.run([*pip, *words], check=True, env=os.environ | {"PYPI": "1"})
