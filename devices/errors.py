"""What can be wrong with a device.

DeviceError
├── DeviceMissing    nothing is there: unplugged, or the wrong name
├── DeviceRefused    it is there and may not be opened: permissions, or somebody else holds it
├── DeviceTimeout    it does not take or answer in time
├── DeviceBroken     it is there and answers nonsense
└── ProgramMissing   the program of the operating system that drives it is not installed
"""


class DeviceError(Exception):
    """Base of what a driver raises; the text names the wire."""


class DeviceMissing(DeviceError):
    """Nothing is there: unplugged, or the wrong name."""


class DeviceRefused(DeviceError):
    """It is there and may not be opened."""


class DeviceTimeout(DeviceError):
    """It does not take or answer in time."""


class DeviceBroken(DeviceError):
    """It is there and answers nonsense."""


class ProgramMissing(DeviceError):
    """The program of the operating system that drives it is not installed."""
