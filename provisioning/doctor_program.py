"""The doctor's look at the node's program, by what it reports of itself each second: running, broker reached, echo back."""

import os
from collections.abc import Iterator
from pathlib import Path

from provisioning.doctor_door import NOT_RUNNING
from provisioning.finding import Finding, ill, look, unknown, well
from provisioning.update_judge import FRESH, read_wellness

REPORT = Path("run/hallware/wellness.json")
UNIT = Path("etc/systemd/system/hallware-node.service")


def examine_program(root: Path, monotonic: float) -> Iterator[Finding]:
    """Whether it runs, and how its link is."""
    if (root / REPORT).exists() and not os.access(root / REPORT, os.R_OK):
        yield unknown(
            "program",
            "只有 root 能看到节点程序的状况：用 sudo 运行",
            "only root sees how the node's program is: run this with sudo",
        )
        return
    report = read_wellness(root / REPORT)
    if report is None or monotonic - report.at > FRESH:
        if (root / UNIT).exists():
            yield ill("program", *NOT_RUNNING)
        else:
            yield unknown("program", "没有由 systemd 启动的节点程序", "there is no node program of systemd's here")
        return
    count, all_ = len(report.answered), len(report.answered) + len(report.silent)
    yield well(
        "program",
        f"{report.version} 运行中，{count}/{all_} 台设备有应答",
        f"{report.version} runs; {count} of {all_} devices answer",
    )
    yield _echo(echo=report.echo, controller=report.controller)


def _echo(*, echo: bool, controller: bool) -> Finding:
    if not echo:
        return ill(
            "echo",
            ("节点程序连不上代理：没有回声", "the node's program does not reach the broker: no echo comes back"),
            ("检查网线与大厅电脑；再看“broker”一项", "look at the network cable and the hall's computer, and at `broker`"),
        )
    if not controller:
        return look(
            "echo",
            ("代理有回声，但听不到控制器", "the broker sends the echo back; the controller is not heard"),
            ("在大厅电脑上启动 hallware-controller", "start hallware-controller on the hall's computer"),
        )
    return well("echo", "代理有回声，控制器在线", "the broker sends the echo back, and the controller is there")
