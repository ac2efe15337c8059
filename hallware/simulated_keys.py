"""The far ends of callers and raters, whatever they hang on."""

from typing import TYPE_CHECKING, Any

from contract.settings import BadSettings
from firmware.config_keys import CallerConfig, RaterConfig
from hardware_sim.bench import Peripheral

if TYPE_CHECKING:
    from hallware.simulated import SimulatedWires
    from hardware_sim.keypad import Keypad


def hang(there: dict[str, Any], wire: str, far_end: Any, device: str) -> None:
    """Hang a device's far end on a wire that it has to itself. Raises `BadSettings`."""
    if wire in there:
        raise BadSettings(f"device `{device}`: another device hangs on `{wire}` already; give each its own wire")
    there[wire] = far_end


def caller(wires: "SimulatedWires", config: CallerConfig) -> Peripheral:
    """A window's caller."""
    match config.dialect:
        case "keypad":
            from hardware_sim.bench_caller import SimulatedCaller

            return SimulatedCaller(_keypad(wires, config.wire, config.id, config.keys), config.window, config.keys)
        case "ff68":
            from hardware_sim import bench_serial, ff68

            place = ff68.Caller(config.address or 0, echoes=config.answers)
            return bench_serial.SerialCaller(
                wires.line(config.wire), place, config.window, config.keys,
                lambda: {"dialect": "ff68", "address": place.address, "digits": place.digits, "beeps": place.beeps,
                         "acknowledged": place.acknowledged},
            )  # fmt: skip
        case "four-key":
            from hardware_sim import bench_serial, four_key

            four = four_key.Caller(config.address or 0)
            return bench_serial.SerialCaller(
                wires.line(config.wire), four, config.window, config.keys,
                lambda: {"dialect": "four-key", "address": four.address, "lamp": four.lamp},
            )  # fmt: skip


def rater(wires: "SimulatedWires", config: RaterConfig) -> Peripheral:
    """A window's rater."""
    wire = config.wire or ""
    match config.dialect:
        case "gpio":
            from hardware_sim.bench_lines import RaterKey, SimulatedRater

            keys = tuple(RaterKey(key.word, key.line, key.lamp) for key in config.keys)
            return SimulatedRater(wires.lines, config.window, keys)
        case "keypad":
            from hardware_sim.bench_caller import KeypadRater

            return KeypadRater(_keypad(wires, wire, config.id, config.codes), config.window, config.codes)
        case "ff68":
            from hardware_sim import bench_serial, ff68

            place = ff68.Rater(config.address or 0, echoes=config.answers)
            return bench_serial.SerialRater(wires.line(wire), place, config.window, config.codes, place.lit)
        case "jtt905":
            from hardware_sim import bench_serial, jtt905

            alone = jtt905.Rater(
                config.device_kind, config.vendor, config.rating_command or 0, config.invite_command or 0, echoes=config.answers
            )
            return bench_serial.SerialRater(wires.line(wire), alone, config.window, config.codes, alone.lit)


def _keypad(wires: "SimulatedWires", wire: str, device: str, keys: dict[str, Any]) -> "Keypad":
    from hardware_sim.keypad import Keypad

    try:
        keypad = Keypad(f"Keypad of {device}", [key.rpartition("+")[2] for key in keys])
    except ValueError as error:
        raise BadSettings(f"device `{device}`: {error}; `evtest` shows the names of a keypad's keys") from error
    hang(wires.keypads, wire, keypad, device)
    return keypad
