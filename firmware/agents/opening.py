"""Opening GPIO lines, and saying in the device's state why they could not be opened."""

from collections.abc import Iterator
from contextlib import contextmanager

from contract.values import Text
from devices.errors import DeviceError
from firmware.station import Station

RIGHTS = Text(zh="请技术人员查看该节点的日志和配置", en="Have a technician look at this node's log and configuration")


@contextmanager
def saying_why(station: Station) -> Iterator[None]:
    """A block that opens lines: a `DeviceError` out of it becomes the device's state on its way up."""
    try:
        yield
    except DeviceError as error:
        lines_refused(station, error)
        raise


def lines_refused(station: Station, error: DeviceError) -> None:
    """Say why lines could not be opened."""
    what = Text(zh=f"引脚无法打开：{error}"[:400], en=f"The lines cannot be opened: {error}"[:400])
    station.state("fault", "lines-refused", what, RIGHTS)
