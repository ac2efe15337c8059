"""`hallware update push`: a bundle to the hall's nodes, stage by stage, stopping at the first that does not come through."""

import argparse
import logging
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hallware.commands.client import language, spoken
from hallware.main import UsageProblem

STAGES = "1,25%,all"
MOMENTS = {
    "connect": ("连接", "connecting"), "upload": ("上传", "copying"), "apply": ("安装并观察", "installing and watching"),
}  # fmt: skip
DO = {
    "unreachable": (
        "检查节点是否通电、网线是否插好、SSH 密钥是否正确（card.toml 的 ssh_keys）",
        "is the node on and plugged in, and is the key one of the card's `ssh_keys`?",
    ),
    "disk-full": ("换用更大的存储卡", "use a larger card"),
    "device-silent": ("检查该设备的电源与接线，然后重试", "look at that device's power and cable, then push again"),
    "hall-away": ("检查大厅电脑上的 mosquitto 与控制器", "are Mosquitto and the controller running on the hall's machine?"),
    "line-lost": ("节点会自行完成更新；稍后用 hallware nodes 查看结果", "the node goes on by itself; see later: hallware nodes"),
}
ANYWAY = (
    "失败的节点仍运行原版本；查看 /devices 页面，修复后再次 push，已更新的节点会自动跳过",
    "the node runs the version before; see the devices page, mend it, and push again: nodes that are done say so at once",
)


def add_arguments(name: str, parser: argparse.ArgumentParser) -> None:
    """The command line."""
    parser.add_argument("bundle", type=Path, metavar="BUNDLE", help="the file that `hallware update pack` made")
    parser.add_argument("--hall", type=Path, default=Path("/etc/hallware/hall.toml"), metavar="hall.toml")
    parser.add_argument("--hosts", type=Path, metavar="hosts.toml", help="how nodes are reached by ssh (see docs/updating.md)")
    parser.add_argument("--node", action="append", metavar="NODE", help="only these (default: all that hall.toml plans)")
    parser.add_argument("--first", metavar="NODE", help="the node that is updated first and alone")
    parser.add_argument(
        "--stage",
        default=STAGES,
        metavar="STAGES",
        help=f"how many are updated after each stage (default: {STAGES})".replace("%", "%%"),
    )


def run(args: argparse.Namespace) -> int:
    """Push; 0 when every node runs the new version, 1 when it was stopped."""
    # pyinfra speaks to many nodes at once through gevent, which must come before whatever opens a socket.
    from gevent import monkey

    monkey.patch_all()
    logging.getLogger("pyinfra").setLevel(logging.ERROR)  # what it has to say is said here, in the hall's words
    from controller.config import load
    from provisioning.update_reach import reached, read_hosts
    from provisioning.update_stages import BadStages, staged

    hall = load(args.hall)
    nodes = args.node or [node.id for node in hall.node]
    try:
        stages = staged(nodes, args.stage, args.first)
    except BadStages as problem:
        raise UsageProblem(str(problem)) from problem
    if unknown := set(nodes) - {node.id for node in hall.node}:
        raise UsageProblem(f"there is no node `{min(unknown)}` in {args.hall}")
    version = _verified(args.bundle, hall)
    reach = reached(nodes, read_hosts(args.hosts), _addresses(hall))
    return _push(args.bundle, version, stages, reach)


def _verified(bundle: Path, hall: Any) -> str:
    """The version of a bundle that the nodes will take as this hall's. Raises `UsageProblem`."""
    from provisioning.ca_folder import CaFolder
    from provisioning.registrar import trust_of
    from provisioning.update_bundle import anchor_of, opened
    from provisioning.update_manifest import BadBundle

    try:
        with opened(bundle, anchor_of(CaFolder(trust_of(hall).ca).certificate)) as read:
            read.unpack(None)
            return read.manifest.version
    except BadBundle as bad:
        raise UsageProblem(f"{bundle}: {bad}") from bad


def _addresses(hall: Any) -> dict[str, str]:
    """From where each node asked for its certificate last."""
    from hallware.commands.hall_book import hall_book

    with hall_book(hall) as book:
        return book.addresses()


def _push(bundle: Path, version: str, stages: Sequence[Sequence[str]], reach: Mapping[str, Any]) -> int:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from provisioning.update_push import Pushed, push_stage

    console = Console()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task(f"hallware {version}", total=sum(map(len, stages)))
        at_work: dict[str, str] = {}

        def tell(node: str, moment: str, pushed: Pushed | None) -> None:
            if pushed is None:
                at_work[node] = spoken(MOMENTS[moment])
            else:
                at_work.pop(node, None)
                progress.advance(bar)
                progress.console.print(_line(pushed), highlight=False)
            progress.update(bar, description=f"hallware {version} · " + _gathered(at_work))

        for number, stage in enumerate(stages, 1):
            progress.console.print(f"{number}/{len(stages)}: {', '.join(stage)}", highlight=False)
            failed = [one for one in push_stage(bundle, version, stage, reach, tell) if not one.well]
            if failed:
                progress.stop()
                return _stopped(failed, sum(map(len, stages[number:])))
    print(spoken(("✓ 全部节点已更新", "✓ every node runs the new version")))
    return 0


def _stopped(failed: Sequence[Any], left: int) -> int:
    print(spoken((f"✗ 已停止，{left} 个节点未更新：", f"✗ stopped; {left} nodes were left as they are:")), file=sys.stderr)
    for one in failed:
        what = one.outcome.what.within(language())
        print(f"  {one.node}: {what}\n    → {spoken(DO.get(one.outcome.code, ANYWAY))}", file=sys.stderr)
    return 1


def _line(pushed: Any) -> str:
    outcome = pushed.outcome
    return f"  {'✓' if pushed.well else '✗'} {pushed.node}: {outcome.what.within(language())}"


def _gathered(at_work: Mapping[str, str]) -> str:
    counts: dict[str, int] = {}
    for what in at_work.values():
        counts[what] = counts.get(what, 0) + 1
    return ", ".join(f"{what} {count}" for what, count in counts.items())
