"""The doctor tries what must be refused and lets devices test themselves; each finding says what a hand should touch."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from broker_config.access import REGISTRAR
from broker_config.process import HOST, MosquittoProcess
from contract.commands import CommandAnswer
from contract.health import DeviceState
from contract.topics import COMMAND, COMMAND_ANSWER, DEVICE_STATE
from contract.values import Text
from link.address import BrokerAddress
from provisioning.ca_folder import CaFolder
from provisioning.doctor_access import access_finding, doors
from provisioning.doctor_devices import self_tests
from provisioning.finding import Finding, How
from tests.controller.play import Client, now, token
from tests.trust.stage import TrustedHall

PLANNED = {"desk": ("rater-1", "caller-1", "strip-1"), "cellar": ("board-9",), "entrance": ("kiosk-1",)}


async def test_an_access_list_in_force_refuses_the_doctor(hall: TrustedHall) -> None:
    finding = await asyncio.to_thread(access_finding, "access list", hall.local(REGISTRAR), "doctor-1", "centre")
    assert finding.how is How.WELL, finding


@pytest.mark.parametrize("access", ["topic readwrite #\n", "topic read $SYS/#\n", "topic write hall/#\n"])
async def test_a_list_that_lets_anything_through_is_ill(tmp_path: Path, access: str) -> None:
    async with MosquittoProcess(passwords={REGISTRAR: "x"}, access=f"user {REGISTRAR}\n{access}") as broker:
        (tmp_path / "password").write_text("x")
        address = BrokerAddress(port=broker.port, username=REGISTRAR, password_file=tmp_path / "password")
        finding = await asyncio.to_thread(access_finding, "access list", address, "doctor-1", "centre")
    assert finding.how is How.ILL
    assert finding.touch is not None
    assert "hallware init" in finding.touch.en


async def test_both_doors_take_nobody_without_a_name(hall: TrustedHall) -> None:
    def look() -> list[Finding]:
        loopback = hall.local(REGISTRAR)
        trusted = BrokerAddress(host=HOST, port=hall.broker.port, ca=hall.files.certificate)
        return [*doors(loopback), *doors(trusted)]

    assert [finding.how for finding in await asyncio.to_thread(look)] == [How.WELL, How.WELL]


async def test_a_broker_with_another_certificate_is_not_well_because_nobody_gets_in(hall: TrustedHall, tmp_path: Path) -> None:
    other = CaFolder(tmp_path / "other")
    other.make("other", datetime.now(UTC))
    address = BrokerAddress(host=HOST, port=hall.broker.port, ca=other.certificate)
    (finding,) = await asyncio.to_thread(lambda: list(doors(address)))
    assert (finding.how, finding.touch and "hallware init" in finding.touch.en) == (How.ILL, True)


async def test_a_door_that_takes_anybody_is_ill(broker: MosquittoProcess) -> None:
    (finding,) = await asyncio.to_thread(lambda: list(doors(broker.address())))
    assert finding.how is How.ILL


def state(device: str, condition: Any, **more: Any) -> DeviceState:
    """What a device says of itself."""
    return DeviceState(
        device=device, kind="rater", condition=condition, code="x", what=Text(zh="灯坏", en="a lamp is dark"), since=now(), **more
    )


async def test_every_device_is_asked_and_each_answer_is_a_finding(broker: MosquittoProcess) -> None:
    outcomes = {"rater-1": "done", "caller-1": "failed", "strip-1": "done", "kiosk-1": "refused"}
    touch = Text(zh="换灯", en="replace the lamp")
    async with Client(broker) as client:
        for node in ("desk", "entrance"):
            await client.birth(node, token(), devices=PLANNED[node])
        await client.birth("cellar", token(), state="lost")
        await client.link.say(DEVICE_STATE, state("rater-1", "ready"), node="desk", device="rater-1")
        await client.link.say(DEVICE_STATE, state("strip-1", "fault", touch=touch), node="desk", device="strip-1")

        async def obey() -> None:
            with client.link.hear(COMMAND) as ear:
                async for heard in ear:
                    said: Any = outcomes[heard.message.device]
                    what, order = Text(zh="好", en=f"it is {said}"), heard.message
                    answer = CommandAnswer(id=order.id, device=order.device, at=now(), outcome=said, what=what)
                    await client.link.say(COMMAND_ANSWER, answer, node=heard.levels["node"])

        obeying = asyncio.create_task(obey())
        try:
            found = {f.name.split()[-1]: f for f in await self_tests(broker.address(), "centre", PLANNED, now)}
        finally:
            obeying.cancel()
            await asyncio.gather(obeying, return_exceptions=True)
    assert {name: finding.how for name, finding in found.items()} == {
        "rater-1": How.WELL, "caller-1": How.ILL, "strip-1": How.ILL, "kiosk-1": How.UNKNOWN, "board-9": How.ILL,
    }  # fmt: skip
    assert found["strip-1"].touch == touch
    assert found["board-9"].touch is not None
