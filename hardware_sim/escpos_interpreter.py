"""What an ESC/POS printer does with text and commands: lines on a roll, and answers given in order with the data."""

from collections import Counter
from collections.abc import Callable

from hardware_sim.escpos_graphics import BadGraphics, QrMemory, columns, raster, stored_raster
from hardware_sim.escpos_layout import ONLY_BEFORE_A_LINE, SETTINGS, Layout
from hardware_sim.escpos_marks import Glyph, Mark
from hardware_sim.escpos_page import HEAD_TO_CUTTER, Roll
from hardware_sim.escpos_parser import Characters, Command, Item
from hardware_sim.escpos_status import Condition, transmitted
from hardware_sim.escpos_text import CODE_PAGES, CharacterCodes, Encoding

_MOST_MARKS = 512
_IDENTITY = {1: b"\x20", 49: b"\x20", 2: b"\x03", 50: b"\x03", 3: b"\x01", 51: b"\x01"}
_NAMES = {65: b"1.00", 66: b"HALLWARE", 67: b"SIMULATED", 68: b"1", 69: b"GB18030"}


class Interpreter:
    """Prints items on `roll`. `answer` takes what is sent to the host; `watch` takes the mask of GS a."""

    def __init__(
        self,
        roll: Roll,
        *,
        cutter: bool,
        chinese: bool,
        encoding: Encoding,
        condition: Callable[[], Condition],
        answer: Callable[[bytes], None],
        watch: Callable[[int], None],
        cut: Callable[[], None],
    ) -> None:
        self.roll = roll
        self.ignored: Counter[str] = Counter()
        """Commands without an effect here, by their prefix in hex digits, and what was wrong with others."""
        self._cutter = cutter
        self._condition, self._answer, self._watch, self._on_cut = condition, answer, watch, cut
        self._layout = Layout()
        self._codes = CharacterCodes(chinese=chinese, encoding=encoding)
        self._line: list[tuple[int, Mark]] = []
        self._x = 0
        self._qr = QrMemory()
        self._stored: Mark | None = None

    def take(self, item: Item) -> None:
        """Do what one item of the stream says."""
        if not self._layout.selected and not (isinstance(item, Command) and item.name == "1b3d"):
            return
        if isinstance(item, Characters):
            for character, wide in self._codes.read(item.codes):
                self._type(character, wide)
            return
        for character, wide in self._codes.interrupt():
            self._type(character, wide)
        if isinstance(item, Command):
            self._do(item)
        else:
            self.ignored[item.prefix.hex()] += 1

    @property
    def broken_characters(self) -> int:
        """Codes that stood for no character."""
        return self._codes.broken

    def _do(self, command: Command) -> None:
        if setting := SETTINGS.get(command.name):
            if not (self._line and command.name in ONLY_BEFORE_A_LINE):
                setting(self._layout, command.arguments)
            return
        action = _ACTIONS.get(command.name)
        if action is None:
            self.ignored[command.name] += 1
            return
        try:
            action(self, command.arguments)
        except BadGraphics as problem:
            self.ignored[f"{command.name}: {problem}"] += 1

    def _type(self, character: str, wide: bool) -> None:
        layout = self._layout
        if wide:
            self._place(Glyph(character, 24, layout.hanzi, layout.hanzi_gap))
        else:
            self._place(Glyph(character, 9 if layout.latin.small else 12, layout.latin, layout.latin_gap))

    def _place(self, mark: Mark) -> None:
        if self._line and (self._x + mark.width > self._area or len(self._line) >= _MOST_MARKS):
            self._end_line()
        self._line.append((self._x, mark))
        self._x += mark.width

    @property
    def _area(self) -> int:
        rest = max(0, self.roll.width - self._layout.margin)
        return rest if self._layout.area is None else min(self._layout.area, rest)

    def _end_line(self, dots: int | None = None) -> None:
        """Print the line and feed by the line spacing or by `dots`, and by the line's own height at least."""
        height = max((mark.height for _, mark in self._line), default=0)
        width = max((left + mark.width for left, mark in self._line), default=0)
        start = self._layout.margin + max(0, self._area - width) * self._layout.align // 2
        self.roll.put(height, ((start + left, mark) for left, mark in self._line))
        self._line.clear()
        self._x = 0
        self.roll.feed(max(height, self._layout.spacing if dots is None else dots))

    def _print_block(self, mark: Mark) -> None:
        """Images and symbols are printed for themselves, on a line without spacing."""
        if self._line:
            self._end_line()
        self._line.append((0, mark))
        self._end_line(0)

    # The methods below are the commands; each takes its argument bytes.

    def _initialise(self, _: bytes) -> None:
        self._line.clear()
        self._x = 0
        self._layout = Layout()
        self._codes.reset()
        self._watch(0)

    def _feed_line(self, _: bytes) -> None:
        self._end_line()

    def _feed_dots(self, arguments: bytes) -> None:
        self._end_line(arguments[0])

    def _feed_lines(self, arguments: bytes) -> None:
        self._end_line(arguments[0] * self._layout.spacing)

    def _chinese_on(self, _: bytes) -> None:
        self._codes.chinese = True

    def _chinese_off(self, _: bytes) -> None:
        self._codes.chinese = False

    def _code_page(self, arguments: bytes) -> None:
        if arguments[0] in CODE_PAGES:
            self._codes.page = CODE_PAGES[arguments[0]]
        else:
            self.ignored[f"1b74: code page {arguments[0]}"] += 1

    def _go_to(self, arguments: bytes) -> None:
        if (x := int.from_bytes(arguments, "little")) <= self._area:
            self._x = x

    def _go_by(self, arguments: bytes) -> None:
        if 0 <= (x := self._x + int.from_bytes(arguments, "little", signed=True)) <= self._area:
            self._x = x

    def _tab(self, _: bytes) -> None:
        cell = (12 + self._layout.latin_gap) * self._layout.latin.wide
        stop = next((x for tab in self._layout.tabs if (x := tab * cell) > self._x), None)
        if stop is not None and stop < self._area:
            self._x = stop

    def _cut(self, arguments: bytes) -> None:
        """GS V m (n): 65 and 66 feed the paper to the cutter first, by n dots more."""
        if self._line:
            self._end_line()
        if arguments[:1] in (b"A", b"B", b"a", b"b", b"g", b"h"):
            self.roll.feed(HEAD_TO_CUTTER + arguments[1])
        if self._cutter:
            self._on_cut()

    def _raster(self, arguments: bytes) -> None:
        self._print_block(raster(arguments, self.roll.width))

    def _columns(self, arguments: bytes) -> None:
        self._place(columns(arguments, self.roll.width))

    def _extended(self, arguments: bytes) -> None:
        """GS ( and GS 8: a letter, a length, and a function of that letter."""
        letter, body = chr(arguments[0]), arguments[3:]
        match letter, body[:2]:
            case "k", b"1A" | b"1C" | b"1E" | b"1P" | b"1Q" | b"1R":
                self._qr_function(body[1], body[2:])
            case "L", _:
                self._graphics(body)
            case "H", b"00":
                self._answer(b"\x37\x22" + body[2:6] + b"\0")
            case _:
                self.ignored[f"1d28{arguments[0]:02x}"] += 1

    def _long_graphics(self, arguments: bytes) -> None:
        if arguments[0] == ord("L"):
            self._graphics(arguments[5:])
        else:
            self.ignored[f"1d38{arguments[0]:02x}"] += 1

    def _graphics(self, body: bytes) -> None:
        match body[:2]:
            case b"0p":
                self._stored = stored_raster(body[2:], self.roll.width)
            case b"0\x02" | b"02":
                if self._stored is not None:
                    self._print_block(self._stored)
                self._stored = None
            case _:
                self.ignored[f"1d284c function {body[1:2].hex()}"] += 1

    def _qr_function(self, function: int, arguments: bytes) -> None:
        if function == 0x51:
            self._print_block(self._qr.symbol())
        elif function == 0x52:
            self._answer(self._qr.size())
        else:
            self._qr.set(function, arguments)

    def _transmit(self, arguments: bytes) -> None:
        self._answer(transmitted(self._condition(), arguments[0]))

    def _automatic(self, arguments: bytes) -> None:
        self._watch(arguments[0])

    def _identify(self, arguments: bytes) -> None:
        if name := _NAMES.get(arguments[0]):
            self._answer(b"_" + name + b"\0")
        else:
            self._answer(_IDENTITY.get(arguments[0], b""))

    def _nothing(self, _: bytes) -> None:
        """Answered when it arrived, or without a visible effect on paper."""


Action = Callable[[Interpreter, bytes], None]
_ACTIONS: dict[str, Action] = {
    "09": Interpreter._tab,
    "0a": Interpreter._feed_line,
    "0c": Interpreter._feed_line,
    "0d": Interpreter._nothing,
    "1004": Interpreter._nothing,
    "1005": Interpreter._nothing,
    "1014": Interpreter._nothing,
    "1b24": Interpreter._go_to,
    "1b2a": Interpreter._columns,
    "1b40": Interpreter._initialise,
    "1b4a": Interpreter._feed_dots,
    "1b5c": Interpreter._go_by,
    "1b64": Interpreter._feed_lines,
    "1b69": Interpreter._cut,
    "1b6d": Interpreter._cut,
    "1b70": Interpreter._nothing,
    "1b74": Interpreter._code_page,
    "1c26": Interpreter._chinese_on,
    "1c2e": Interpreter._chinese_off,
    "1d28": Interpreter._extended,
    "1d38": Interpreter._long_graphics,
    "1d49": Interpreter._identify,
    "1d56": Interpreter._cut,
    "1d61": Interpreter._automatic,
    "1d72": Interpreter._transmit,
    "1d7630": Interpreter._raster,
}
