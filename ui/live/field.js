/**
 * Draws all points of a map as dots into one image and finds the one under the pointer.
 * Dots are written as 32-bit pixels: that is what makes 70,000 of them fit into a frame.
 */

export const HIDDEN = 0;
export const DIMMED = 1;
export const SHOWN = 2;
/** Palette entry of dimmed points. */
export const GREY = 255;
const LEVELS = 16; // shades from near to far
const OFF = -1e6;

export class Field {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    if (!this.context) throw new Error("this browser gives no canvas to draw on");
    this.palette = new Uint32Array(256 * LEVELS);
    this.starts = new Uint32Array(LEVELS + 1);
    this.setPoints(new Float32Array(0));
  }

  /** @param {Float32Array} points (N, 3) in units of the map; kept, not copied */
  setPoints(points) {
    const count = points.length / 3;
    this.points = points;
    if (this.right?.length === count) return;
    this.right = new Float32Array(count); // on the screen, in canvas pixels
    this.down = new Float32Array(count);
    this.depth = new Float32Array(count);
    this.level = new Uint8Array(count);
    this.order = new Uint32Array(count);
    this.inOrder = false;
    this.colours = new Uint8Array(count);
    this.state = new Uint8Array(count).fill(SHOWN);
  }

  /** @param {number} ratio canvas pixels for one CSS pixel */
  resize(width, height, ratio) {
    this.canvas.width = Math.max(1, Math.round(width * ratio));
    this.canvas.height = Math.max(1, Math.round(height * ratio));
    this.ratio = ratio;
    this.image = this.context.createImageData(this.canvas.width, this.canvas.height);
    this.pixels = new Uint32Array(this.image.data.buffer);
  }

  /**
   * @param {number[][]} colours [red, green, blue] of each entry; number `GREY` is for dimmed
   * @param {number[]} background what far points fade into
   */
  setPalette(colours, background) {
    colours.forEach((colour, entry) => {
      for (let level = 0; level < LEVELS; level++) {
        const share = (0.72 * (LEVELS - 1 - level)) / (LEVELS - 1);
        const [r, g, b] = colour.map((c, i) => Math.round(c + (background[i] - c) * share));
        this.palette[entry * LEVELS + level] = (255 << 24) | (b << 16) | (g << 8) | r;
      }
    });
  }

  /** Edge of a dot in CSS pixels: larger where there is room. */
  dotSize(zoom) {
    const count = this.right.length;
    const base = count > 100_000 ? 2 : count > 20_000 ? 2.4 : count > 3_000 ? 3.5 : 6;
    return Math.min(9, base * Math.max(1, zoom) ** 0.4);
  }

  /**
   * @param {import("./camera.js").Camera} camera
   * @param {boolean} deep whether far points are shaded and drawn first
   */
  draw(camera, deep) {
    const { right, down, depth, level, state } = this;
    camera.projectAll(this.points, right, down, depth, this.ratio);
    const near = LEVELS - 1;
    for (let i = 0; i < right.length; i++) {
      if (state[i] === HIDDEN) right[i] = OFF;
      const shade = ((depth[i] + 1.1) / 2.2) * near;
      level[i] = deep ? (shade < 0 ? 0 : shade > near ? near : shade) : near;
    }
    this.sort(deep);
    this.pixels.fill(0);
    const stamp = disc(Math.round(this.dotSize(camera.zoom) * this.ratio), this.canvas.width);
    const mixed = state.includes(DIMMED);
    if (mixed) this.splat(stamp, DIMMED);
    this.splat(stamp, SHOWN);
    this.context.putImageData(this.image, 0, 0);
  }

  /** Far points first: one counting sort by shade is all the order that the eye needs. */
  sort(deep) {
    const { order, level } = this;
    if (!deep) {
      if (!this.inOrder) for (let i = 0; i < order.length; i++) order[i] = i;
      this.inOrder = true;
      return;
    }
    this.inOrder = false;
    const starts = this.starts.fill(0);
    for (let i = 0; i < level.length; i++) starts[level[i] + 1]++;
    for (let l = 0; l < LEVELS; l++) starts[l + 1] += starts[l];
    for (let i = 0; i < level.length; i++) order[starts[level[i]]++] = i;
  }

  splat({ offsets, reach }, wanted) {
    const { right, down, level, state, order, colours, palette, pixels } = this;
    const { width, height } = this.canvas;
    const lastX = width - reach, lastY = height - reach;
    for (let n = 0; n < order.length; n++) {
      const i = order[n];
      if (state[i] !== wanted) continue;
      const x = right[i] | 0, y = down[i] | 0;
      if (x < reach || y < reach || x >= lastX || y >= lastY) continue;
      const entry = wanted === DIMMED ? GREY : colours[i];
      const colour = palette[entry * LEVELS + level[i]];
      const at = y * width + x;
      for (let k = 0; k < offsets.length; k++) pixels[at + offsets[k]] = colour;
    }
  }

  /**
   * The point under a pixel of the page: of those whose dots lie under it the one in front,
   * else the closest within reach.
   * @returns {number} its index, or −1
   */
  pick(cssX, cssY, cssReach, zoom) {
    const { right, down, depth, state, ratio } = this;
    const x = cssX * ratio, y = cssY * ratio, reach = cssReach * ratio;
    const dot = (0.5 * this.dotSize(zoom) * this.ratio + 1) ** 2;
    let best = -1, bestScore = reach * reach;
    for (let i = 0; i < right.length; i++) {
      const dx = right[i] - x, dy = down[i] - y;
      const squared = dx * dx + dy * dy;
      if (squared >= reach * reach || state[i] !== SHOWN) continue;
      const score = squared < dot ? squared * 1e-6 - 1 - depth[i] - 1e3 : squared;
      if (score < bestScore) {
        best = i;
        bestScore = score;
      }
    }
    return best;
  }
}

const discs = new Map();

/** Offsets of a dot's pixels in an image of that width; kept, since zooming asks again. */
export function disc(size, width) {
  const name = `${size} ${width}`;
  if (!discs.has(name)) {
    const offsets = [];
    const middle = (size - 1) / 2;
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const outside = Math.hypot(x - middle, y - middle) > size / 2 - 0.05 && size > 2;
        if (!outside) offsets.push((y - (size >> 1)) * width + x - (size >> 1));
      }
    }
    discs.set(name, { offsets: Int32Array.from(offsets), reach: (size >> 1) + 1 });
  }
  return discs.get(name);
}
