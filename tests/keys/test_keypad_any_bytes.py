"""Whatever an input device says, the keypad driver makes presses of it or says that the keypad is gone."""

import asyncio
import os
import struct
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from devices.errors import DeviceMissing
from devices.keypad import Keypad
from hardware_sim.keypad import Keypad as Pad
from tests.keys.running import PadWires

EVENT = struct.Struct("llHHi")
far = st.sampled_from((-(2**63), -1, 0, 2**63 - 1)) | st.integers(-(2**63), 2**63 - 1)
event = st.builds(
    EVENT.pack, far, far, st.sampled_from((0, 1, 4)) | st.integers(0, 65535), st.integers(0, 65535),
    st.sampled_from((0, 1, 2)) | st.integers(-(2**31), 2**31 - 1),
)  # fmt: skip
stream = st.lists(event, min_size=1, max_size=20).map(b"".join)


@given(st.binary(min_size=1, max_size=2000) | stream | st.tuples(stream, st.binary(max_size=30)).map(b"".join))
@settings(max_examples=150, deadline=None)
def test_no_bytes_of_an_input_device_break_the_driver(said: bytes) -> None:
    asyncio.run(_hear(said))


async def _hear(said: bytes) -> None:
    pad = Pad()
    with Keypad(PadWires(pad), "/dev/input/by-id/usb-pad-event-kbd") as keypad:
        os.write(pad._streams[0]._writer, said)
        pad.unplug()
        try:
            async with asyncio.timeout(5):
                async for press in keypad.presses():
                    assert press.key.startswith(("KEY_", "BTN_")), press.key
                    assert press.at <= time.monotonic() + 1e-3
        except DeviceMissing:
            pass
        else:
            raise AssertionError("presses end with the keypad only")
