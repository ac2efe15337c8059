"""Who gets into the broker and who does not, each with the words that staff will read in the node's log."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import aiomqtt
import msgspec
import pytest

from broker_config.access import REGISTRAR
from link.address import BrokerAddress
from link.connection import Credentials, connection
from link.link import Link
from link.takeover import close_connection
from provisioning.ca import CRL_LIFE, EARLY
from provisioning.ca_folder import CaFolder
from provisioning.pem import new_pair
from tests.broker import HALL
from tests.runtime.waiting import until
from tests.trust.stage import NODE, OTHER, TrustedHall, now


async def try_in(address: BrokerAddress, client_id: str = NODE) -> str:
    """`in`, or the words with which one is kept out."""
    try:
        async with connection(address, Credentials(address), client_id, HALL, None, lambda _: None) as client:
            await client.subscribe(f"hall/v1/{HALL}/call", qos=0)
    except (aiomqtt.MqttError, OSError) as refusal:
        return str(refusal)
    return "in"


async def kept_out(address: BrokerAddress) -> str:
    """The same, tried again as a node does when the broker hung up before its reason was heard."""
    while "EOF occurred" in (words := await try_in(address)):
        pass
    return words


def foreign_ca(folder: Path) -> CaFolder:
    files = CaFolder(folder / "elsewhere")
    files.make("elsewhere", now())
    return files


def _no_certificate(hall: TrustedHall) -> BrokerAddress:
    return hall.shown(None)


def _wrong_ca(hall: TrustedHall) -> BrokerAddress:
    hall.certify(NODE, ca=foreign_ca(hall.folder).open())
    return hall.shown(NODE)


def _foreign_broker(hall: TrustedHall) -> BrokerAddress:
    hall.certify(NODE)
    return hall.shown(NODE, ca=foreign_ca(hall.folder).certificate)


def _expired(hall: TrustedHall) -> BrokerAddress:
    hall.expired(NODE)
    return hall.shown(NODE)


def _not_yet_valid(hall: TrustedHall) -> BrokerAddress:
    hall.not_yet_valid(NODE)
    return hall.shown(NODE)


def _revoked(hall: TrustedHall) -> BrokerAddress:
    hall.certify(NODE)
    hall.list_revoked(NODE)
    return hall.shown(NODE)


def _of_a_server(hall: TrustedHall) -> BrokerAddress:
    new_pair(hall.folder, NODE, partial(hall.ca.server, NODE, ["localhost"], now=now()))
    return hall.shown(NODE)


def _password(hall: TrustedHall) -> BrokerAddress:
    local = hall.local("controller")
    return BrokerAddress(
        host=local.host,
        port=hall.broker.port,
        ca=hall.files.certificate,
        username="controller",
        password_file=local.password_file,
    )


OUT: tuple[tuple[str, Callable[[TrustedHall], BrokerAddress], str, str], ...] = (
    ("no certificate", _no_certificate, "enrol this machine", "peer did not return a certificate"),
    ("a certificate of another CA", _wrong_ca, "not of the broker's hall", "certificate verify failed"),
    ("a broker of another CA", _foreign_broker, "the broker's certificate is not of this hall", "unknown ca"),
    ("an expired certificate", _expired, "has expired; enrol it anew", "certificate verify failed"),
    ("a certificate not yet valid", _not_yet_valid, "is the broker's clock behind?", "certificate verify failed"),
    ("a revoked certificate", _revoked, "was revoked; enrol it anew, with a new card", "certificate verify failed"),
    ("a certificate of a server", _of_a_server, "is not one for a client", "certificate verify failed"),
    ("a password instead of a certificate", _password, "enrol this machine", "peer did not return a certificate"),
)
"""Who, how they come, what the node's log says, and what the broker's log says."""


@pytest.mark.parametrize(("who", "arrange", "says_node", "says_broker"), OUT, ids=[row[0] for row in OUT])
async def test_is_kept_out(
    hall: TrustedHall, who: str, arrange: Callable[[TrustedHall], BrokerAddress], says_node: str, says_broker: str
) -> None:
    address = arrange(hall)
    await until(lambda: "Reloading config" in hall.broker.log or not hall.revoked)
    assert says_node in await kept_out(address), who
    await until(lambda: says_broker in hall.broker.log)


async def test_a_broker_reached_by_a_name_that_its_certificate_does_not_have_is_not_spoken_to(hall: TrustedHall) -> None:
    assert "names other hosts" in await try_in(msgspec.structs.replace(hall.node(), host="localhost"))


async def test_a_node_with_its_certificate_gets_in(hall: TrustedHall) -> None:
    assert await try_in(hall.node()) == "in"


async def test_revoked_while_connected_is_closed_and_does_not_come_back(
    hall: TrustedHall, caplog: pytest.LogCaptureFixture
) -> None:
    async with Link(hall.node(NODE), NODE, HALL) as lost, Link(hall.node(OTHER), OTHER, HALL) as kept:
        await until(lambda: lost.up.value and kept.up.value)
        hall.list_revoked(NODE)
        await until(lambda: "Reloading config" in hall.broker.log)
        assert lost.up.value  # the list alone closes nothing
        assert await close_connection(hall.local(REGISTRAR), NODE, HALL)
        await until(lambda: not lost.up.value)
        await until(lambda: "this machine's certificate was revoked" in caplog.text)
        assert kept.up.value


async def test_a_node_that_runs_comes_back_with_its_renewed_certificate(hall: TrustedHall) -> None:
    async with Link(hall.node(NODE), NODE, HALL) as link:
        await link.wait_up(5)
        hall.list_revoked(NODE)
        hall.certify(NODE)  # the renewed pair lies in the place of the old one, which is shut out
        await until(lambda: "Reloading config" in hall.broker.log)
        assert await close_connection(hall.local(REGISTRAR), NODE, HALL)
        await until(lambda: not link.up.value)
        await link.wait_up(10)


async def test_a_node_whose_renewed_certificate_cannot_be_read_goes_on_with_the_old_one(
    hall: TrustedHall, caplog: pytest.LogCaptureFixture
) -> None:
    async with Link(hall.node(NODE), NODE, HALL) as link:
        await link.wait_up(5)
        (hall.folder / f"{NODE}.crt").write_text("rubbish")
        assert await close_connection(hall.local(REGISTRAR), NODE, HALL)
        await until(lambda: not link.up.value)
        await link.wait_up(10)
    assert "the one read before is used on" in caplog.text


async def test_an_expired_list_keeps_everybody_out_who_is_not_in_yet(hall: TrustedHall) -> None:
    hall.write_list(now() - CRL_LIFE - EARLY)
    await until(lambda: "Reloading config" in hall.broker.log)
    assert await try_in(hall.node()) != "in"


async def test_a_list_renewed_lets_everybody_in_again(hall: TrustedHall) -> None:
    hall.write_list(now() - CRL_LIFE - EARLY)
    hall.write_list(now())
    await until(lambda: "Reloading config" in hall.broker.log)
    assert await try_in(hall.node()) == "in"


async def test_another_nodes_client_id_is_not_given_and_its_owner_stays_connected(hall: TrustedHall) -> None:
    async with Link(hall.node(OTHER), OTHER, HALL) as owner:
        await until(lambda: owner.up.value)
        assert await try_in(hall.node(NODE), client_id=OTHER) == "in"
        await until(lambda: f"as {NODE} (p5" in hall.broker.log)
        assert owner.up.value
