"""What the real wires say on a machine that lacks them."""

import errno
import importlib.util
import os
from pathlib import Path

import pytest

from devices.errors import DeviceBroken, DeviceError, DeviceMissing, DeviceRefused
from devices.real_wires import RealWires
from devices.refusals import explain


def test_an_address_is_the_wire_itself() -> None:
    assert RealWires().address("/dev/serial/by-id/usb-printer") == "/dev/serial/by-id/usb-printer"


@pytest.mark.parametrize(
    ("number", "kind", "words"),
    [
        (errno.ENOENT, DeviceMissing, "there is no such device"),
        (errno.ENODEV, DeviceMissing, "there is no such device"),
        (errno.EACCES, DeviceRefused, "add the service's user to the group `input`"),
        (errno.EBUSY, DeviceRefused, "another program holds it; see `fuser /dev/input/pad`"),
        (errno.ENOTTY, DeviceBroken, "another kind of device; check the name in node.toml"),
        (errno.EIO, DeviceError, os.strerror(errno.EIO)),
    ],
)
def test_a_refusal_names_the_wire_and_what_to_do(number: int, kind: type[DeviceError], words: str) -> None:
    error = explain(OSError(number, os.strerror(number)), "/dev/input/pad", "input")
    assert type(error) is kind
    assert str(error).startswith("/dev/input/pad: ")
    assert words in str(error)


def test_a_keypad_that_is_not_there_is_missing(tmp_path: Path) -> None:
    with pytest.raises(DeviceMissing, match="is it plugged in"):
        RealWires().input(str(tmp_path / "usb-pad-event-kbd"))


def test_a_file_is_no_keypad(tmp_path: Path) -> None:
    file = tmp_path / "usb-pad-event-kbd"
    file.touch()
    with pytest.raises(DeviceBroken, match="another kind of device"):
        RealWires().input(str(file))


@pytest.mark.skipif(importlib.util.find_spec("lgpio") is not None, reason="lgpio is installed here")
def test_gpio_without_its_library_says_what_to_install() -> None:
    with pytest.raises(DeviceMissing, match=r"lgpio is not installed; install hallware\[node\]"):
        RealWires().pins()


@pytest.mark.skipif(importlib.util.find_spec("spidev") is not None, reason="spidev is installed here")
def test_spi_without_its_library_says_what_to_install() -> None:
    with pytest.raises(DeviceMissing, match=r"spidev is not installed; install hallware\[node\]"):
        RealWires().spi("/dev/spidev0.0")
