"""`hallware backup`: a consistent copy of the hall's database while the controller works."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from contract.values import Text
from controller.config import HallConfig, load
from controller.store import backup as backups
from controller.store.errors import StoreError
from controller.store.store import read_url
from hallware.commands import client, typed
from hallware.main import UsageProblem


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    parser.add_argument("hall", type=Path, metavar="hall.toml")
    parser.add_argument(
        "--into", required=True, metavar="DIR|FILE", help="a folder of backups, or the new file (and its manifest FILE.json)"
    )
    parser.add_argument(
        "--keep",
        type=typed.whole(1, 1_000_000),
        metavar="N",
        help="in a folder: keep the newest N of this hall, delete older ones",
    )
    parser.add_argument("--quiet", action="store_true", help="no progress, and a line only when it fails")


def run(args: argparse.Namespace) -> int:
    """Back up, check, and say where it is; 1 when it failed and there is no new backup."""
    config, at = load(args.hall), datetime.now(UTC)
    database = sqlite_file(config, at, "backup")
    folder, backup = _target(args.into, config.hall.id, at)
    if args.keep is not None and folder is None:
        raise UsageProblem("--keep goes with a folder: --into DIR/")
    try:
        manifest = backups.back_up(database, config.hall.id, backup, at, _silent if args.quiet else _progress)
        pruned = [] if args.keep is None or folder is None else backups.prune(folder, config.hall.id, args.keep)
    except StoreError as problem:
        print(f"hallware backup: {problem}", file=sys.stderr)
        return 1
    if not args.quiet:
        print(_words(backup, manifest, len(pruned)).within(client.language()))
    return 0


def sqlite_file(config: HallConfig, at: datetime, command: str) -> Path:
    """The hall's database file. Raises `UsageProblem`, with what to do instead when it is no file."""
    url = read_url(config.store)
    if url.get_backend_name() == "postgresql":
        plain = url.set(drivername="postgresql").render_as_string()
        file = f"{config.hall.id}-{at:%Y%m%dT%H%M%S}Z.dump"
        do = {
            "backup": f"pg_dump --format=custom --file={file} '{plain}'",
            "restore": f"pg_restore --clean --if-exists --single-transaction --dbname='{plain}' FILE.dump",
        }[command]
        raise UsageProblem(
            f"the store is a PostgreSQL database, which has tools of its own:\n  {do}\n"
            "Where several halls are kept in it, that is all of them.\n"
            "After a restore, for each hall and before its controller is started: hallware restore --numbers hall.toml"
        )
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        raise UsageProblem(f"the store {config.store} is no file, so there is nothing to {command}")
    return Path(url.database)


def _target(into: str, hall: str, at: datetime) -> tuple[Path | None, Path]:
    """The folder of backups, if that is meant, and the new file."""
    path = Path(into)
    if path.is_dir() or into.endswith("/"):
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageProblem(f"{path}: {error.strerror}") from error
        return path, _new(path / backups.name(hall, at))
    if not path.parent.is_dir():
        raise UsageProblem(f"there is no folder {path.parent}; end the path with / to make a folder of backups")
    return None, _new(path)


def _new(path: Path) -> Path:
    if path.exists():
        raise UsageProblem(f"{path} is there already; a backup never overwrites one")
    return path


def _silent(_: int, __: int) -> None:
    """Say nothing."""


def _progress(done: int, all_: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done * 100 // max(1, all_):3d} %", end="\n" if done == all_ else "", file=sys.stderr, flush=True)


def _words(backup: Path, manifest: backups.Manifest, pruned: int) -> Text:
    rows, events = sum(manifest.rows.values()), manifest.rows.get("node_events", 0)
    size = f"{manifest.bytes / 1e6:.1f} MB"
    deleted = Text(zh=f"；删除旧备份 {pruned} 份", en=f"; {pruned} older deleted") if pruned else Text(zh="", en="")
    return Text(
        zh=f"备份完成并已校验：{backup}（{size}，{rows} 行，其中节点事件 {events} 条）{deleted.zh}",
        en=f"backed up and checked: {backup} ({size}, {rows} rows, {events} events of nodes among them){deleted.en}",
    )
