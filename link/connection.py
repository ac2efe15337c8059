"""One connection to the broker: aiomqtt with short deadlines, no Nagle, and no queue between socket and hearer."""

import asyncio
import logging
import os
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, TypeVar

import aiomqtt
import paho.mqtt.client as mqtt
from paho.mqtt.enums import LogLevel
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from contract.codec import encode
from contract.settings import BadSettings
from link.address import BrokerAddress
from link.letter import Letter
from link.refusals import in_words

log = logging.getLogger("hallware.link")

T = TypeVar("T")

DIAL = 2.0
"""Seconds for the TCP connection; a name or an address that does not answer must not hold up a stop."""
ANSWER = 5.0
"""Seconds for any answer of the broker."""
KEEPALIVE = 10
"""Seconds after which a silent link is asked, and after one and a half of which the broker publishes the will."""

Deliver = Callable[[mqtt.MQTTMessage], None]
"""Is handed each message inside the socket's own callback; aiomqtt's queue with a task behind it costs four turns of the loop."""


class Credentials:
    """What one shows the broker, read from its files once. Raises `BadSettings` naming the file."""

    def __init__(self, address: BrokerAddress) -> None:
        """Read the files that `address` names."""
        self._address = address
        self.username = address.username
        self.password = _password(address)
        self.tls = _tls(address)

    def anew(self) -> "Credentials":
        """The same from the files as they are now: certificates are renewed while a node runs. What cannot be read stays."""
        try:
            return Credentials(self._address)
        except BadSettings as problem:
            log.warning("%s; the one read before is used on", problem)
            return self


class _Closing(ssl.SSLSocket):
    """paho forgets a socket whose handshake fails; it would stay open until somebody collects the rubbish."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise


def _password(address: BrokerAddress) -> str | None:
    if address.password_file is None:
        return None
    try:
        return address.password_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings(f"`broker.password_file`: {address.password_file} cannot be read: {_why(error)}") from error


def _why(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _unusable(address: BrokerAddress) -> str:
    """The file that cannot be read, as far as that can be told: OpenSSL does not say which."""
    files = [path for path in (address.ca, address.certificate, address.key) if path is not None]
    closed = [path for path in files if not os.access(path, os.R_OK)]
    return " or ".join(str(path) for path in closed or files)


def _tls(address: BrokerAddress) -> ssl.SSLContext | None:
    if address.ca is None:
        if address.certificate is not None:
            raise BadSettings("`broker.certificate` is given without `broker.ca`; give the hall's CA as well")
        return None
    try:
        context = ssl.create_default_context(cafile=address.ca)
        context.sslsocket_class = _Closing
        if address.certificate is not None:
            context.load_cert_chain(address.certificate, address.key)
    except (OSError, ssl.SSLError) as error:
        raise BadSettings(f"`broker`: {_unusable(address)} cannot be used: {error}") from error
    return context


def expiring(seconds: int | None) -> Properties | None:
    """The MQTT properties of a message: after how many seconds nobody needs it any more."""
    if seconds is None:
        return None
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.MessageExpiryInterval = seconds
    return properties


def subscription(filters: dict[str, int]) -> list[tuple[str, SubscribeOptions]]:
    """Filters and their quality of service as paho wants them."""
    return [(topic, SubscribeOptions(qos=qos)) for topic, qos in filters.items()]


async def heeding(answer: Awaitable[T]) -> T:
    """Wait for an answer of aiomqtt's without losing a cancellation.

    Before Python 3.12 `asyncio.wait_for`, with which aiomqtt waits, forgets one that comes together with the answer.
    """
    task = asyncio.current_task()
    before = task.cancelling() if task is not None else 0
    result = await answer
    if task is not None and task.cancelling() > before:
        raise asyncio.CancelledError
    return result


@asynccontextmanager
async def connection(
    address: BrokerAddress, credentials: Credentials, client_id: str, hall: str, will: Letter | None, deliver: Deliver
) -> AsyncIterator[aiomqtt.Client]:
    """A connected client. Raises `aiomqtt.MqttError` when there is none to be had; an error inside cuts it off."""
    client = aiomqtt.Client(
        address.host,
        address.port,
        username=credentials.username,
        password=credentials.password,
        tls_context=credentials.tls,
        identifier=client_id,
        protocol=aiomqtt.ProtocolVersion.V5,
        will=None if will is None else aiomqtt.Will(will.address(hall), encode(will.message), will.topic.qos, will.topic.retain),
        timeout=ANSWER,
        logger=logging.getLogger("hallware.link.mqtt"),
        keepalive=KEEPALIVE,
        clean_start=True,
        socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
    )
    client.pending_calls_threshold = 1_000_000
    paho = client._client
    paho.connect_timeout = DIAL
    paho.on_message = lambda _, __, message: deliver(message)
    paho.on_socket_register_write = _watch_what_is_open(client)
    paho.disable_logger()  # of a lost connection it raises an error as well, and the link says once what it lost
    ended = client._disconnected
    ended.add_done_callback(_note)
    try:
        await _dial(client)
        if client._disconnected is not ended:  # it ended together with the handshake, which aiomqtt forgets
            ended.result()
            raise aiomqtt.MqttError("the connection ended as soon as it was made")
        _write_at_once(paho)
        yield client
        await client.__aexit__(None, None, None)
    finally:
        _cut(paho.socket())


async def _dial(client: aiomqtt.Client) -> None:
    """Connect. paho dials in a thread that cannot be called back, so a cancelled caller waits for it, at most `DIAL` seconds."""
    dialling = asyncio.create_task(client.__aenter__(), name="dial")
    try:
        with _refusal(client._client) as refused:
            waits: set[asyncio.Future[Any]] = {dialling, refused}
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        if not (dialling.done() or client._connected.done()):
            dialling.cancel()
            await asyncio.wait({dialling})
            raise aiomqtt.MqttError(in_words(refused.result()))
        await dialling
    except aiomqtt.MqttCodeError:
        raise  # the broker answered, and said why
    except aiomqtt.MqttError as error:
        raise aiomqtt.MqttError(in_words(str(error))) from error.__cause__
    except asyncio.CancelledError:
        with suppress(aiomqtt.MqttError, TimeoutError):
            async with asyncio.timeout(DIAL):
                await dialling
        raise


@contextmanager
def _refusal(paho: mqtt.Client) -> Iterator[asyncio.Future[str]]:
    """Done when the broker hangs up before it has answered, with what was last complained of.

    With TLS 1.3 a client learns only after its own handshake that its certificate is refused, and aiomqtt would wait on.
    """
    refused: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    complaints = ["the broker hung up before it answered"]
    tell = paho.on_disconnect

    def note(_: mqtt.Client, __: object, level: int, words: str) -> None:
        if level == LogLevel.MQTT_LOG_ERR:
            complaints.append(words)

    def hung_up(*args: Any) -> None:
        if tell is not None:
            tell(*args)
        if not refused.done():
            refused.set_result(complaints[-1])

    paho.on_log, paho.on_disconnect = note, hung_up
    try:
        yield refused
    finally:
        paho.on_log, paho.on_disconnect = None, tell
        refused.cancel()


def _note(disconnected: asyncio.Future[None]) -> None:
    """Take note of how a connection ended, also when nobody waits for it any more: asyncio complains of what nobody asked for."""
    if not disconnected.cancelled():
        disconnected.exception()


def _watch_what_is_open(client: aiomqtt.Client) -> Callable[[mqtt.Client, object, Any], None]:
    """As aiomqtt, which says so from paho's thread, let the loop watch a socket, unless it is closed when the loop gets to it.

    It is when the broker hangs up within the handshake, as on an expired certificate: the loop would complain, or watch whoever
    has that number now.
    """
    loop = asyncio.get_running_loop()

    def write(paho: mqtt.Client) -> None:
        try:
            paho.loop_write()
        except Exception as error:  # noqa: BLE001  as aiomqtt itself does: whatever it is, the connection is lost
            if not client._disconnected.done():
                client._disconnected.set_exception(error)

    def watch(paho: mqtt.Client, sock: Any) -> None:
        if sock.fileno() >= 0:
            loop.add_writer(sock.fileno(), write, paho)

    def register(paho: mqtt.Client, _: object, sock: Any) -> None:
        loop.call_soon_threadsafe(watch, paho, sock)

    return register


def _write_at_once(paho: mqtt.Client) -> None:
    """Let paho write inside the call that publishes, and only what the socket does not take when the loop says it is free.

    aiomqtt waits for the loop each time, which costs two of its turns. paho's own rule for writing at once is that no
    callback runs, since its lock for callbacks cannot be taken twice.
    """
    later = paho.on_socket_register_write

    def register(client: mqtt.Client, userdata: object, sock: Any) -> None:
        if not client._in_callback_mutex.locked():
            client.loop_write()
        broke = sock.fileno() < 0  # in that very write; the loop must not be told to watch what is closed
        if client.want_write() and not broke and later is not None:
            later(client, userdata, sock)

    paho.on_socket_register_write = register


def _cut(connected: object) -> None:
    """End the connection without a word, so that the broker publishes the will; paho tidies up when it reads the end."""
    if isinstance(connected, socket.socket):
        with suppress(OSError):
            connected.shutdown(socket.SHUT_RDWR)
