/** How far each pixel of a picture lies from the nearest one of a set, exactly. */

export class Distances {
  /** @param {number} most pixels of the largest picture */
  constructor(most) {
    this.down = new Float64Array(most);
    this.hull = new Int32Array(most);
    this.starts = new Float64Array(most + 1);
  }

  /**
   * Source: Felzenszwalb and Huttenlocher 2012, distance transforms of sampled functions.
   * @param {Uint8Array} mask (height · width,)
   * @param {number} wanted pixels of the mask with this value are the set
   * @param {number} width
   * @param {number} height
   * @param {Float64Array} found (height · width,), filled
   */
  run(mask, wanted, width, height, found) {
    const { down } = this;
    const far = width + height; // farther than any pixel from any other
    for (let x = 0; x < width; x++) {
      let distance = far;
      for (let at = x; at < width * height; at += width) {
        distance = mask[at] === wanted ? 0 : distance + 1;
        down[at] = distance;
      }
      distance = far;
      for (let at = x + (height - 1) * width; at >= 0; at -= width) {
        distance = mask[at] === wanted ? 0 : distance + 1;
        if (distance < down[at]) down[at] = distance;
      }
    }
    for (let y = 0; y < height; y++) this.along(y * width, width, found);
  }

  /** The lowest of the parabolas that stand on the pixels of a row. */
  along(from, width, found) {
    const { down, hull, starts } = this;
    const base = (x) => down[from + x] ** 2 + x * x;
    let last = 0;
    hull[0] = 0;
    starts[0] = -Infinity;
    for (let x = 1; x < width; x++) {
      const meets = () => (base(x) - base(hull[last])) / (2 * (x - hull[last]));
      let start = meets();
      while (start <= starts[last]) {
        last -= 1;
        start = meets();
      }
      last += 1;
      hull[last] = x;
      starts[last] = start;
    }
    starts[last + 1] = Infinity;
    for (let x = 0, k = 0; x < width; x++) {
      while (starts[k + 1] < x) k += 1;
      found[from + x] = Math.sqrt((x - hull[k]) ** 2 + down[from + hull[k]] ** 2);
    }
  }
}
