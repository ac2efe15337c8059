"""Whether a bundle that the hall has signed is taken now: not when it has expired, and not when it is older than what runs.

A node's clock may be behind, since it has none of its own, and is never believed against what the hall has signed: it is at
least as late as the newest bundle that was ever taken here.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from packaging.version import InvalidVersion, Version

from provisioning.update_manifest import BadBundle, Signed


@dataclass(frozen=True)
class Floor:
    """What a node remembers of the newest bundle that stayed on it."""

    made: datetime | None = None
    signer: datetime | None = None
    """When the certificate of its signer began: signers from before are not taken any more."""

    @classmethod
    def read(cls, state: dict[str, Any]) -> Self:
        """Out of update.json; what cannot be read is as if it were not there."""
        said = state.get("floor")
        made, signer = (_moment(said.get(key)) if isinstance(said, dict) else None for key in ("made", "signer"))
        return cls(made, signer)

    def after(self, signed: Signed) -> dict[str, str]:
        """As it stands in update.json once this bundle has stayed. It only rises: going back once opens no way for others."""
        made, signer = signed.manifest.made, signed.signer.not_valid_before_utc
        return {
            "made": max(made, self.made or made).isoformat(),
            "signer": max(signer, self.signer or signer).isoformat(),
        }


def refuse_stale(signed: Signed, floor: Floor, running: str | None, now: datetime, *, older: bool = False) -> None:
    """Raise `BadBundle` unless the bundle is to be taken; `older` when a person on this machine asks for an older one."""
    manifest = signed.manifest
    if signed.signer.not_valid_before_utc < (floor.signer or signed.signer.not_valid_before_utc):
        raise BadBundle(
            "old-signer",
            "签名密钥已被更换，不再有效",
            "The hall has a newer key for updates; what the old one has signed is not taken",
        )
    if max(now, floor.made or now) > manifest.not_after:
        raise BadBundle(
            "expired",
            f"更新包已于 {manifest.not_after:%Y-%m-%d} 过期，请重新打包",
            f"The bundle expired on {manifest.not_after:%Y-%m-%d}; pack it anew",
        )
    if not older:
        _refuse_older(signed, floor, running)


def _refuse_older(signed: Signed, floor: Floor, running: str | None) -> None:
    manifest = signed.manifest
    if floor.made is not None and manifest.made < floor.made:
        made = manifest.made.astimezone()  # by the clock of whoever reads it
        raise BadBundle(
            "older",
            f"更新包制作于 {made:%Y-%m-%d %H:%M}，早于本机已安装的更新",
            f"The bundle was made {made:%Y-%m-%d %H:%M}, before one that was installed here; pack it anew",
        )
    if running is not None and not manifest.older and _version(manifest.version) < _version(running):
        raise BadBundle(
            "older",
            f"版本 {manifest.version} 低于正在运行的 {running}",
            f"Version {manifest.version} is older than {running}, which runs; the hall can pack it with --older",
        )


def _version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion as error:
        raise BadBundle("bad-version", f"版本号 {text} 无效", f"{text} is no version") from error


def _moment(said: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None
    return moment if moment is None or moment.tzinfo is not None else None
