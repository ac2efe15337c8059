"""What an operating system's refusal of a wire means, in words that say what to touch."""

import errno

from devices.errors import DeviceBroken, DeviceError, DeviceMissing, DeviceRefused

_HOW = {
    "spi": "switch SPI on with `raspi-config nonint do_spi 0` and start again",
    "gpio": "is this a Raspberry Pi with its own kernel?",
    "input": "is it plugged in? `ls /dev/input/by-id` shows what is",
    "dialout": "is the adapter plugged in? `ls /dev/serial/by-id` shows what is",
}


def explain(error: OSError, wire: str, group: str) -> DeviceError:
    """What an operating system's refusal of `wire` means; `group` is the Unix group that may use it."""
    match error.errno:
        case errno.ENOENT | errno.ENODEV | errno.ENXIO:
            return DeviceMissing(f"{wire}: there is no such device; {_HOW[group]}")
        case errno.EACCES | errno.EPERM:
            return DeviceRefused(f"{wire}: permission denied; add the service's user to the group `{group}` and start again")
        case errno.EBUSY | errno.EAGAIN:
            return DeviceRefused(f"{wire}: another program holds it; see `fuser {wire}`")
        case errno.ENOTTY | errno.EINVAL:
            return DeviceBroken(f"{wire}: this is another kind of device; check the name in node.toml")
        case _:
            return DeviceError(f"{wire}: {error.strerror or error}")
