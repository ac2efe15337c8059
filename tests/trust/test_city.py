"""A hall's bridge carries to the city's broker what viewers may hear, and nothing comes back."""

import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path

import pytest

from broker_config.city import Bridge, bridge_conf, city_access_list, emqx_acl
from broker_config.hall import Form, HallBroker, hall_conf
from broker_config.process import HOST
from contract.topics import TABLE, Role
from hallware.main import main
from link.connection import Credentials, connection
from provisioning.files import write
from tests.broker import HALL
from tests.runtime.waiting import until
from tests.trust.stage import NODE, TrustedHall, trusted_hall

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples" / "emqx"


async def test_what_viewers_may_hear_reaches_the_city_and_the_city_cannot_speak_in_the_hall(tmp_path: Path) -> None:
    (tmp_path / "city").mkdir()
    (tmp_path / "hall").mkdir()
    async with trusted_hall(tmp_path / "city") as city, bridged(tmp_path / "hall", city) as hall:
        in_city: list[str] = []
        in_hall: list[str] = []
        watcher, node = city.local("viewer"), hall.node()
        async with (
            connection(watcher, Credentials(watcher), "watcher", "any", None, lambda m: in_city.append(m.topic)) as watching,
            connection(node, Credentials(node), NODE, HALL, None, lambda m: in_hall.append(m.topic)) as at_node,
        ):
            await watching.subscribe("hall/v1/#", qos=1)
            await at_node.subscribe("hall/v1/#", qos=1)
            await say(hall, "call")
            await say(hall, f"node/{NODE}/ack")
            await say(hall, "controller/status")
            await until(lambda: f"hall/v1/{HALL}/controller/status" in in_city)
            await watching.publish(f"hall/v1/{HALL}/window/w1/state", b"from the city", qos=1)
            await say(hall, "call")
            await until(lambda: in_hall.count(f"hall/v1/{HALL}/call") == 2)
        assert set(in_city) == {f"hall/v1/{HALL}/call", f"hall/v1/{HALL}/controller/status"}
        assert f"hall/v1/{HALL}/window/w1/state" not in in_hall


@asynccontextmanager
async def bridged(folder: Path, city: TrustedHall) -> AsyncIterator[TrustedHall]:
    """A hall with a bridge to `city`, whose access list knows halls and watchers."""
    write(city.folder / "access", city_access_list(["viewer"]))
    assert city.broker.pid is not None
    os.kill(city.broker.pid, signal.SIGHUP)
    city.certify(HALL, role="hall")
    bridge = Bridge(
        hall=HALL, host=HOST, port=city.broker.port, ca=city.files.certificate, certificate=city.folder / f"{HALL}.crt",
        key=city.folder / f"{HALL}.key",
    )  # fmt: skip
    async with trusted_hall(folder, bridge_conf(bridge)) as hall:
        await until(lambda: f"as {HALL} (p5" in city.broker.log)
        yield hall


async def say(hall: TrustedHall, topic: str) -> None:
    controller = hall.local("controller")
    async with connection(controller, Credentials(controller), "controller-1", HALL, None, lambda _: None) as speaking:
        await speaking.publish(f"hall/v1/{HALL}/{topic}", b"x", qos=1)


@pytest.mark.parametrize("form", Form)
def test_both_forms_say_the_same_but_for_the_names_of_passwords_and_access(form: Form) -> None:
    """`make test-new-mosquitto` runs the tests here on form 2.1."""
    text = hall_conf(HallBroker(), form)
    old = ("acl_file ", "password_file ", "per_listener_settings ")
    new = ("global_plugin ", "plugin_load ", "plugin_use ")
    lines = text.splitlines()
    assert [words for words in old if any(line.startswith(words) for line in lines)] == (list(old) if form is Form.V2_0 else [])
    assert [words for words in new if any(line.startswith(words) for line in lines)] == ([] if form is Form.V2_0 else list(new))
    whole = {line for line in lines if line and not line.startswith(("#", *old, *new, "plugin_opt"))}
    other = {line for line in hall_conf(HallBroker(), Form.V2_0).splitlines() if line and not line.startswith(("#", *old))}
    assert whole == other


def test_an_emqx_cluster_lets_a_hall_speak_below_its_own_id_and_denies_all_else() -> None:
    lines = [line for line in emqx_acl(["city-desk"]).splitlines() if not line.startswith("%%")]
    assert lines[-1] == "{deny, all}."
    assert '{allow, all, publish, ["hall/v1/${username}/#"]}.' in lines
    heard = next(line for line in lines if "subscribe" in line)
    for row in TABLE:
        assert (f'"{row.filter()}"' in heard) is (Role.VIEWER in row.hears), row.name


def test_the_citys_watchers_hear_what_viewers_may() -> None:
    lines = city_access_list(["city-desk"]).splitlines()
    assert all((f"topic read {row.filter()}" in lines) is (Role.VIEWER in row.hears) for row in TABLE)


def test_the_example_for_emqx_is_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["city", "emqx", "city-desk"]) == 0
    assert capsys.readouterr().out == (EXAMPLES / "acl.conf").read_text()


def test_the_example_for_emqx_opens_no_door_without_a_certificate() -> None:
    text = (EXAMPLES / "emqx.conf").read_text()
    assert text.count("{") == text.count("}")
    for door in ("tcp", "ws", "wss"):
        assert f"listeners.{door}.default.enable = false" in text
    for line in ("verify = verify_peer", "fail_if_no_peer_cert = true", "no_match = deny", "peer_cert_as_username = cn"):
        assert line in text


def test_the_command_prints_the_bridge_of_this_hall(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["city", "bridge", str(files("hallware.demo") / "hall.toml"), "--to", "city.example:8884"]) == 0
    said = capsys.readouterr().out
    assert "address city.example:8884" in said
    assert f"topic hall/v1/{HALL}/call out 1" in said
