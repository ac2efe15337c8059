"""Reading a bundle: its signature first, then each wheel into a folder of our own, measured and compared on its way there."""

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cryptography import x509

from provisioning.update_manifest import (
    HEAD,
    LONGEST_HEAD,
    MOST_MANIFEST,
    MOST_SIGNATURE,
    BadBundle,
    Manifest,
    Signed,
    Wheel,
    verified,
)

CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Bundle:
    """An open bundle whose signature is good; its wheels are not read yet."""

    signed: Signed
    _file: BinaryIO

    @property
    def manifest(self) -> Manifest:
        """What the hall has signed."""
        return self.signed.manifest

    def unpack(self, folder: Path | None) -> None:
        """Read all wheels, into `folder` if one is given. Raises `BadBundle` for the first that is not as it was signed."""
        for wheel in self.manifest.wheels:
            if folder is None:
                _copy(self._file, None, wheel)
            else:
                with (folder / wheel.name).open("wb") as out:
                    _copy(self._file, out, wheel)
        if _read(self._file, 1):
            raise BadBundle("too-long", "更新包末尾有多余数据", "Something follows the last wheel that nobody has signed")


@contextmanager
def opened(path: Path, anchor: x509.Certificate) -> Iterator[Bundle]:
    """A bundle that the hall of `anchor` has signed. Raises `BadBundle`, also for a file that cannot be read."""
    try:
        # Whoever may put a file there may put a pipe there as well, which nobody ever writes to.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _unreadable(str(path), error) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise BadBundle("no-file", f"{path} 不是文件", f"{path} is no file")
    with os.fdopen(descriptor, "rb") as file:
        yield Bundle(_signed(file, anchor), file)


def anchor_of(path: Path) -> x509.Certificate:
    """The CA whose bundles this machine takes. Raises `BadBundle`."""
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as error:
        raise BadBundle(
            "no-anchor", f"{path} 缺失或无效，本机未登记", f"{path} is missing or no certificate; this machine was not enrolled"
        ) from error


def _signed(file: BinaryIO, anchor: x509.Certificate) -> Signed:
    found = HEAD.match(_read(file, LONGEST_HEAD))
    if found is None or not (0 < int(found[1]) <= MOST_MANIFEST and 0 < int(found[2]) <= MOST_SIGNATURE):
        raise BadBundle("no-bundle", "这不是更新包", "This is no update bundle")
    file.seek(found.end())
    manifest, signature = _read(file, int(found[1])), _read(file, int(found[2]))
    read, signer = verified(manifest, signature, anchor)
    return Signed(manifest=read, signer=signer, digest=hashlib.sha256(manifest).hexdigest())


def _copy(file: BinaryIO, out: BinaryIO | None, wheel: Wheel) -> None:
    left, digest = wheel.size, hashlib.sha256()
    while left and (chunk := _read(file, min(CHUNK, left))):
        left -= len(chunk)
        digest.update(chunk)
        if out is not None:
            out.write(chunk)
    if left:
        raise BadBundle(
            "too-short", f"更新包不完整，缺少 {wheel.name}", f"The bundle ends in the middle of {wheel.name}; copy it anew"
        )
    if digest.hexdigest() != wheel.sha256:
        raise BadBundle(
            "bad-wheel", f"{wheel.name} 已损坏", f"{wheel.name} is not what the hall has signed; copy the bundle anew"
        )


def _read(file: BinaryIO, most: int) -> bytes:
    """Read on; a stick may be pulled out at any time."""
    try:
        return file.read(most)
    except OSError as error:
        raise _unreadable("The bundle", error) from error


def _unreadable(path: str, error: OSError) -> BadBundle:
    return BadBundle("unreadable", f"{path} 无法读取", f"{path} cannot be read: {error.strerror}")
