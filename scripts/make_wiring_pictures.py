"""Draws the wiring sketches of docs/devices.md in both languages: `make pictures ONLY=wiring` writes
docs/pictures/zh/wiring-*.svg and docs/pictures/en/wiring-*.svg."""

from pathlib import Path

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
SIGNAL, SUPPLY, GROUND, BUS_A, BUS_B = "#1f6feb", "#cf222e", "#57606a", "#8250df", "#1a7f37"
LINE = 16
Words = str | tuple[str, str]
"""The same in both languages, or Chinese and English."""


class Sketch:
    """One picture, drawn in pixels from the top left."""

    def __init__(self, width: int, height: int, language: str) -> None:
        self._size = width, height
        self._language = language
        self._parts: list[str] = []

    def box(self, x: int, y: int, width: int, height: int, *lines: Words, fill: str = "#f6f8fa") -> None:
        """A part, with its names in its middle."""
        self._parts.append(f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="6" fill="{fill}" stroke="#24292f"/>')
        top = y + height / 2 - (len(lines) - 1) * LINE / 2 + 5
        for number, line in enumerate(lines):
            self.text(x + width // 2, round(top + number * LINE), line, bold=number == 0, anchor="middle")

    def wire(self, colour: str, *points: tuple[int, int], dashed: bool = False) -> None:
        """A wire through these points."""
        path = " ".join(f"{x},{y}" for x, y in points)
        dash = ' stroke-dasharray="5 4"' if dashed else ""
        self._parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.5"{dash}/>')

    def joint(self, colour: str, *places: tuple[int, int]) -> None:
        """Where wires are joined."""
        self._parts += [f'<circle cx="{x}" cy="{y}" r="4" fill="{colour}"/>' for x, y in places]

    def text(self, x: int, y: int, words: Words, *, bold: bool = False, anchor: str = "start", colour: str = "#24292f") -> None:
        """Words beside something."""
        said = words if isinstance(words, str) else words[self._language == "en"]
        weight = ' font-weight="600"' if bold else ""
        self._parts.append(f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{colour}"{weight}>{said}</text>')

    def save(self, name: str) -> None:
        """Write the picture."""
        width, height = self._size
        head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        font = "font-family=\"'Noto Sans CJK SC','Noto Sans SC',sans-serif\" font-size=\"13\""
        ground = f'<rect width="{width}" height="{height}" fill="white"/>'
        (FOLDER / self._language / name).write_text(
            "\n".join([f"{head} {font}>", ground, *self._parts, "</svg>", ""]), encoding="utf-8"
        )


def node(language: str) -> None:
    """What hangs on one Raspberry Pi, and through what."""
    sketch = Sketch(900, 560, language)
    sketch.box(30, 40, 150, 480, ("树莓派", "Raspberry Pi"), ("节点", "node"), fill="#ddf4ff")
    keys = ("按键、门磁、人体感应、求助", "keys, door, motion, help")
    rows: list[tuple[int, str, str, tuple[Words, ...], tuple[Words, ...]]] = [
        (60, "SPI", SIGNAL, ("74AHCT125", ("电平转换", "level shifter")), (("MAX7219 点阵屏", "LED board of MAX7219"),)),
        (130, "GPIO 3.3 V", SIGNAL, ("1 kΩ + NPN", ("灯", "lamps")), (keys,)),
        (
            200, "USB", BUS_A, (("RS-485 转换器", "RS-485 adapter"),),
            (("条屏、叫号器、评价器", "strips, callers, raters"), ("共用一条线", "on one line")),
        ),
        (270, "USB", BUS_A, (), (("小键盘、扫码器", "keypad, scanner"),)),
        (340, "USB / RS-232", BUS_A, (), (("热敏打印机 58/80 mm", "ticket printer, 58/80 mm"), ("自备电源", "own supply"))),
        (410, "USB", BUS_A, (("声卡", "sound card"), ("+ 功放", "+ amplifier")), (("音箱", "loudspeakers"),)),
    ]  # fmt: skip
    for y, port, colour, between, device in rows:
        sketch.wire(colour, (180, y + 25), (600, y + 25))
        sketch.text(190, y + 18, port, colour=colour)
        if between:
            sketch.box(330, y, 160, 50, *between)
        sketch.box(600, y, 270, 50, *device, fill="#fff8c5")
    sketch.wire(BUS_B, (180, 500), (600, 500))
    sketch.text(190, 493, "Ethernet", colour=BUS_B)
    sketch.box(330, 475, 160, 50, ("交换机", "switch"))
    there = ("网络打印机、文字卡、控制器", "network printer, text card, controller")
    sketch.box(600, 475, 270, 50, there, fill="#fff8c5")
    sketch.text(30, 545, (
        "屏、打印机、灯、功放各用自己的电源，与树莓派共地；引脚只能承受 3.3 V。",
        "Boards, printers, lamps and amplifiers have own supplies, ground in common with the Pi; its lines bear 3.3 V only.",
    ))  # fmt: skip
    sketch.save("wiring-node.svg")


def bus(language: str) -> None:
    """An RS-485 line: one row, ended at both ends."""
    sketch = Sketch(900, 330, language)
    sketch.box(20, 90, 120, 130, ("RS-485 转换器", "RS-485 adapter"), "USB", "A / B / GND", fill="#ddf4ff")
    for y, colour, name in ((110, BUS_A, "A (D+)"), (155, BUS_B, "B (D−)"), (200, GROUND, "GND")):
        sketch.wire(colour, (140, y), (800, y))
        sketch.text(148, y - 6, name, colour=colour)
    devices: list[tuple[int, Words, Words]] = [
        (250, ("条屏", "strip"), ("地址 3", "address 3")),
        (430, ("叫号器", "caller"), ("地址 5", "address 5")),
        (610, ("评价器", "rater"), ("地址 5 或 6", "address 5 or 6")),
    ]
    for x, kind, address in devices:
        for offset, y, colour in ((20, 110, BUS_A), (65, 155, BUS_B), (110, 200, GROUND)):
            sketch.wire(colour, (x + offset, y), (x + offset, 240))
            sketch.joint(colour, (x + offset, y))
        sketch.box(x, 240, 130, 50, kind, address, fill="#fff8c5")
    for x in (228, 785):
        sketch.wire(GROUND, (x, 110), (x, 155))
        sketch.joint(BUS_A, (x, 110))
        sketch.joint(BUS_B, (x, 155))
        sketch.box(x - 32, 122, 64, 22, "120 Ω", fill="white")
    row = ("一条线手拉手，不要星形；两端各一个 120 Ω，中间没有。", "One row, no star; 120 Ω at both ends and nowhere else.")
    sketch.text(20, 30, row, bold=True)
    sketch.text(20, 52, (
        "双绞线传 A、B，屏蔽层一端接地。不显示时先对调 A、B。",
        "A twisted pair for A and B, the shield to earth at one end. Nothing shows: swap A and B.",
    ))  # fmt: skip
    sketch.text(20, 318, (
        "同一条线上速率相同、地址不同；同一窗口的叫号器与评价器可共用一个地址。",
        "One speed on a line; every device has its own address, but a caller and its window's rater may share one.",
    ))  # fmt: skip
    sketch.save("wiring-rs485.svg")


def gpio(language: str) -> None:
    """A key, a lamp, and contacts that close or open."""
    sketch = Sketch(900, 360, language)
    sketch.box(30, 40, 130, 290, "Raspberry Pi", "GPIO", ("只能 3.3 V", "3.3 V only"), fill="#ddf4ff")
    sketch.wire(SIGNAL, (160, 80), (300, 80))
    sketch.text(168, 72, ("line（按键）", "line (key)"), colour=SIGNAL)
    sketch.box(300, 55, 180, 50, ("触点", "contact"), ("按键、门磁、求助", "key, door, help"))
    sketch.wire(GROUND, (480, 80), (560, 80), (560, 310), (160, 310))
    sketch.text(168, 302, "GND", colour=GROUND)
    sketch.wire(SIGNAL, (160, 190), (230, 190))
    sketch.text(168, 182, "lamp", colour=SIGNAL)
    sketch.box(230, 175, 80, 30, "1 kΩ")
    sketch.wire(SIGNAL, (310, 190), (400, 190))
    sketch.joint(SIGNAL, (350, 190))
    sketch.wire(GROUND, (350, 190), (350, 235))
    sketch.box(310, 235, 80, 30, "10 kΩ")
    sketch.wire(GROUND, (350, 265), (350, 310))
    sketch.box(400, 165, 110, 50, "NPN / MOSFET", ("基极 / 栅极", "base / gate"))
    sketch.wire(GROUND, (455, 215), (455, 310))
    sketch.joint(GROUND, (350, 310), (455, 310), (560, 310))
    sketch.wire(SUPPLY, (510, 190), (620, 190))
    sketch.box(620, 165, 110, 50, ("灯", "lamp"), fill="#fff8c5")
    sketch.wire(SUPPLY, (730, 190), (780, 190))
    sketch.box(780, 165, 100, 50, ("灯的电源", "lamp's supply"))
    sketch.wire(GROUND, (830, 215), (830, 310), (560, 310))
    sketch.text(600, 60, ("常开 closes：按下为低电平", "closes: pressed = low"), bold=True)
    sketch.text(600, 82, ("常闭 opens：按下或断线为高电平", "opens: high = pressed, or the cable is cut"), bold=True)
    sketch.text(600, 112, ("线长超过 2 m：上拉 4.7 kΩ，对地 100 nF", "longer than 2 m: 4.7 kΩ pull-up, 100 nF"))
    sketch.text(180, 345, (
        "灯接 GPIO 9–27，树莓派启动时它们为低电平。", "Lamps on lines 9–27, which are low while the Pi starts.",
    ))  # fmt: skip
    sketch.save("wiring-gpio.svg")


def matrix(language: str) -> None:
    """A cascade of MAX7219 blocks with its level shifter and its supply."""
    sketch = Sketch(900, 330, language)
    sketch.box(20, 70, 140, 170, "Raspberry Pi", "MOSI, pin 19", "SCLK, pin 23", "CE0, pin 24", "GND, pin 25", fill="#ddf4ff")
    sketch.box(230, 70, 130, 170, "74AHCT125", "3.3 V → 5 V", ("靠近第一块", "near the first block"))
    names = ((95, "DIN"), (135, "CLK"), (175, "CS"))
    for y, name in names:
        sketch.wire(SIGNAL, (160, y), (230, y))
        sketch.wire(SIGNAL, (360, y), (430, y))
        sketch.text(372, y - 6, name, colour=SIGNAL)
    sketch.wire(GROUND, (160, 222), (430, 222))
    places: tuple[Words, ...] = (("左上", "top left"), ("第二块", "second"), "…")
    for number in range(3):
        x = 430 + number * 150
        sketch.box(x, 70, 110, 170, "MAX7219", "8x8", places[number], fill="#fff8c5")
        if number < 2:
            sketch.wire(SIGNAL, (x + 110, 95), (x + 150, 95))
            sketch.text(x + 113, 88, "DOUT", colour=SIGNAL)
            for y, _ in names[1:]:
                sketch.wire(SIGNAL, (x + 110, y), (x + 150, y))
            sketch.wire(GROUND, (x + 110, 222), (x + 150, 222))
    sketch.box(540, 280, 190, 40, ("5 V 电源", "5 V LED supply"))
    for x in (470, 820):
        sketch.wire(SUPPLY, (x, 240), (x, 292), (540 if x == 470 else 730, 292))
        sketch.wire(GROUND, (x + 18, 240), (x + 18, 308), (540 if x == 470 else 730, 308))
    sketch.text(20, 30, (
        "电源从两端及每 16 块馈入，与树莓派共地；不要用树莓派的 5 V。",
        "Feed the supply in at both ends and every 16 blocks, ground in common with the Pi; never from the Pi's 5 V.",
    ), bold=True)  # fmt: skip
    length = ("8 MHz 时树莓派到第一块不超过 0.5 m。", "At 8 MHz at most 0.5 m from the Pi to the first block.")
    sketch.text(20, 52, length)
    sketch.save("wiring-matrix.svg")


if __name__ == "__main__":
    for draw in (node, bus, gpio, matrix):
        draw("zh")
        draw("en")
