/** A round brush on a grid of pixels. Knows no canvas. */

/**
 * Set all pixels whose middle lies under the brush; at least the one it stands on.
 * @param {Uint8Array} hidden (height · width,), changed
 * @param {number[]} shape [height, width]
 * @param {number} x in pixels from the left
 * @param {number} y from the top
 * @param {number} radius in pixels
 * @param {number} value 1 hides, 0 shows
 */
export function dab(hidden, [height, width], x, y, radius, value) {
  const reach = Math.ceil(radius);
  const [column, row] = [Math.floor(x), Math.floor(y)];
  for (let i = Math.max(0, row - reach); i <= Math.min(height - 1, row + reach); i++) {
    for (let j = Math.max(0, column - reach); j <= Math.min(width - 1, column + reach); j++) {
      const near = (j + 0.5 - x) ** 2 + (i + 0.5 - y) ** 2 <= radius * radius;
      if (near || (i === row && j === column)) hidden[i * width + j] = value;
    }
  }
}

/**
 * The brush from one place to another, dabs at most half a pixel apart.
 * @param {Uint8Array} hidden (height · width,), changed
 * @param {number[]} shape [height, width]
 * @param {number[]} from [x, y]
 * @param {number[]} to [x, y]
 * @param {number} radius in pixels
 * @param {number} value 1 hides, 0 shows
 */
export function sweep(hidden, shape, [x0, y0], [x1, y1], radius, value) {
  const steps = Math.max(1, Math.ceil(2 * Math.hypot(x1 - x0, y1 - y0)));
  for (let step = 0; step <= steps; step++) {
    const t = step / steps;
    dab(hidden, shape, x0 + t * (x1 - x0), y0 + t * (y1 - y0), radius, value);
  }
}
