"""Wheels for tests: small ones made here, and real ones made again from what is installed."""

import base64
import hashlib
import importlib.metadata
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

WHEEL = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: {pure}\n"


def wheel(
    folder: Path, name: str, version: str, files: Mapping[str, str | bytes], *, requires: tuple[str, ...] = (), scripts: str = "",
    tag: str = "py3-none-any",
) -> Path:  # fmt: skip
    """A wheel with these files."""
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{name}-{version}.dist-info"
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}", *(f"Requires-Dist: {need}" for need in requires)]
    content: dict[str, str | bytes] = {
        **files, f"{info}/METADATA": "\n".join(metadata) + "\n", f"{info}/WHEEL": f"{WHEEL.format(pure='true')}Tag: {tag}\n",
    }  # fmt: skip
    if scripts:
        content[f"{info}/entry_points.txt"] = f"[console_scripts]\n{scripts}\n"
    return _zipped(folder / f"{name}-{version}-{tag}.whl", info, content)


def again(folder: Path, name: str, paths: list[str] | None = None) -> Path:
    """The wheel of an installed package, put together from its record; `paths` says where to look for it."""
    found = next(iter(importlib.metadata.distributions(name=name, path=paths or sys.path)))
    info = f"{found.metadata['Name'].replace('-', '_')}-{found.version}.dist-info"
    tags = [line.partition(": ")[2].split("-") for line in (found.read_text("WHEEL") or "").splitlines() if line[:5] == "Tag: "]
    tag = "-".join(".".join(dict.fromkeys(parts)) for parts in zip(*tags, strict=True))
    content: dict[str, str | bytes] = {}
    for file in found.files or []:
        inside = str(file)
        if not inside.startswith("..") and not inside.endswith(".pyc") and file.name not in ("RECORD", "INSTALLER", "REQUESTED"):
            content[inside] = Path(str(file.locate())).read_bytes()
    real = next(inside.partition("/")[0] for inside in content if ".dist-info/" in inside)
    folder.mkdir(parents=True, exist_ok=True)
    return _zipped(folder / f"{info.removesuffix('.dist-info')}-{tag}.whl", real, content)


def pip_wheel(folder: Path) -> Path:
    """pip's, from the tools' environment of this project, which has one."""
    root = Path(__file__).parents[2] / ".tools" / "lib"
    return again(folder, "pip", [str(path) for path in root.glob("python*/site-packages")])


def _zipped(path: Path, info: str, content: Mapping[str, str | bytes]) -> Path:
    record = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, text in content.items():
            data = text.encode() if isinstance(text, str) else text
            out.writestr(name, data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            record.append(f"{name},sha256={digest},{len(data)}")
        out.writestr(f"{info}/RECORD", "\n".join([*record, f"{info}/RECORD,,"]) + "\n")
    return path
