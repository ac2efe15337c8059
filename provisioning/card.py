"""A boot card: from one source, what a machine must know before it knows the hall, in the words of each first-boot system.

user-data, network-config, meta-data   cloud-init: Raspberry Pi OS Trixie
rpi-preseed.toml                       rpi-preseed: images that ship it
firstrun.sh                            Raspberry Pi OS Bookworm, called from cmdline.txt
hallware/                              token, wheels, services and the script that all three call
"""

import hashlib
import ipaddress
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from contract.settings import Settings, refuse_unknown_zone

Ssid = Annotated[str, Meta(min_length=1, max_length=32)]
SCRIPT = "hallware/first-boot.sh"
OVERLAY = "hallware/overlay"
"""There on the cards of nodes that are to have one."""
CONFIG = ("dtparam=spi=on", "dtparam=i2c_arm=on", "enable_uart=1", "dtparam=watchdog=on")
"""Lines of config.txt: the wires of boards, sensors and serial devices, and the watchdog."""


class Wifi(Settings, frozen=True, kw_only=True):
    """The hall's wireless network; a cable is better."""

    ssid: Ssid
    password_file: Path
    """A file with the passphrase, which is not written on the card: the key made from it is."""
    country: Annotated[str, Meta(pattern="^[A-Z]{2}$")] = "CN"
    hidden: bool = False


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


class CardSettings(Settings, frozen=True, kw_only=True):
    """card.toml: what all cards of a hall have in common."""

    wifi: Wifi | None = None
    cable: Cable | None = None
    time_server: str = ""
    """The hall's machine when it is empty: nodes have no clock of their own."""
    locale: str = "zh_CN.UTF-8"
    keyboard: str = "cn"
    timezone: str = "Asia/Shanghai"
    user: Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{0,30}$")] = "hall"
    """The account of the machine. It has no password: who is to log in gets a key."""
    ssh_keys: tuple[str, ...] = ()
    overlay: bool = False
    """Whether the root file system lies behind an overlay in memory, where the node has a disk for its data."""

    def __post_init__(self) -> None:
        refuse_unknown_zone("timezone", self.timezone)


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """One card."""

    node: str
    settings: CardSettings
    time_server: str
    wifi_key: str = ""
    """The network's key, 64 hex digits."""


def wifi_key(wifi: Wifi, passphrase: str) -> str:
    """The key of a WPA network (IEEE 802.11, PBKDF2 with SHA-1). Raises `ValueError` for a passphrase that cannot be one."""
    if not 8 <= len(passphrase.encode()) <= 63:
        raise ValueError(f"{wifi.password_file}: a Wi-Fi passphrase has 8 to 63 letters")
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
