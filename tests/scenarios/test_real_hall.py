"""A scenario in a hall of real nodes: a person does what hands do in the simulator, and the hall is believed by what it says."""

import asyncio
from pathlib import Path

import pytest

from broker_config.process import MosquittoProcess
from contract.settings import BadSettings
from hallware.scenes.real import real_hall, refuse_unseen
from hardware_sim.errors import CannotDo
from hardware_sim.scenario.play import Player
from tests.end_to_end.test_posts import a_place
from tests.scenarios.story import script

PRESS = {"do": "move", "device": "help-desk", "hand": "press"}
ASKED = {"do": "expect-state", "device": "help-desk", "code": "help-asked", "says": "有人求助"}


def client(folder: Path, broker: MosquittoProcess) -> Path:
    path = folder / "client.toml"
    path.write_text(f'hall = "centre"\n[broker]\nport = {broker.port}\nusername = "dispatch"\n')
    return path


async def test_a_person_is_told_what_to_do_and_the_state_is_expected(broker: MosquittoProcess, tmp_path: Path) -> None:
    told: list[str] = []
    async with a_place(broker, tmp_path) as place:

        async def person(what: str) -> None:
            told.append(what)
            await place.bench.do("help-desk", "press")

        async with real_hall(client(tmp_path, broker), person) as world:
            played = await Player(world).play(script(tmp_path, PRESS, ASKED))
    assert played.outcome == "passed", played.done[-1].found
    assert told == ["help-desk: 按键 · press a key (press)"]


async def test_without_anybody_to_do_it_the_scenario_is_broken_and_nothing_is_read_or_ended(
    broker: MosquittoProcess, tmp_path: Path
) -> None:
    async def nobody(what: str) -> None:
        raise CannotDo("nobody sits at the terminal to do it")

    async with real_hall(client(tmp_path, broker), nobody) as world:
        played = await Player(world).play(script(tmp_path, PRESS, ASKED))
        for forbidden in (world.process("broker", "kill"), world.stored("tickets", {}, played.at)):
            with pytest.raises(CannotDo, match="real hall"):
                await forbidden
    assert (played.outcome, played.done[0].found) == ("broken", "nobody sits at the terminal to do it")


def test_what_only_a_simulated_hall_can_show_is_refused_with_its_line(tmp_path: Path) -> None:
    refuse_unseen(script(tmp_path, PRESS, ASKED))
    with pytest.raises(BadSettings, match=r"trial\.toml:\d+: `expect-board` can be played in a simulated hall only"):
        refuse_unseen(script(tmp_path, PRESS, {"do": "expect-board", "board": "strip-1", "shows": "A012"}))


async def test_the_command_takes_a_real_hall(broker: MosquittoProcess, tmp_path: Path) -> None:
    from tests.scenarios.story import write
    from tests.scenarios.test_library import sim

    path = write(tmp_path, {"do": "move", "device": "help-desk", "hand": "press"})
    async with asyncio.timeout(60):
        code, said = await sim("run", str(path), "--real", str(client(tmp_path, broker)))
    assert (code, "nobody sits at the terminal" in said) == (2, True), said
