/** Pictures in another size: the twin of Pillow's `Image.resize` on pictures of numbers. */

const BOX = { support: 0.5, weigh: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) };
const BICUBIC = {
  support: 2,
  weigh(given) {
    const x = Math.abs(given);
    if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
    return x < 2 ? -0.5 * (((x - 5) * x + 8) * x - 4) : 0;
  },
};

export class Resampler {
  /** @param {number} most pixels along a side of the largest picture */
  constructor(most) {
    this.between = new Float32Array(most * most);
    this.weights = new Float64Array(most);
  }

  /**
   * Bring the longer side to so many pixels: areas averaged where it shrinks, else bicubic.
   * @param {{width: number, height: number, values: Float32Array}} from row by row
   * @param {number} longer
   * @param {Float32Array} values filled with the new picture, kept in [0, 1]
   * @returns {{width: number, height: number, values: Float32Array}}
   */
  fit({ width, height, values: given }, longer, values) {
    const scale = longer / Math.max(width, height);
    const [toWidth, toHeight] = [width, height].map((side) => Math.max(1, evenRound(side * scale)));
    const filter = scale <= 1 ? BOX : BICUBIC;
    // across, then down, as Pillow does
    this.pass(filter, given, this.between, width, toWidth, height, 1, width, 1, toWidth);
    this.pass(filter, this.between, values, height, toHeight, toWidth, toWidth, 1, toWidth, 1);
    for (let i = 0; i < toWidth * toHeight; i++) values[i] = Math.max(0, Math.min(1, values[i]));
    return { width: toWidth, height: toHeight, values };
  }

  /** Along one axis: `lines` lines whose pixels lie `step` apart and that begin `line` apart. */
  pass(filter, from, to, size, toSize, lines, step, line, toStep, toLine) {
    const { weights } = this;
    const scale = size / toSize;
    const wide = Math.max(scale, 1);
    const support = filter.support * wide;
    for (let at = 0; at < toSize; at++) {
      const middle = (at + 0.5) * scale;
      const first = Math.max(0, Math.trunc(middle - support + 0.5));
      const count = Math.min(size, Math.trunc(middle + support + 0.5)) - first;
      let total = 0;
      for (let i = 0; i < count; i++) {
        weights[i] = filter.weigh((i + first - middle + 0.5) / wide);
        total += weights[i];
      }
      for (let i = 0; i < count; i++) weights[i] /= total;
      for (let l = 0; l < lines; l++) {
        let sum = 0;
        for (let i = 0, read = l * line + first * step; i < count; i++, read += step) sum += from[read] * weights[i];
        to[l * toLine + at * toStep] = sum;
      }
    }
  }
}

/** Halves go to the even neighbour, as in Python. */
export function evenRound(value) {
  const down = Math.floor(value);
  if (value - down !== 0.5) return Math.round(value);
  return down % 2 ? down + 1 : down;
}
