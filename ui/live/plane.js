/**
 * A decoded grid over two numbers, and marks on it. Says where the pointer is; knows no network.
 */

const MARK = "#ffd43b"; // seen on black and on white, as the pictures are
const HALO = "rgba(0, 0, 0, 0.75)";

export class Plane {
  /**
   * @param {HTMLElement} root holds two canvases: `.tiles`, and `.marks` above it
   * @param {{hover: Function, leave: Function, moved: Function, released: Function}} told
   *   `hover` and `moved` get the shares of the plane's width, from the left, and of its
   *   height, from the bottom
   */
  constructor(root, told) {
    this.tiles = root.querySelector(".tiles");
    this.marks = root.querySelector(".marks");
    this.context = this.tiles.getContext("2d");
    if (!this.context) throw new Error("this browser gives no canvas to draw on");
    this.shown = { current: null, hover: null, rings: [], dots: [] };
    this.held = false;
    this.listen(told);
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(this.marks);
  }

  /**
   * @param {number} side pictures along each side
   * @param {number[]} shape [C, H, W] of a picture
   */
  build(side, [channels, height, width]) {
    Object.assign(this, { side, channels, height, width });
    this.tiles.width = side * width;
    this.tiles.height = side * height;
    this.pixels = this.context.createImageData(width, height);
    this.pixels.data.fill(255);
  }

  /** Where the middle of a picture lies, counted from the top left: shares as in `told`. */
  at(index) {
    const { side } = this;
    return [((index % side) + 0.5) / side, 1 - (Math.floor(index / side) + 0.5) / side];
  }

  /** @param {?Float32Array} image (C, H, W) in [0, 1]; null while another model's decoder is on its way */
  paint(index, image) {
    if (!image) return;
    const { data } = this.pixels;
    const area = this.height * this.width;
    const [green, blue] = this.channels === 3 ? [area, 2 * area] : [0, 0];
    for (let i = 0, to = 0; i < area; i++, to += 4) {
      data[to] = 255 * image[i]; // a canvas rounds
      data[to + 1] = 255 * image[i + green];
      data[to + 2] = 255 * image[i + blue];
    }
    const row = Math.floor(index / this.side);
    this.context.putImageData(this.pixels, (index % this.side) * this.width, row * this.height);
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.marks;
    if (!width || !height) return;
    this.ratio = Math.min(2, globalThis.devicePixelRatio || 1);
    this.marks.width = Math.round(width * this.ratio);
    this.marks.height = Math.round(height * this.ratio);
    this.draw();
  }

  /**
   * Draw the marks: `current` and `hover` as shares, `dots` as a list of them, `rings` as
   * ellipses `{at, radii}`.
   */
  draw() {
    const { marks, shown } = this;
    const context = marks.getContext("2d");
    const { clientWidth: width, clientHeight: height } = marks;
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const path = ([x, y], [rx, ry]) => {
      context.beginPath();
      context.ellipse(x * width, (1 - y) * height, rx * width, ry * height, 0, 0, 2 * Math.PI);
    };
    const outline = (colour, thick) => {
      for (const [style, line] of [[HALO, thick + 2.5], [colour, thick]]) {
        context.strokeStyle = style;
        context.lineWidth = line;
        context.stroke();
      }
    };
    for (const { at, radii } of shown.rings) {
      path(at, radii);
      outline(MARK, 1.5);
    }
    const round = (at, pixels) => path(at, [pixels / width, pixels / height]);
    for (const dot of shown.dots) {
      round(dot, 3.5);
      outline("#ffffff", 1);
      context.fillStyle = MARK;
      context.fill();
    }
    if (shown.current) {
      round(shown.current, 8);
      outline("#ffffff", 2.5);
    }
    if (shown.hover) {
      round(shown.hover, 5);
      outline(MARK, 1.5);
    }
  }

  listen(told) {
    const { marks } = this;
    const share = (event) => {
      const box = marks.getBoundingClientRect();
      const within = (value) => Math.max(0, Math.min(1, value));
      return [within((event.clientX - box.left) / box.width), within(1 - (event.clientY - box.top) / box.height)];
    };
    marks.onpointerdown = (event) => {
      if (event.button > 0) return;
      marks.setPointerCapture(event.pointerId);
      this.held = true;
      told.moved(...share(event));
    };
    marks.onpointermove = (event) => (this.held ? told.moved : told.hover)(...share(event));
    marks.onpointerup = marks.onpointercancel = () => {
      if (!this.held) return;
      this.held = false;
      told.released();
    };
    marks.onpointerleave = () => this.held || told.leave();
  }

  close() {
    this.observer.disconnect();
  }
}
