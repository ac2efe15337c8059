"""Fuzzes one target with atheris: `python -m tests.fuzz.one TARGET [FILE or folder of libFuzzer's …] [its options]`."""

import sys

import atheris

with atheris.instrument_imports(include=["devices", "hardware_sim"]):
    from tests.fuzz.targets import TARGETS


def main() -> None:
    """Run until the time is over or something is found. libFuzzer ends the process."""
    name, *options = sys.argv[1:]
    atheris.Setup([sys.argv[0], *options], TARGETS[name].fuzz)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
