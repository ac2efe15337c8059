"""Presses the USB keypad and a help button at random, and says of every press before it is made that it will be.

Usage, as root in the machine: inside_presser.py LINE SEED. Prints `keypad 17` and `help 4`: so many were pressed by then at most.
"""

import contextlib
import pathlib
import random
import sys
import time

KEYS = (0x62, 0x59, 0x5A, 0x58)  # 0, 1, 2, Enter on the keypad
line, chance = sys.argv[1], random.Random(int(sys.argv[2]))
configured, far_keypad = pathlib.Path("/sys/kernel/config/gpio-sim/pi"), pathlib.Path("/dev/hidg0")
while not (far_keypad.exists() and (configured / "live").exists() and (configured / "live").read_text().strip() == "1"):
    time.sleep(0.05)  # the machine is still being plugged together
names = [(configured / name).read_text().strip() for name in ("dev_name", "bank0/chip_name")]
pull = pathlib.Path("/sys/devices/platform", *names, f"sim_gpio{line}", "pull")
keypad = far_keypad.open("wb", buffering=0)
keypads = helps = 0
while True:
    if chance.random() < 0.8:
        keypads += 1
        print("keypad", keypads, flush=True)
        for report in (bytes([0, 0, chance.choice(KEYS), 0, 0, 0, 0, 0]), bytes(8)):
            with contextlib.suppress(OSError):  # the machine does not see it yet
                keypad.write(report)
            time.sleep(0.02)
    else:
        helps += 1
        print("help", helps, flush=True)
        pull.write_text("pull-down")
        time.sleep(0.08)
        pull.write_text("pull-up")
    time.sleep(chance.uniform(0.03, 0.12))
