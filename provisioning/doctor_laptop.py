"""The doctor's look at a machine that only gives orders or watches: the broker lets it in, and the controller is there."""

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import suppress

from contract.health import ControllerStatus
from contract.plain import plain
from contract.topics import CONTROLLER_STATUS
from link.address import BrokerAddress
from link.link import Link, LinkDown
from provisioning.finding import Finding, ill, look, unknown, well

REACH = 5.0
HEARD = 2.0
"""Seconds in which the broker has told what it keeps of the controller."""


def examine_laptop(address: BrokerAddress, hall: str, touch: tuple[str, str] | None = None) -> Iterator[Finding]:
    """Name and password, and the way to the controller; `touch` is what to do when they are not taken."""
    if address.certificate is not None:
        # The certificate's name is the client id: whoever uses it now would be pushed off.
        yield unknown(
            "controller", "使用证书的机器不再另行连接", "a machine with a certificate is not let in twice, so that is not tried"
        )
        return
    try:
        status = asyncio.run(_heard(address, hall))
    except LinkDown as problem:
        why = plain(str(problem))
        yield ill("entry", (f"代理不让进入：{why}", f"the broker does not let us in: {why}"), touch or TOUCH)
        return
    yield well("entry", "代理接受用户名和密码", "the broker takes the name and password")
    if status is not None and status.state == "online":
        yield well("controller", f"控制器 {status.version} 在线", f"the controller {status.version} is there")
    else:
        yield look("controller", ("听不到控制器", "the controller is not heard"), START)


TOUCH = (
    "检查 client.toml 中的用户名、密码文件和大厅编号",
    "look at name, password file and the hall's id in client.toml",
)
START = (
    "检查大厅编号；在大厅电脑上启动 hallware-controller",
    "is the hall's id right? Start hallware-controller on the hall's computer",
)


async def _heard(address: BrokerAddress, hall: str) -> ControllerStatus | None:
    async with Link(address, f"doctor-{secrets.token_hex(4)}", hall) as link:
        with link.hear(CONTROLLER_STATUS) as ear:
            await link.wait_up(REACH)
            with suppress(TimeoutError):
                async with asyncio.timeout(HEARD):
                    async for heard in ear:
                        return heard.message
    return None
