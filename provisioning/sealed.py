"""A key of the hall at rest: encrypted with a key file, or with a passphrase that somebody types.

What opens `NAME.key` is said in `NAME.toml` beside it. The folder is 0700, for its owner alone.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import tomli_w
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from contract.settings import BadSettings, Settings, read
from provisioning.files import SECRET, write

Opener = Literal["key-file", "passphrase"]

SHORTEST = 12
"""Letters that a passphrase must have at least."""
_COST = 2**15
"""scrypt's; 32 MiB and a tenth of a second, once for each opening."""


class CannotOpen(Exception):
    """A key cannot be read; the text says why and what to do."""


class SealSettings(Settings, frozen=True, kw_only=True):
    """NAME.toml: whose key this is, and what opens it."""

    hall: str
    opens: Opener
    key_file: Path | None = None
    salt: str


@dataclass(frozen=True)
class SealedKey:
    """`NAME.key` and `NAME.toml` in a private folder."""

    folder: Path
    name: str

    @property
    def key(self) -> Path:
        """The key, encrypted."""
        return self.folder / f"{self.name}.key"

    @property
    def settings(self) -> Path:
        """What opens the key."""
        return self.folder / f"{self.name}.toml"

    @property
    def opened_by(self) -> Opener:
        """What opens the key. Raises `BadSettings`."""
        return read(self.settings, SealSettings).opens

    @property
    def hall(self) -> str:
        """Whose key it is. Raises `BadSettings`."""
        return read(self.settings, SealSettings).hall

    def seal(
        self, key: ec.EllipticCurvePrivateKey, hall: str, *, passphrase: str | None = None, key_file: Path | None = None
    ) -> None:
        """Put a key down, encrypted with `passphrase`, else with a random one in `key_file`.

        The key itself is written last: where it lies, everything that opens it is there. Raises `CannotOpen` for a passphrase
        that is too short.
        """
        refuse_short(passphrase)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        salt = secrets.token_hex(16)
        file = None if passphrase is not None else key_file or self.folder / f"{self.name}.passphrase"
        if file is not None:
            passphrase = secrets.token_urlsafe(32)
            write(file, passphrase + "\n", SECRET)
        opens = {"opens": "passphrase"} if file is None else {"opens": "key-file", "key_file": str(file)}
        write(self.settings, tomli_w.dumps({"hall": hall, "salt": salt, **opens}), SECRET)
        write(self.key, _sealed(key, _stretched(passphrase or "", salt)), SECRET)

    def open(self, ask: Callable[[], str] | None = None) -> tuple[str, ec.EllipticCurvePrivateKey]:
        """The hall and its key; `ask` gives the passphrase where one is needed. Raises `CannotOpen`, `BadSettings`."""
        settings = read(self.settings, SealSettings)
        passphrase = self._passphrase(settings, ask)
        try:
            key = load_pem_private_key(self.key.read_bytes(), _stretched(passphrase, settings.salt))
        except ValueError as error:
            raise CannotOpen(f"{self.key}: the passphrase does not open it") from error
        except OSError as error:
            raise CannotOpen(f"{self.key}: {error.strerror}") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise CannotOpen(f"{self.key}: is no key of a hall")
        return settings.hall, key

    def _passphrase(self, settings: SealSettings, ask: Callable[[], str] | None) -> str:
        if settings.opens == "key-file":
            if settings.key_file is None:
                raise BadSettings(f"{self.settings}: `opens` is `key-file`, but there is no `key_file`")
            try:
                return settings.key_file.read_text(encoding="utf-8").strip()
            except OSError as error:
                raise CannotOpen(f"{settings.key_file}: {error.strerror}; without it nobody can open {self.key}") from error
        if ask is None:
            raise CannotOpen(f"{self.key}: is opened by a passphrase, and there is nobody to ask; start this in a terminal")
        return ask()


def refuse_short(passphrase: str | None) -> None:
    """Raise `CannotOpen` for a passphrase that is too short."""
    if passphrase is not None and len(passphrase) < SHORTEST:
        raise CannotOpen(f"a passphrase of {len(passphrase)} letters is too short; take at least {SHORTEST}")


def _sealed(key: ec.EllipticCurvePrivateKey, passphrase: bytes) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase)).decode()


def _stretched(passphrase: str, salt: str) -> bytes:
    """What encrypts the key: guessing a passphrase must cost more than the few rounds of the file's own format."""
    return hashlib.scrypt(
        passphrase.encode(), salt=bytes.fromhex(salt), n=_COST, r=8, p=1, maxmem=2**26, dklen=32
    ).hex().encode()  # fmt: skip
