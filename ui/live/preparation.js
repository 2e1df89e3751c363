/**
 * A drawn digit brought into the form of MNIST: the twin of `latent.digits.mnist_digit`.
 * Knows no canvas and no network. What is large is allocated once.
 */

import { Distances } from "./distances.js";
import { evenRound, Resampler } from "./resample.js";

const SIDE = 28; // of the picture that the model sees
const LONGER = 20; // pixels of the longer side of the digit in it
const FAINT = 26; // of 255: contrast below which nothing is drawn
const INK = 51; // of 255: what counts as part of the drawing when it is cut out
const FINE = 4; // strokes are measured at so many times the resolution
const BROAD = 6.0; // pixels: what is broader is no stroke, and stays as broad
const WIDTHS = [2.0, 2.8]; // pixels: MNIST's strokes, its thinnest and widest quarter left out
const RIM = FINE * Math.trunc(WIDTHS[1] + 5); // around the fine picture, so that strokes may grow
const FULL = FINE * LONGER + 2 * RIM; // pixels of a side of the fine picture at most

export class Preparation {
  /** @param {number} size side of the sheet in pixels */
  constructor(size) {
    this.size = size;
    this.ink = new Uint8Array(size * size);
    this.cut = new Float32Array(size * size);
    this.fine = new Float32Array(FULL * FULL);
    this.some = new Float32Array(FULL * FULL);
    this.inside = new Uint8Array(FULL * FULL);
    this.changed = new Uint8Array(FULL * FULL);
    this.depth = new Float64Array(FULL * FULL);
    this.beyond = new Float64Array(FULL * FULL);
    this.small = new Float32Array(LONGER * LONGER);
    this.x = new Float32Array(SIDE * SIDE);
    this.shades = new Uint8Array(256);
    this.counts = new Uint32Array(256);
    this.resampler = new Resampler(Math.max(size, FULL));
    this.distances = new Distances(FULL * FULL);
  }

  /**
   * @param {ArrayLike<number>} pixels (size · size · 4,), all shades grey
   * @returns {?Float32Array} (784,) in [0, 1], overwritten by the next call; null if nothing is drawn
   */
  run(pixels) {
    if (!this.readInk(pixels)) return null;
    const cut = this.withStroke(this.cutOut(this.ink, this.size, this.size));
    this.center(this.resampler.fit(cut, LONGER, this.small));
    return this.x;
  }

  /** Fill `ink`: how much each pixel differs from the ground, which is the colour at the rim. */
  readInk(pixels) {
    const { size, ink, shades } = this;
    const ground = this.ground(pixels);
    let [darkest, lightest] = [255, 0];
    for (let i = 0; i < 4 * ink.length; i += 4) {
      if (pixels[i] < darkest) darkest = pixels[i];
      if (pixels[i] > lightest) lightest = pixels[i];
    }
    const light = ground > 127;
    const contrast = light ? ground - darkest : lightest - ground;
    if (contrast < FAINT) return false;
    for (let value = 0; value < 256; value++) {
      const share = (light ? ground - value : value - ground) / contrast;
      shades[value] = evenRound(255 * Math.max(0, Math.min(1, share)));
    }
    for (let i = 0; i < size * size; i++) ink[i] = shades[pixels[4 * i]];
    return true;
  }

  /** Median of the colours along the edge; the corners count twice. */
  ground(pixels) {
    const { size, counts } = this;
    counts.fill(0);
    for (let i = 0; i < size; i++) {
      for (const at of [i, size * (size - 1) + i, size * i, size * i + size - 1]) counts[pixels[4 * at]] += 1;
    }
    const ranked = (rank) => {
      let value = 0;
      for (let left = rank - counts[0]; left >= 0; left -= counts[value]) value += 1;
      return value;
    };
    return Math.trunc((ranked(2 * size - 1) + ranked(2 * size)) / 2);
  }

  /** The smallest rectangle that holds all ink, in [0, 1]. */
  cutOut(ink, width, height) {
    let [left, right, top, bottom] = [width, -1, height, -1];
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        if (ink[i] <= INK) continue;
        if (x < left) left = x;
        if (x > right) right = x;
        if (y < top) top = y;
        bottom = y;
      }
    }
    const found = { width: right + 1 - left, height: bottom + 1 - top, values: this.cut };
    for (let y = 0, to = 0; y < found.height; y++) {
      for (let x = 0; x < found.width; x++, to++) this.cut[to] = ink[(top + y) * width + left + x] / 255;
    }
    return found;
  }

  /** The digit in even ink, with strokes as wide as most of MNIST's. */
  withStroke(cut) {
    const { inside, depth, beyond, changed, distances } = this;
    const { width, height } = this.refine(cut);
    const count = width * height;
    distances.run(inside, 0, width, height, depth);
    let [sum, drawn, deepest] = [0, 0, 0];
    for (let i = 0; i < count; i++) {
      if (!inside[i]) continue;
      drawn += 1;
      sum += depth[i] - 0.5;
      if (depth[i] - 0.5 > deepest) deepest = depth[i] - 0.5;
    }
    const stroke = (4 * sum) / drawn / FINE; // a band is as deep as a quarter of it
    const target = stroke > BROAD ? stroke : Math.max(WIDTHS[0], Math.min(WIDTHS[1], stroke));
    distances.run(inside, 1, width, height, beyond);
    const change = Math.max((FINE * (target - stroke)) / 2, 1 - deepest);
    for (let i = 0; i < count; i++) {
      const distance = inside[i] ? depth[i] - 0.5 : 0.5 - beyond[i];
      changed[i] = evenRound(255 * Math.max(0, Math.min(1, distance + change + 0.5)));
    }
    return this.cutOut(changed, width, height);
  }

  /** Fill `inside`: which pixels are drawn, at the fine resolution and with a rim. */
  refine(cut) {
    const { fine, inside, some } = this;
    const small = this.resampler.fit(cut, FINE * LONGER, fine);
    const [width, height] = [small.width + 2 * RIM, small.height + 2 * RIM];
    const count = small.width * small.height;
    let most = 0;
    for (let i = 0; i < count; i++) if (fine[i] > most) most = fine[i];
    let inked = 0;
    for (let i = 0; i < count; i++) if (fine[i] > Math.fround(0.02 * most)) some[inked++] = fine[i];
    const enough = 0.5 * percentile(some.subarray(0, inked), 0.9); // a hairline is faint everywhere
    inside.fill(0, 0, width * height);
    for (let y = 0, i = 0; y < small.height; y++) {
      for (let x = 0, to = (y + RIM) * width + RIM; x < small.width; x++, i++, to++) inside[to] = fine[i] >= enough ? 1 : 0;
    }
    return { width, height };
  }

  /** Put the small picture where its centre of mass is in the middle of the large one. */
  center({ width, height, values }) {
    let [total, down, right, most] = [0, 0, 0, 0];
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        total += values[i];
        down += values[i] * (y + 0.5);
        right += values[i] * (x + 0.5);
        if (values[i] > most) most = values[i];
      }
    }
    const start = (middle, side) => Math.max(0, Math.min(SIDE - side, evenRound(SIDE / 2 - middle)));
    const [top, left] = [start(down / total, height), start(right / total, width)];
    this.x.fill(0);
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) this.x[(top + y) * SIDE + left + x] = values[i] / most;
    }
  }
}

/** Of numbers that are sorted by it; between two of them in proportion, as NumPy does. */
function percentile(values, share) {
  values.sort();
  const at = share * (values.length - 1);
  const low = Math.floor(at);
  return values[low] + (values[Math.min(low + 1, values.length - 1)] - values[low]) * (at - low);
}
