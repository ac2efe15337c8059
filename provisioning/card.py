"""A boot card: from one source, what a machine must know before it knows the hall, in the words of each first-boot system.

user-data, network-config, meta-data   cloud-init: Raspberry Pi OS Trixie
rpi-preseed.toml                       rpi-preseed: images that ship it
firstrun.sh                            Raspberry Pi OS Bookworm, called from cmdline.txt
hallware/                              token, wheels, services and the script that all three call
"""

import hashlib
import ipaddress
import re
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from contract.settings import Settings, refuse_no_host, refuse_unknown_zone
from contract.values import whole

SSID_LONGEST = 32
"""Octets, which are ten letters of Chinese and a rest."""
SshKey = Annotated[
    str,
    Meta(
        pattern=whole("(ssh|ecdsa|sk)-[A-Za-z0-9@.-]+ [A-Za-z0-9+/]+=*( [^\\r\\n]*)?"),
        description="the one line of a public key's file (*.pub), such as ssh-ed25519 AAAAC3… facilities",
    ),
]
Locale = Annotated[str, Meta(pattern=whole("[A-Za-z0-9_.@-]+"), description="a locale's name, such as zh_CN.UTF-8")]
Keyboard = Annotated[str, Meta(pattern=whole("[a-z]+"), description="a keyboard's layout, such as cn or us")]
SCRIPT = "hallware/first-boot.sh"
OVERLAY = "hallware/overlay"
"""There on the cards of nodes that are to have one."""
CONFIG = ("dtparam=spi=on", "dtparam=i2c_arm=on", "enable_uart=1", "dtparam=watchdog=on")
"""Lines of config.txt: the wires of boards, sensors and serial devices, and the watchdog."""


TAKEN = ("root", "hallware")
"""Accounts that every node has."""


class Wifi(Settings, frozen=True, kw_only=True):
    """The hall's wireless network; a cable is better."""

    ssid: Annotated[str, Meta(min_length=1)]
    password_file: Path
    """A file with the passphrase, which is not written on the card: the key made from it is. Or the key, in 64 hex digits."""
    country: Annotated[str, Meta(pattern=whole("[A-Z]{2}"), description="a country in two capital letters, such as CN")] = "CN"
    hidden: bool = False

    def __post_init__(self) -> None:
        if len(self.ssid.encode()) > SSID_LONGEST or not self.ssid.isprintable():
            raise ValueError(
                f"`wifi.ssid`: {self.ssid!r} is no network's name: at most {SSID_LONGEST} bytes, ten letters of Chinese"
            )


class Cable(Settings, frozen=True, kw_only=True):
    """A fixed address on the cable, where the network gives none."""

    address: str
    """With its length: `192.168.10.21/24`."""
    gateway: str
    dns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for key, parse, value in (
            ("address", ipaddress.ip_interface, self.address),
            ("gateway", ipaddress.ip_address, self.gateway),
            *(("dns", ipaddress.ip_address, server) for server in self.dns),
        ):
            try:
                parse(value)
            except ValueError as error:
                raise ValueError(f"`cable.{key}`: {error}") from error
        if "/" not in self.address:
            raise ValueError(f"`cable.address`: {self.address} lacks its length; write {self.address}/24 or the like")
        network = ipaddress.ip_interface(self.address).network
        if ipaddress.ip_address(self.gateway) not in network:
            raise ValueError(f"`cable.gateway`: {self.gateway} is not in the network {network} of `cable.address`")

    @property
    def family(self) -> int:
        """4 or 6."""
        return ipaddress.ip_interface(self.address).version


class CardSettings(Settings, frozen=True, kw_only=True):
    """card.toml: what all cards of a hall have in common."""

    wifi: Wifi | None = None
    cable: Cable | None = None
    time_server: str = ""
    """The hall's machine when it is empty: nodes have no clock of their own."""
    locale: Locale = "zh_CN.UTF-8"
    keyboard: Keyboard = "cn"
    timezone: str = ""
    """The hall's when it is empty."""
    user: Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{0,30}$")] = "hall"
    """The account of the machine. It has no password: who is to log in gets a key."""
    ssh_keys: tuple[SshKey, ...] = ()
    overlay: bool = False
    """Whether the root file system lies behind an overlay in memory, where the node has a disk for its data."""

    def __post_init__(self) -> None:
        if self.timezone:
            refuse_unknown_zone("timezone", self.timezone)
        if self.time_server:
            refuse_no_host("time_server", self.time_server)
        if self.user in TAKEN:
            raise ValueError(f"`user`: `{self.user}` is an account of the machine's own; take another name")


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """One card."""

    node: str
    settings: CardSettings
    time_server: str
    wifi_key: str = ""
    """The network's key, 64 hex digits."""


def wifi_key(wifi: Wifi, passphrase: str) -> str:
    """The key of a WPA network (IEEE 802.11, PBKDF2 with SHA-1). Raises `ValueError` for a passphrase that cannot be one."""
    if re.fullmatch("[0-9A-Fa-f]{64}", passphrase):
        return passphrase.lower()
    if not 8 <= len(passphrase.encode()) <= 63 or not passphrase.isprintable():
        raise ValueError(f"{wifi.password_file}: a Wi-Fi passphrase is one line of 8 to 63 letters, or a key of 64 hex digits")
    return hashlib.pbkdf2_hmac("sha1", passphrase.encode(), wifi.ssid.encode(), 4096, 32).hex()


def user_data(card: Card) -> dict[str, Any]:
    """cloud-init's user-data."""
    settings = card.settings
    return {
        "hostname": card.node,
        "manage_etc_hosts": True,
        "locale": settings.locale,
        "timezone": settings.timezone,
        "keyboard": {"layout": settings.keyboard},
        "users": [_account(settings)],
        "ssh_pwauth": False,
        "ntp": {"enabled": True, "ntp_client": "systemd-timesyncd", "servers": [card.time_server]},
        "runcmd": [["sh", f"/boot/firmware/{SCRIPT}"]],
    }


def _account(settings: CardSettings) -> dict[str, Any]:
    account: dict[str, Any] = {
        "name": settings.user,
        "lock_passwd": True,
        "shell": "/bin/bash",
        "groups": ["adm", "sudo"],
        "sudo": "ALL=(ALL) NOPASSWD:ALL",
    }
    # cloud-init's schema refuses an empty list.
    return account | ({"ssh_authorized_keys": list(settings.ssh_keys)} if settings.ssh_keys else {})


def network_config(card: Card) -> dict[str, Any]:
    """cloud-init's network-config, in the form of netplan."""
    config: dict[str, Any] = {"version": 2, "ethernets": {"eth0": _ethernet(card.settings.cable)}}
    if (wifi := card.settings.wifi) is not None:
        point = {"password": card.wifi_key} | ({"hidden": True} if wifi.hidden else {})
        config["wifis"] = {
            "wlan0": {
                "dhcp4": True, "optional": True, "regulatory-domain": wifi.country, "access-points": {wifi.ssid: point},
            }
        }  # fmt: skip
    return {"network": config}


def _ethernet(cable: Cable | None) -> dict[str, Any]:
    if cable is None:
        return {"dhcp4": True, "optional": True}
    return {
        "addresses": [cable.address],
        "routes": [{"to": "default", "via": cable.gateway}],
        "nameservers": {"addresses": list(cable.dns)},
        "optional": True,
    }


def meta_data(card: Card, made: str) -> dict[str, Any]:
    """cloud-init's meta-data: another instance is another first boot."""
    return {"instance-id": f"hallware-{card.node}-{made}", "local-hostname": card.node}


def preseed(card: Card) -> dict[str, Any]:
    """rpi-preseed.toml."""
    settings = card.settings
    made: dict[str, Any] = {
        "config_version": "1.0",
        "system": {"hostname": card.node},
        "user": {"name": settings.user},
        "ssh": {
            "enabled": bool(settings.ssh_keys), "authorized_keys": list(settings.ssh_keys), "password_authentication": False,
        },
        "locale": {"timezone": settings.timezone, "keymap": settings.keyboard, "locales": [settings.locale]},
        "time": {"ntp": [card.time_server]},
        "interfaces": {"spi": True, "i2c": True},
        "boot": {"config_txt": list(CONFIG)},
        "runcmd": {"late": [f"sh /boot/firmware/{SCRIPT}"]},
    }  # fmt: skip
    if (wifi := settings.wifi) is not None:
        made["wlan"] = {
            "ssid": wifi.ssid, "password": card.wifi_key, "password_encrypted": True, "country": wifi.country,
            "hidden": wifi.hidden,
        }  # fmt: skip
    if (cable := settings.cable) is not None:
        made["ethernet"] = {
            "method": "static", "address": cable.address, "gateway": cable.gateway, "dns": list(cable.dns),
        }  # fmt: skip
    return made
