/** Dots of any colour and of a few sizes: what is certain is large. */

import { disc, Field, HIDDEN } from "./field.js";

const SIZES = [0.45, 0.7, 0.95, 1.2]; // of a dot, from unsure to certain

export class SoftField extends Field {
  /** @param {Float32Array} points (N, 3) in units of the map */
  setPoints(points) {
    super.setPoints(points);
    const count = points.length / 3;
    if (this.tints?.length === count) return;
    this.tints = new Uint32Array(count).fill(0xff888888);
    this.sizes = new Uint8Array(count);
  }

  draw(camera) {
    const { right, down, depth, state, tints, sizes, pixels } = this;
    camera.projectAll(this.points, right, down, depth, this.ratio);
    for (let i = 0; i < right.length; i++) if (state[i] === HIDDEN) right[i] = -1e6;
    pixels.fill(0);
    const { width, height } = this.canvas;
    const edge = this.dotSize(camera.zoom) * this.ratio;
    const stamps = SIZES.map((size) => disc(Math.max(2, Math.round(edge * size)), width));
    for (let i = 0; i < right.length; i++) {
      const { offsets, reach } = stamps[sizes[i]];
      const x = right[i] | 0, y = down[i] | 0;
      if (x < reach || y < reach || x >= width - reach || y >= height - reach) continue;
      const at = y * width + x, tint = tints[i];
      for (let k = 0; k < offsets.length; k++) pixels[at + offsets[k]] = tint;
    }
    this.context.putImageData(this.image, 0, 0);
  }

  /**
   * Colours mixed by the responsibilities, sizes by how certain the most likely one is.
   * @param {Float32Array} resp (N, K)
   * @param {number[][]} colours [red, green, blue] of each component
   */
  mix(resp, colours) {
    const { tints, sizes } = this;
    const count = colours.length, last = SIZES.length - 1;
    const flat = Float64Array.from(colours.flat());
    for (let i = 0, at = 0; i < tints.length; i++, at += count) {
      let red = 0, green = 0, blue = 0, most = 0;
      for (let k = 0; k < count; k++) {
        const share = resp[at + k];
        if (share > most) most = share;
        red += share * flat[3 * k];
        green += share * flat[3 * k + 1];
        blue += share * flat[3 * k + 2];
      }
      tints[i] = (255 << 24) | (blue << 16) | (green << 8) | red;
      sizes[i] = count === 1 ? last : Math.max(0, Math.min(last, ((most - 1 / count) / (1 - 1 / count)) * (last + 0.99)));
    }
  }

  /** Each point in one colour, all of one size: hard clusters. */
  paint(owners, colours) {
    const packed = Uint32Array.from(colours, ([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0);
    for (let i = 0; i < owners.length; i++) this.tints[i] = packed[owners[i]];
    this.sizes.fill(SIZES.length - 1);
  }

  /** Before anybody owns anything. */
  blank(grey) {
    const [r, g, b] = grey;
    this.tints.fill(((255 << 24) | (b << 16) | (g << 8) | r) >>> 0);
    this.sizes.fill(0);
  }

  /**
   * How responsible one component is for each point: from grey to its colour.
   * @param {number} component
   */
  single(resp, count, component, colour, grey) {
    const last = SIZES.length - 1;
    for (let i = 0; i < this.tints.length; i++) {
      const share = resp[i * count + component];
      const [r, g, b] = colour.map((value, c) => grey[c] + (value - grey[c]) * share);
      this.tints[i] = (255 << 24) | (b << 16) | (g << 8) | r;
      this.sizes[i] = Math.min(last, share * (last + 0.99));
    }
  }
}
