// Draws a board of LEDs: one round dot a pixel, lit dots glow, chips without power stay black.

const COLOURS = {
  main: [255, 58, 30],
  zone: [255, 162, 22],
  strip: [255, 58, 30],
};

const FINE = 6;

export class Leds {
  constructor(figure) {
    this.canvas = figure.querySelector("canvas");
    this.context = this.canvas.getContext("2d", { alpha: false });
    this.width = Number(figure.dataset.width);
    this.height = Number(figure.dataset.height);
    this.colour = COLOURS[["main", "zone", "strip"].find((name) => figure.classList.contains(name))];
    this.small = new OffscreenCanvas(this.width, this.height);
    this.view = null;
    this.fresh = true;
    this.figure = figure;
    this.bezel = this.canvas.parentElement;
    new ResizeObserver(() => this.fit()).observe(figure);
    this.fit();
  }

  // A whole number of device pixels for each LED, so that the grid has no moiré; where that would waste too much of a
  // narrow place, a finer picture is scaled down to it.
  fit() {
    const frame = this.bezel.offsetWidth - this.canvas.offsetWidth;
    const room = this.figure.clientWidth - frame;
    const whole = Math.floor((room * devicePixelRatio) / this.width);
    const pitch = whole < 4 ? FINE : whole;
    this.canvas.style.width = `${whole < 4 ? room : (this.width * pitch) / devicePixelRatio}px`;
    if (pitch === this.pitch) return;
    this.pitch = pitch;
    this.canvas.width = this.width * pitch;
    this.canvas.height = this.height * pitch;
    this.mask = this.holes(pitch);
    this.paint();
  }

  // A sheet of black plastic with a hole before every LED.
  holes(pitch) {
    const sheet = new OffscreenCanvas(this.canvas.width, this.canvas.height);
    const pen = sheet.getContext("2d");
    pen.fillStyle = "#090708";
    pen.fillRect(0, 0, sheet.width, sheet.height);
    pen.globalCompositeOperation = "destination-out";
    const radius = pitch * 0.43;
    pen.beginPath();
    for (let y = 0; y < this.height; y++) {
      for (let x = 0; x < this.width; x++) {
        const cx = (x + 0.5) * pitch, cy = (y + 0.5) * pitch;
        pen.moveTo(cx + radius, cy);
        pen.arc(cx, cy, radius, 0, 2 * Math.PI);
      }
    }
    pen.fill();
    return sheet;
  }

  show(view) {
    this.view = view;
    if (this.fresh) requestAnimationFrame(() => this.paint());
    this.fresh = false;
  }

  lit(x, y) {
    return this.bits && ((this.bits[y * (this.width >> 3) + (x >> 3)] >> (7 - (x & 7))) & 1);
  }

  paint() {
    this.fresh = true;
    const { context: pen, small } = this;
    this.bits = this.view && Uint8Array.from(atob(this.view.pixels), (letter) => letter.charCodeAt(0));
    const bright = this.view ? 0.6 + (0.4 * Math.min(15, this.view.intensity ?? 15)) / 15 : 0;
    const frame = new ImageData(this.width, this.height);
    const [r, g, b] = this.colour;
    for (let y = 0, at = 0; y < this.height; y++) {
      for (let x = 0; x < this.width; x++, at += 4) {
        const on = this.lit(x, y) ? bright : 0.055;
        frame.data[at] = r * on; frame.data[at + 1] = g * on; frame.data[at + 2] = b * on; frame.data[at + 3] = 255;
      }
    }
    small.getContext("2d").putImageData(frame, 0, 0);
    pen.globalCompositeOperation = "source-over";
    pen.imageSmoothingEnabled = false;
    pen.drawImage(small, 0, 0, this.canvas.width, this.canvas.height);
    pen.drawImage(this.mask, 0, 0);
    pen.globalCompositeOperation = "lighter";
    pen.imageSmoothingEnabled = true;
    pen.globalAlpha = 0.28;
    pen.drawImage(small, 0, 0, this.canvas.width, this.canvas.height);
    pen.globalAlpha = 1;
  }

  // The column of LEDs under a point of the page.
  x(event) {
    const box = this.canvas.getBoundingClientRect();
    return Math.floor(((event.clientX - box.left) / box.width) * this.width);
  }

  // The chip there: the nearest chip is the top-left block, then along the row.
  chip(event) {
    const box = this.canvas.getBoundingClientRect();
    const row = Math.floor(((event.clientY - box.top) / box.height) * (this.height >> 3));
    return row * (this.width >> 3) + (this.x(event) >> 3);
  }
}
