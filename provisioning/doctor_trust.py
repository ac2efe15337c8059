"""The doctor's look at certificates and the way to the broker. It never says who it is by MQTT: that would push the node off."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509

from contract.plain import plain
from contract.settings import BadSettings
from link.address import BrokerAddress
from link.connection import Credentials
from link.refusals import in_words, refusal
from provisioning.finding import Finding, ill, look, well

PATIENCE = 5.0
VERDICT = 1.0
"""Seconds in which a broker that refuses a certificate says so; with TLS 1.3 only after the handshake."""
LATE = timedelta(days=60)
LOOPBACK = ("127.0.0.1", "localhost", "::1")
SUDO = ("用 sudo 运行本命令", "run this command with sudo")
HERE = (
    "sudo systemctl restart mosquitto；仍不行看 journalctl -u mosquitto",
    "sudo systemctl restart mosquitto; if that fails: journalctl -u mosquitto",
)
THERE = (
    "检查网线，大厅电脑是否开机、mosquitto 是否运行",
    "look at the cable, and whether the hall's computer and its mosquitto run",
)
WHO = ("照此处理；见故障排查“证书与登记”", "do that; see docs/troubleshooting.md, Certificates and enrolment")
FILES = (
    "用 sudo 运行；再检查该文件和权限；文件丢失或损坏则重新制卡",
    "run this with sudo; look at the file and who may read it; when it is lost or broken, make a new card",
)


def examine_trust(address: BrokerAddress, now: datetime) -> Iterator[Finding]:
    """The certificate that is shown, if one is, and whether the broker lets it in."""
    if address.certificate is not None:
        yield certificate_finding("certificate", address.certificate, now)
    yield broker_finding(address)


def certificate_finding(name: str, path: Path, now: datetime, do: tuple[str, str] | None = None) -> Finding:
    """How long a certificate is still good; `do` is what to do when it is not, for one that no node enrols for."""
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as error:
        why = (error.strerror or str(error)) if isinstance(error, OSError) else "it is no certificate"
        return ill(
            name,
            (f"{path} 不可读：{plain(why)}", f"{path} cannot be read: {plain(why)}"),
            SUDO if isinstance(error, PermissionError) else do or ("重新登记：制作新卡", "enrol this machine: make a card"),
        )
    begins, left = certificate.not_valid_before_utc, certificate.not_valid_after_utc - now
    if begins > now:
        return ill(
            name,
            (f"证书 {begins:%Y-%m-%d} 才生效：本机时钟慢了", f"the certificate begins on {begins:%Y-%m-%d}: the clock is behind"),
            ("见“clock”一项：检查时间服务器", "see `clock`: look at the time server"),
        )
    if left <= timedelta():
        return ill(
            name,
            (f"证书已过期 {-left.days} 天", f"the certificate ended {-left.days} days ago"),
            do or ("重新登记并审批", "let it enrol, and approve it"),
        )
    what = (f"证书还有 {left.days} 天", f"the certificate is good for {left.days} days")
    if left < LATE:
        return look(
            name,
            what,
            do or ("自动更新没有成功，查看 hallware-renew 的日志", "it should have renewed itself: journalctl -u hallware-renew"),
        )
    return well(name, *what)


def broker_finding(address: BrokerAddress) -> Finding:
    """Whether the broker is there and takes who we are, as far as TLS tells."""
    where = f"{address.host}:{address.port}"
    try:
        verdict = _asked(address, Credentials(address))
    except BadSettings as error:
        return ill("broker", (f"证书或密码文件不可用：{plain(error)}", plain(error)), FILES)
    except OSError as error:
        verdict = in_words(str(error)) or type(error).__name__
    if verdict:
        known = refusal(verdict)
        zh = f"代理 {where}：{verdict if known is None else known.zh}"
        # Who is kept out for who it is has been told what to do already; else somebody must look at the way there.
        way = HERE if address.host in LOOPBACK else THERE
        return ill("broker", (plain(zh), f"{where}: {plain(verdict)}"), WHO if known is not None and known.identity else way)
    return well(
        "broker", f"代理 {where} 可达", f"{where} is there" + ("" if address.ca is None else " and takes this certificate")
    )


def _asked(address: BrokerAddress, credentials: Credentials) -> str:
    """What the broker has against us, after a handshake; empty when it waits for us to speak. Raises `OSError`."""
    with socket.create_connection((address.host, address.port), PATIENCE) as plain_socket:
        if credentials.tls is None:
            return ""
        with credentials.tls.wrap_socket(plain_socket, server_hostname=address.host) as speaking:
            speaking.settimeout(VERDICT)
            with suppress(TimeoutError, ssl.SSLWantReadError):
                return "" if speaking.recv(1) else "the broker hung up"
    return ""
