"""A year of certificate life under full systemd: the clock of a machine with a hall and its node leaps from day to day."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from hardware_sim.machine.machine import Machine, Plan
from hardware_sim.machine.recipe import Built
from tests.vm.node import until_said
from tests.vm.small_hall import IDENTITY, NODE, PROGRAM, SPARE, START, Certificate, SmallHall

pytestmark = [pytest.mark.vm, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(1800)]

FIRST, SHELF = "/root/first", "/root/shelf"
"""Copies of what the node had at first, and of what lies on the shelf."""
TWO_THIRDS = 243
"""Days after it was made: a certificate begins a day early and lives 365 more."""


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def year(kernel_and_disk: Built, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SmallHall]:
    """A hall in a machine of its own, with a node that was just let in and one that was, and went to the shelf."""
    folder = tmp_path_factory.mktemp("year")
    plan = Plan(kernel_and_disk, folder / "disk", log=folder / "console.log", words=("cloud-init=disabled",), memory=768)
    async with Machine(plan) as machine:
        await machine.greeted()
        hall = SmallHall(machine)
        await hall.set_up()
        await enrol_for_the_shelf(hall)
        await enrol(hall)
        yield hall


async def enrol(hall: SmallHall) -> None:
    await hall.machine.run(f"mv {await hall.claim(NODE)} /etc/hallware/claim.toml")
    await hall.machine.run(f"systemctl enable {START}; systemctl start --no-block {START}")
    await hall.approve(NODE)
    await hall.connected()
    await hall.machine.run(f"cp -r {IDENTITY} {FIRST}")


async def enrol_for_the_shelf(hall: SmallHall) -> None:
    await ask_for_the_spare(hall, "--claim", await hall.claim(SPARE))
    await hall.approve(SPARE)
    await until_said(hall.machine, f"ls {SHELF}/identity/node.crt", f"{SHELF}/identity/node.crt")


async def ask_for_the_spare(hall: SmallHall, *how: str) -> None:
    words = (PROGRAM, "enrol", *how, "--identity", f"{SHELF}/identity", "--settings", f"{SHELF}/node.toml")
    await hall.machine.run(f"systemd-run --collect {' '.join(words)}")


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def first(year: SmallHall) -> Certificate:
    """What the node had at first."""
    return await year.certificate(FIRST)


async def test_a_node_is_let_in_for_a_year(year: SmallHall, first: Certificate) -> None:
    assert 364 < (first.ends - year.began).days <= 365
    await year.press()


async def test_until_two_thirds_of_it_every_look_leaves_the_certificate_as_it_is(year: SmallHall, first: Certificate) -> None:
    for day in (*range(20, TWO_THIRDS, 20), TWO_THIRDS - 1):
        await year.leap_to(day)
        assert await year.certificate() == first
    await year.connects()


async def test_then_its_own_timer_brings_it_a_new_key_and_certificate(year: SmallHall, first: Certificate) -> None:
    await year.leap_to(TWO_THIRDS + 1)
    renewed = await year.certificate()
    assert renewed.serial != first.serial
    assert renewed.key != first.key
    assert timedelta(days=TWO_THIRDS) < renewed.ends - first.ends < timedelta(days=TWO_THIRDS + 2)
    assert "renewed" in await year.machine.run("journalctl -b --no-pager -o cat -u hallware-renew")
    await year.connects()


async def test_the_first_certificate_is_good_until_its_end_and_refused_after_it(year: SmallHall, first: Certificate) -> None:
    await year.leap_to(364)
    assert await year.knock(FIRST) == "in"
    await year.leap_to(366)
    assert "has expired" in await year.knock(FIRST)


async def test_after_366_days_the_node_comes_in_with_its_renewed_one_and_its_keys_arrive(year: SmallHall) -> None:
    """The broker's first list of the revoked has ended meanwhile; with that one it would let nobody in."""
    assert await year.day() >= 366
    await year.connects()
    await year.press()


async def test_a_spare_from_the_shelf_asks_a_person_and_needs_no_new_card(year: SmallHall) -> None:
    assert "has expired" in await year.knock(f"{SHELF}/identity")
    await ask_for_the_spare(year, "--renew")
    await year.approve(SPARE)
    await until_said(
        year.machine, f"openssl x509 -in {SHELF}/identity/node.crt -noout -checkend 0", "Certificate will not expire"
    )
    assert await year.knock(f"{SHELF}/identity") == "in"


async def test_nothing_of_ours_failed_in_that_year(year: SmallHall) -> None:
    failed = await year.machine.run("systemctl --failed --plain --no-legend; true")
    assert "hallware" not in failed
    assert "mosquitto" not in failed
    said = await year.machine.run("journalctl -b --no-pager -o cat -u 'hallware-*' -u mosquitto")
    assert "Traceback" not in said
